"""What every test may use: the real data sets where they are, and one thread."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

os.environ.setdefault("OMP_NUM_THREADS", "1")

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def real_data() -> Callable[[str], Path]:
    """The folder of a real data set by name; the test is skipped where it is absent."""

    def find(name: str) -> Path:
        root = Path(os.environ.get("SWITHER_DATA", REPOSITORY.parent / "shared" / "data"))
        if not (root / name).is_dir():
            pytest.skip(f"no {name} under {root}: set SWITHER_DATA to a folder that holds it as Parquet")
        return root / name

    return find
