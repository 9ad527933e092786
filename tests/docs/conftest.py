"""What the tests of the documents share: a quiet place to run examples in."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def in_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder and an empty cache, so that an example writes nothing that stays."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SWITHER_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("MPLBACKEND", "Agg")
    return tmp_path
