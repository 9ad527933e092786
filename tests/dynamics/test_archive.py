from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from swither.dynamics import LabelHistory
from swither.errors import DamagedState, NewerFormat

IDS = ["d", "a", "c", "b", "e"]


@pytest.mark.parametrize("confidence", [False, True])
def test_saving_and_loading_gives_the_same_history(
    recorded: Callable[..., LabelHistory], tmp_path: Path, confidence: bool
) -> None:
    history = recorded(confidence=confidence)
    history.record(["a"], [3], [0.5] if confidence else None)
    history.close_epoch(allow_missing=True)
    history.save(tmp_path / "history.npz")
    again = LabelHistory.load(tmp_path / "history.npz")
    assert again.ids.tolist() == IDS
    assert again.classes == 4
    assert np.array_equal(again.labels, history.labels)
    assert (again.confidence is None) is not confidence
    if history.confidence is not None and again.confidence is not None:
        assert np.array_equal(again.confidence, history.confidence, equal_nan=True)
    again.record(IDS, [0] * 5, np.ones(5) if confidence else None)
    again.close_epoch()
    assert again.epochs == 5


def test_a_history_without_epochs_is_saved_and_loaded(tmp_path: Path) -> None:
    LabelHistory.create(IDS, 3, folder=tmp_path / "h").save(tmp_path / "none.npz")
    assert LabelHistory.load(tmp_path / "none.npz").labels.shape == (0, 5)
    assert LabelHistory.open(tmp_path / "h").labels.shape == (0, 5)


def test_the_archive_needs_no_pickle_and_the_same_history_gives_the_same_bytes(
    recorded: Callable[..., LabelHistory], tmp_path: Path
) -> None:
    recorded().save(tmp_path / "one.npz")
    recorded().save(tmp_path / "two.npz")
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    with np.load(tmp_path / "one.npz", allow_pickle=False) as archive:
        header = json.loads(str(archive["header"]))
    assert header == {"format": "swither label history", "version": 1, "classes": 4}


def test_a_damaged_or_foreign_archive_is_named(recorded: Callable[..., LabelHistory], tmp_path: Path) -> None:
    path = tmp_path / "history.npz"
    recorded().save(path)
    whole = path.read_bytes()
    for content in (whole[: len(whole) // 2], b"", b"no archive", whole[:200] + b"\xff\xff" + whole[202:]):
        path.write_bytes(content)
        with pytest.raises(DamagedState, match=r"history\.npz"):
            LabelHistory.load(path)
    np.savez(path, labels=np.zeros((2, 2)))
    with pytest.raises(DamagedState, match=r"history\.npz"):
        LabelHistory.load(path)
    header = json.dumps({"format": "swither label history", "version": 1, "classes": 4})
    np.savez(path, header=np.array(header), ids=np.array(["a"]), labels=np.zeros((2, 2), np.uint8))
    with pytest.raises(DamagedState, match="expected labels of shape"):
        LabelHistory.load(path)


def test_an_archive_of_a_newer_version_is_refused_by_name(tmp_path: Path) -> None:
    header = json.dumps({"format": "swither label history", "version": 2, "classes": 4})
    np.savez(tmp_path / "h.npz", header=np.array(header))
    with pytest.raises(NewerFormat, match="version 2; this swither reads up to 1"):
        LabelHistory.load(tmp_path / "h.npz")
