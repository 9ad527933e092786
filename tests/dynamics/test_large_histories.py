"""A history in a folder is measured within bounded memory, and its ids are found without a copy of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from swither.arrays import IntArray
from swither.dynamics import LabelHistory, dispersion, label_counts
from swither.dynamics.folder import RowsOnDisk
from swither.dynamics.label_history import KIND
from swither.errors import InputError

SAMPLES, EPOCHS = 2_000_000, 60


def test_samples_that_were_never_recorded_are_counted_in_all_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(label_counts, "PART_BYTES", 1)
    history = LabelHistory.create(range(5000), 3, folder=tmp_path)
    history.record([0, 4999], [1, 2])
    history.close_epoch(allow_missing=True)
    with pytest.raises(InputError, match="4998 of 5000 samples were recorded in none of the 1 epochs"):
        dispersion(history)


CODE = """
import sys
import numpy as np
from swither.dynamics import LabelHistory, dispersion

dispersion(np.zeros((3, 4000), dtype=np.uint8))
answer = 8 * int(sys.argv[2])
allow(answer + (96 << 20))
history = LabelHistory.open(sys.argv[1])
scores = dispersion(history)
print(round(float(scores.sum()), 6))
del scores
try:
    np.array(history.labels), np.array(history.ids)
    print("a copy fits as well")
except MemoryError:
    print("a copy would not have fitted")
"""


def turning(generator: np.random.Generator) -> IntArray:
    """Settled samples in front, which look as if few had to be counted in full, and unsettled ones behind."""
    labels = generator.integers(10, size=(EPOCHS, SAMPLES), dtype=np.uint8)
    labels[:, : SAMPLES // 10] = labels[-1, : SAMPLES // 10]
    return labels


def test_dispersion_of_a_history_on_disk_takes_its_answer_and_a_few_blocks(
    tmp_path: Path, run_bounded: Callable[..., list[str]]
) -> None:
    labels = turning(np.random.default_rng(0))
    ids = np.char.zfill(np.arange(SAMPLES).astype("U32"), 7)
    rows = RowsOnDisk.create(tmp_path, KIND, 10, {"labels": labels.dtype}, {"ids": ids.astype("U32")})
    with rows.together():
        for row in labels:
            rows.append({"labels": row})
    printed = run_bounded(CODE, tmp_path, SAMPLES)
    assert printed[0] == str(round(float(dispersion(labels).sum()), 6))
    assert printed[1] == "a copy would not have fitted"


def test_the_ids_of_an_opened_history_stay_where_they_lie(tmp_path: Path) -> None:
    LabelHistory.create(["b", "a", "c"], 2, folder=tmp_path)
    opened = LabelHistory.open(tmp_path)
    assert not opened.ids.flags.owndata
    assert not opened.ids.flags.writeable
    assert opened.ids.tolist() == ["b", "a", "c"]
