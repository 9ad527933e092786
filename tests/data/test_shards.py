from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from swither.data import DataSettings, open_dataset
from swither.data import shards as module
from swither.data.shards import find_shards, split_shards
from swither.errors import InputError


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three shards of a hundred rows of noise."""
    from io import BytesIO

    from PIL import Image

    monkeypatch.setattr(module, "_ROWS", 7)
    folder, draw = tmp_path / "source", np.random.default_rng(0)
    folder.mkdir()
    for name, rows in (("train-00000-of-00002", 40), ("train-00001-of-00002", 35), ("test-00000-of-00001", 25)):
        cells = []
        for _ in range(rows):
            file = BytesIO()
            Image.fromarray(draw.integers(0, 256, (32, 32, 3), dtype=np.uint8)).save(file, "PNG")
            cells.append({"bytes": file.getvalue(), "path": None})
        kind = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
        labels = pa.array(draw.integers(0, 3, rows))
        table = pa.table({"img": pa.array(cells, kind), "label": labels}).replace_schema_metadata({"huggingface": "{}"})
        pq.write_table(table, folder / f"{name}.parquet", compression="zstd")
    return folder


def fingerprints(folder: Path, cache: Path) -> tuple[str, str]:
    dataset = open_dataset(DataSettings(str(folder), cache=str(cache)))
    return dataset.train.fingerprint, dataset.test.fingerprint


@pytest.mark.parametrize("share", [1.1, 0.6, 0.3])
def test_pieces_hold_every_image_once_with_the_id_it_had(source: Path, tmp_path: Path, share: float) -> None:
    total = sum(file.stat().st_size for file in source.iterdir())
    pieces = split_shards(source, tmp_path / "pieces", int(share * total + 20_000))
    assert all(sum(file.stat().st_size for file in piece.iterdir()) <= share * total + 20_000 for piece in pieces)
    joined = tmp_path / "joined"
    joined.mkdir()
    for file in find_shards(pieces).files:
        shutil.copy(file, joined)
    assert fingerprints(joined, tmp_path / "one") == fingerprints(source, tmp_path / "other")
    assert pq.read_schema(next(joined.iterdir())).metadata[b"huggingface"] == b"{}"


def test_the_missing_piece_is_known_from_the_names_of_the_others(source: Path, tmp_path: Path) -> None:
    total = sum(file.stat().st_size for file in source.iterdir())
    pieces = split_shards(source, tmp_path / "pieces", int(0.6 * total) + 20_000)
    everything = find_shards(pieces)
    assert everything.missing == ()
    assert everything.rows == {"train": 75, "test": 25}
    for left_out in pieces:
        found = find_shards([piece for piece in pieces if piece != left_out], ("train", "test"))
        names = {file.name for file in left_out.iterdir()}
        assert {name for name in names if name.startswith("train")} <= set(found.missing)
        assert len(found.missing) == len(names)


def test_a_shard_seen_in_two_folders_counts_once(source: Path) -> None:
    assert find_shards([source, source]).rows == {"train": 75, "test": 25}


def test_names_that_contradict_each_other_are_refused(source: Path) -> None:
    shutil.copy(source / "train-00000-of-00002.parquet", source / "train-00000-of-00003.parquet")
    with pytest.raises(InputError, match="one of 3 shards of train, but others are of 2"):
        find_shards([source])


def test_what_cannot_be_carried_whole_is_refused(source: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Allow larger pieces"):
        split_shards(source, tmp_path / "pieces", 100)
    (source / "train-00001-of-00002.parquet").unlink()
    with pytest.raises(InputError, match=r"missing: train-00001-of-00002\.parquet"):
        split_shards(source, tmp_path / "more", 10**9)
