"""Small sources of images, written afresh for each test."""

from __future__ import annotations

import json
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SWITHER_CACHE", str(tmp_path / "cache"))


def _draw(count: int, size: tuple[int, int] = (8, 8), *, seed: int = 0, channels: int = 3) -> np.ndarray:
    """Random images (count, height, width, channels)."""
    return np.random.default_rng(seed).integers(0, 256, (count, *size, channels), dtype=np.uint8)


def _png(pixels: np.ndarray) -> bytes:
    file = BytesIO()
    Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels).save(file, "PNG")
    return file.getvalue()


def _folder(root: Path, images: np.ndarray, classes: Sequence[str]) -> Path:
    """One sub-folder a class, the images dealt out in turn."""
    for number, pixels in enumerate(images):
        path = root / classes[number % len(classes)] / f"{number:04}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_png(pixels))
    return root


def _parquet(
    path: Path,
    cells: Sequence[bytes | None],
    labels: Sequence[Any] | None,
    *,
    names: Sequence[str] | None = None,
    image: str = "image",
    label: str = "label",
    hub: bool = True,
    row_group: int = 4,
    **others: Sequence[Any],
) -> Path:
    """A Parquet file of the hub's layout."""
    columns: dict[str, Any] = {
        image: pa.array([None if c is None else {"bytes": c, "path": f"{n}.png"} for n, c in enumerate(cells)])
    }
    if labels is not None:
        columns[label] = pa.array(list(labels))
    columns |= {name: pa.array(list(values)) for name, values in others.items()}
    table = pa.table(columns)
    if hub:
        features: dict[str, Any] = {image: {"_type": "Image"}}
        if names is not None:
            features[label] = {"_type": "ClassLabel", "names": list(names)}
        table = table.replace_schema_metadata({"huggingface": json.dumps({"info": {"features": features}})})
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path, row_group_size=row_group)
    return path


@pytest.fixture
def make() -> SimpleNamespace:
    """What writes small sources: ``draw``, ``png``, ``folder``, ``parquet``."""
    return SimpleNamespace(draw=_draw, png=_png, folder=_folder, parquet=_parquet)
