"""What the tests of the documents share: a quiet place to run examples in, and photographs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest


@pytest.fixture
def in_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder and an empty cache, so that an example writes nothing that stays."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SWITHER_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("MPLBACKEND", "Agg")
    return tmp_path


@pytest.fixture(scope="session")
def make_photos() -> Callable[[Path], None]:
    """Writes two classes of small colour images, twelve of each, that a network can tell apart."""

    def make(folder: Path) -> None:
        from PIL import Image

        generator = np.random.default_rng(0)
        for number, name in enumerate(("cat", "dog")):
            (folder / name).mkdir(parents=True)
            for image in range(12):
                pixels = generator.integers(0, 128, (16, 16, 3)).astype(np.uint8)
                pixels[:, :, number] += 100
                Image.fromarray(pixels).save(folder / name / f"{image}.png")

    return make
