"""Names that load on first use, and what is said where an optional package is missing."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from swither.errors import MissingExtra
from swither.extras import require

Package = Callable[..., ModuleType]


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Package:
    """Makes a package ``lazily`` of the given files, whose ``__init__`` names what loads on first use."""

    def make(names: dict[str, str], **files: str) -> ModuleType:
        folder = tmp_path / "lazily"
        folder.mkdir()
        (folder / "__init__.py").write_text(f"from swither.extras import lazy\n__all__ = lazy(__name__, {names!r})\n")
        for name, text in files.items():
            (folder / f"{name}.py").write_text(text)
        monkeypatch.syspath_prepend(str(tmp_path))
        for known in [known for known in sys.modules if known.partition(".")[0] == "lazily"]:
            monkeypatch.delitem(sys.modules, known)
        return importlib.import_module("lazily")

    return make


def test_a_module_is_not_loaded_before_its_name_is_used(package: Package) -> None:
    made = package({"value": "lazily.idea"}, idea="value = 3")
    assert "lazily.idea" not in sys.modules
    assert made.value == 3
    assert "lazily.idea" in sys.modules


def test_a_function_wins_over_the_file_of_its_name(package: Package) -> None:
    made = package({"idea": "lazily.idea"}, idea="def idea():\n    return 'the function'\n")
    importlib.import_module("lazily.idea")  # binds the file to the package under the function's name
    assert made.idea() == "the function"


def test_public_names_are_listed_before_they_are_loaded(package: Package) -> None:
    made = package({"one": "lazily.a", "two": "lazily.b"}, a="one = 1", b="two = 2")
    assert made.__all__ == ["one", "two"]
    assert {"one", "two"} <= set(dir(made))


def test_an_unknown_name_is_an_attribute_error(package: Package) -> None:
    made = package({"value": "lazily.idea"}, idea="value = 3")
    with pytest.raises(AttributeError, match=r"lazily.*no attribute 'valeu'"):
        _ = made.valeu


def test_a_missing_package_behind_a_name_says_what_to_install(package: Package) -> None:
    made = package({"value": "lazily.idea"}, idea="import a_package_that_nobody_has.part\nvalue = 3")
    with pytest.raises(MissingExtra, match=r"lazily\.value needs a_package_that_nobody_has.*'swither\[train\]'"):
        _ = made.value


def test_a_missing_file_of_ours_is_not_taken_for_a_missing_extra(package: Package) -> None:
    made = package({"value": "lazily.idea"}, idea="import swither.no_such_room\nvalue = 3")
    with pytest.raises(ModuleNotFoundError) as raised:
        _ = made.value
    assert not isinstance(raised.value, MissingExtra)


def test_require_gives_the_module_or_says_which_extra_brings_it() -> None:
    assert require("json", "reading", "train").loads("1") == 1
    with pytest.raises(MissingExtra, match=r"swither label needs nobody_has_it\. .*pip install 'swither\[label\]'"):
        require("nobody_has_it.part", "swither label", "label")


def test_require_does_not_hide_what_a_present_package_lacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "present_package.py").write_text("import something_it_needs")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(ModuleNotFoundError, match="something_it_needs") as raised:
        require("present_package", "reading", "train")
    assert not isinstance(raised.value, MissingExtra)
