"""What every test may use: the real data sets where they are, and one thread."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_digits

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("KERAS_BACKEND", "torch")  # read once, when Keras is first imported

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


@pytest.fixture(scope="session")
def few_digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """240 of scikit-learn's digits as a .npz file, for runs that need real images and no accuracy."""
    digits = load_digits()
    path = tmp_path_factory.mktemp("data") / "digits.npz"
    np.savez(path, images=(digits.images[:240] * 15).astype(np.uint8), labels=digits.target[:240])
    return path


def required(service: str, there: bool) -> None:
    """Skip where a service is absent, or fail where SWITHER_REQUIRE names it: no run may pass by missing it."""
    if not there:
        absent = f"{service} is not installed here"
        if service in os.environ.get("SWITHER_REQUIRE", "").split(","):
            pytest.fail(f"{absent}, and SWITHER_REQUIRE names it")
        pytest.skip(absent)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of Chromium."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    required("chromium", path is not None)
    assert path is not None
    return path
