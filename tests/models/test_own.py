"""A network of the user's own takes what it can be given, and says so before torch is loaded."""

from __future__ import annotations

from pathlib import Path

import pytest

from swither.errors import InputError, UnknownName
from swither.models import ModelSettings, find_model
from swither.models.own import own_model_code, refuse_unused


def written(folder: Path, arguments: str) -> str:
    (folder / "net.py").write_text(f"def build({arguments}): ...\n")
    return f"{folder}/net.py:build"


def test_it_is_known_by_its_file(tmp_path: Path) -> None:
    kind = find_model(written(tmp_path, "image_shape, classes, depth=3"))
    assert len(kind.file) == 32
    assert find_model("tiny").file == ""


def test_one_file_has_one_name_in_the_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert ModelSettings(written(tmp_path, "image_shape, classes")) == ModelSettings("./net.py:build")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("classes", "does not take image_shape"),
        ("shape, n", "does not take image_shape and classes"),
        ("image_shape, classes, depth", "nothing provides depth"),
        ("*everything", r"takes \*everything"),
    ],
)
def test_other_arguments_are_refused_with_the_right_form(tmp_path: Path, arguments: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        ModelSettings(written(tmp_path, arguments))


def test_a_missing_function_or_settings_behind_the_name_are_refused(tmp_path: Path) -> None:
    name = written(tmp_path, "image_shape, classes")
    with pytest.raises(UnknownName, match="build"):
        find_model(f"{tmp_path}/net.py:biuld")
    with pytest.raises(InputError, match="no settings behind its name"):
        find_model(f"{name}:depth=3")


def test_a_width_goes_only_where_it_is_taken(tmp_path: Path) -> None:
    code = own_model_code(written(tmp_path, "image_shape, classes"))
    refuse_unused(code, None)
    with pytest.raises(InputError, match="takes no width"):
        refuse_unused(code, 8)
    with pytest.raises(InputError, match="needs a width"):
        refuse_unused(own_model_code(written(tmp_path, "image_shape, classes, width")), None)
