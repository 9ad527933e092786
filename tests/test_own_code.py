"""A function of the user's own is found by ``file.py:function``, and what is wrong is said in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from swither.errors import InputError, UnknownName
from swither.own_code import arguments_of, checksum_of, is_own, load_own, own_name


def test_a_name_is_parted_at_the_right_colon_also_on_windows() -> None:
    name = own_name("C:\\ideas\\mine.py:doubt:power=2,first=true")
    assert name is not None
    assert (name.function, name.settings) == ("doubt", "power=2,first=true")
    assert name.path.endswith("mine.py")
    assert not any(is_own(text) for text in ("margin", "dispersion:stride=5", "mine.py", ".py:doubt"))


def test_one_file_has_one_name_however_it_is_typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    typed = ("mine.py:doubt", "./mine.py:doubt", f"{tmp_path}/mine.py:doubt")
    assert {own_name(text) for text in typed} == {own_name("mine.py:doubt")}


def test_the_name_of_a_folder_has_no_character_that_a_system_refuses() -> None:
    name = own_name("C:/my ideas/mine.py:doubt:power=2,word=a/b")
    assert name is not None
    assert not set(name.folder_name) & set('<>:"/\\|?* ')
    other = own_name("D:/mine.py:doubt:power=2,word=a/b")
    assert other is not None
    assert other.folder_name != name.folder_name
    upper, lower = own_name("mine.py:Doubt"), own_name("mine.py:doubt")
    assert upper is not None
    assert lower is not None
    assert upper.folder_name.lower() != lower.folder_name.lower()  # some systems make no difference


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("def doubt(probabilities:\n    pass\n", "not valid Python: line 1"),
        ("import no_such_module_at_all\n", "line 1 of .*mine.py raised ModuleNotFoundError"),
        ("x = 1\ny = x / 0\n", "line 2 of .*mine.py raised ZeroDivisionError"),
        ("import sys\nsys.exit()\n", 'line 2 of .*mine.py ends the program .*if __name__ == "__main__"'),
        ("doubt = 3\n", "to be a function, got int"),
    ],
)
def test_a_file_that_cannot_be_loaded_is_named_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "mine.py").write_text(text)
    with pytest.raises(InputError, match=message):
        load_own(f"{tmp_path}/mine.py:doubt")


def test_a_missing_file_or_function_is_named_with_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"There is no file .*mine\.py"):
        load_own(f"{tmp_path}/mine.py:doubt")
    (tmp_path / "mine.py").write_text("from math import sqrt\ndef doubt(x): ...\ndef _hidden(x): ...\n")
    with pytest.raises(UnknownName, match=r"Did you mean 'doubt'\? Known: doubt\."):
        load_own(f"{tmp_path}/mine.py:dubt")
    with pytest.raises(InputError, match="it has doubt"):
        load_own(f"{tmp_path}/mine.py:")


def test_a_changed_file_is_loaded_anew_and_has_another_checksum(tmp_path: Path) -> None:
    file, name = tmp_path / "mine.py", f"{tmp_path}/mine.py:doubt"
    file.write_text("def doubt(): return 1\n")
    before = load_own(name)
    file.write_text("def doubt(): return 2\n")
    after = load_own(name)
    assert (before.function(), after.function()) == (1, 2)
    assert before.checksum != after.checksum == checksum_of(name)
    assert checksum_of("margin") == ""


def test_a_file_may_import_its_neighbours_and_hold_dataclasses(tmp_path: Path) -> None:
    (tmp_path / "neighbour_of_mine.py").write_text("answer = 42\n")
    (tmp_path / "mine.py").write_text(
        "from __future__ import annotations\nfrom dataclasses import dataclass\nfrom neighbour_of_mine import answer\n"
        "@dataclass\nclass Held:\n    x: int\ndef doubt(): return Held(answer).x\n"
    )
    assert load_own(f"{tmp_path}/mine.py:doubt").function() == 42


@pytest.mark.parametrize("arguments", ["*evidence", "**evidence", "probabilities, /"])
def test_arguments_without_usable_names_are_refused(tmp_path: Path, arguments: str) -> None:
    (tmp_path / "mine.py").write_text(f"def doubt({arguments}): ...\n")
    with pytest.raises(InputError, match=r"mine\.py:doubt takes"):
        arguments_of(load_own(f"{tmp_path}/mine.py:doubt"))
