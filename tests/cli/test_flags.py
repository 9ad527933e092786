"""Methods are read from the command line however they are parted, and a path stays whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from swither.cli.flags import methods_typed


@pytest.mark.parametrize(
    ("words", "methods"),
    [
        (("random", "margin"), ("random", "margin")),
        (("random,margin",), ("random", "margin")),
        (("vaal:width=16,iterations=300", "random"), ("vaal:width=16,iterations=300", "random")),
        (("random mine.py:doubt:power=2,first=true",), ("random", "mine.py:doubt:power=2,first=true")),
    ],
)
def test_commas_and_spaces_part_methods_and_settings_stay_behind_theirs(
    words: tuple[str, ...], methods: tuple[str, ...]
) -> None:
    assert methods_typed(words) == methods


def test_a_path_with_spaces_and_commas_stays_whole_where_there_is_such_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my ideas, old").mkdir()
    for name in ("my ideas, old/mine.py", "my net.py"):
        (tmp_path / name).touch()
    assert methods_typed(("random", "my ideas, old/mine.py:doubt:power=2,first=1")) == (
        "random",
        "my ideas, old/mine.py:doubt:power=2,first=1",
    )
    assert methods_typed(("random,my net.py:doubt",)) == ("random", "my net.py:doubt")
