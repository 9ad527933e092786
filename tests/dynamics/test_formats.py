"""A folder and an archive of each version are kept here, and must stay readable."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from swither.dynamics import LabelHistory, TrainingHistory

FORMATS = Path(__file__).parent / "formats"


@pytest.mark.parametrize("kept", ["folder", "archive"])
def test_label_histories_of_version_1_are_read(kept: str) -> None:
    path = FORMATS / "label_history_1"
    history = LabelHistory.open(path) if kept == "folder" else LabelHistory.load(path.with_suffix(".npz"))
    assert history.ids.tolist() == ["d", "ä", "c"]
    assert history.classes == 4
    assert history.labels.tolist() == [[1, 0, 3], [255, 2, 255]]
    assert history.confidence is not None
    np.testing.assert_array_equal(history.confidence, [[1.0, 0.25, 0.5], [np.nan, 0.75, np.nan]])


@pytest.mark.parametrize("kept", ["folder", "archive"])
def test_training_histories_of_version_1_are_read(kept: str) -> None:
    path = FORMATS / "training_history_1"
    history = TrainingHistory.open(path) if kept == "folder" else TrainingHistory.load(path.with_suffix(".npz"))
    assert history.ids.tolist() == ["d", "ä"]
    assert history.given_labels.tolist() == [0, 2]
    assert history.labels.tolist() == [[1, 2]]
    assert history.margins.tolist() == [[-2.0, 2.0]]
    np.testing.assert_allclose(history.probabilities[0], [0.1065, 0.8438], atol=1e-3)


def test_a_folder_of_version_1_is_written_on(tmp_path: Path) -> None:
    shutil.copytree(FORMATS / "label_history_1", tmp_path / "h")
    history = LabelHistory.open(tmp_path / "h")
    history.record(["ä", "c", "d"], [3, 3, 3], [1.0, 1.0, 1.0])
    history.close_epoch()
    assert LabelHistory.open(tmp_path / "h").labels[2].tolist() == [3, 3, 3]
