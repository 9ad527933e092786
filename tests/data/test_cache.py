from __future__ import annotations

import sys
from pathlib import Path

import pytest

from swither.data.cache import cache_folder


def test_a_chosen_folder_goes_before_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SWITHER_CACHE", str(tmp_path / "named"))
    assert cache_folder(str(tmp_path / "chosen")) == tmp_path / "chosen"
    assert cache_folder() == tmp_path / "named"


@pytest.mark.parametrize(
    ("system", "wanted"),
    [("linux", ".cache/swither"), ("darwin", "Library/Caches/swither"), ("win32", "AppData/Local/swither/Cache")],
)
def test_without_a_choice_the_system_says_where_caches_lie(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, system: str, wanted: str
) -> None:
    for name in ("SWITHER_CACHE", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    assert cache_folder() == tmp_path / wanted
