"""What files of the user's own import from beside themselves stays apart, and stays findable."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

from swither.own_code import OwnCode, load_own


def two_folders(tmp_path: Path, text: str) -> list[OwnCode]:
    for number, folder in enumerate("ab"):
        (tmp_path / folder / "together").mkdir(parents=True)
        (tmp_path / folder / "shared_name.py").write_text(f"K = {number}\n")
        (tmp_path / folder / "together" / "__init__.py").write_text("from together.inner import K\n")
        (tmp_path / folder / "together" / "inner.py").write_text("from shared_name import K\n")
        (tmp_path / folder / "mine.py").write_text(text)
    return [load_own(f"{tmp_path / folder}/mine.py:doubt") for folder in "ab"]


@pytest.mark.parametrize("module", ["shared_name", "together"])
@pytest.mark.parametrize(
    "form", ["from {0} import K\ndef doubt():\n    return K\n", "def doubt():\n    from {0} import K\n    return K\n"]
)
def test_two_folders_with_a_module_of_one_name_have_each_its_own(tmp_path: Path, form: str, module: str) -> None:
    first, second = two_folders(tmp_path, form.format(module))
    answers = []
    for code in (first, second, first):
        with code.at_home():
            answers.append(code.function())
    assert answers == [0, 1, 0]
    assert not {"shared_name", "together", "together.inner"} & sys.modules.keys()
    assert not any(str(tmp_path) in place for place in sys.path)


def test_a_script_keeps_the_module_that_it_imported_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "script").mkdir()
    (tmp_path / "script" / "shared_name.py").write_text("K = 7\n")
    monkeypatch.syspath_prepend(tmp_path / "script")
    monkeypatch.setitem(sys.modules, "shared_name", sys)  # so that it is taken away at the end
    del sys.modules["shared_name"]
    ours = importlib.import_module("shared_name")
    codes = two_folders(tmp_path, "from shared_name import K\ndef doubt():\n    return K\n")
    assert [code.function() for code in codes] == [0, 1]
    assert sys.modules["shared_name"] is ours
    (tmp_path / "script" / "mine.py").write_text("import shared_name\ndef doubt():\n    return shared_name\n")
    assert load_own(f"{tmp_path}/script/mine.py:doubt").function() is ours


def test_installed_packages_are_not_hidden_by_a_file_of_their_name(tmp_path: Path) -> None:
    import numpy as np

    (tmp_path / "numpy.py").write_text("raise ImportError('not this one')\n")
    (tmp_path / "mine.py").write_text("import numpy\ndef doubt():\n    return numpy\n")
    assert load_own(f"{tmp_path}/mine.py:doubt").function() is np


def test_the_module_of_a_neighbours_function_can_be_found_by_the_name_that_it_bears(tmp_path: Path) -> None:
    """Compilers of networks look for it so."""
    text = "from shared_name import f\ndef doubt():\n    return f\n"
    (tmp_path / "shared_name.py").write_text("K = 3\ndef f():\n    return K\n")
    (tmp_path / "mine.py").write_text(text)
    function = load_own(f"{tmp_path}/mine.py:doubt").function()
    assert vars(importlib.import_module(function.__globals__["__name__"])) is function.__globals__


def test_code_that_asks_for_itself_is_let_in_again(tmp_path: Path) -> None:
    (tmp_path / "shared_name.py").write_text("K = 3\n")
    (tmp_path / "mine.py").write_text("def doubt():\n    import shared_name\n    return shared_name.K\n")
    code = load_own(f"{tmp_path}/mine.py:doubt")
    with code.at_home():
        with code.at_home():
            assert code.function() == 3
        assert code.function() == 3
    assert "shared_name" not in sys.modules
