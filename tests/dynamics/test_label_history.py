from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from swither.arrays import IntArray
from swither.dynamics import LabelHistory
from swither.errors import InputError, UnknownIds

IDS = ["d", "a", "c", "b", "e"]


def test_batches_in_any_order_land_in_the_columns_of_their_ids() -> None:
    generator = np.random.default_rng(0)
    ids = np.array([f"id{i:04d}" for i in generator.permutation(300)])
    history = LabelHistory.create(ids, 7)
    truth = generator.integers(0, 7, (4, 300))
    for row in truth:
        order = generator.permutation(300)
        for part in np.array_split(order, 9):
            history.record(ids[part].tolist(), row[part])
        history.close_epoch()
    assert np.array_equal(history.labels, truth)


def test_the_same_order_every_epoch_is_recorded_rightly_with_a_changed_batch_in_between() -> None:
    order = np.array([3, 1, 4, 0, 2])
    history = LabelHistory.create(IDS, 5)
    for epoch in range(4):
        turned = order[::-1] if epoch == 2 else order
        for part in (turned[:2], turned[2:]):
            history.record(history.ids[part], part)
        history.close_epoch()
    assert np.array_equal(history.labels, np.tile(np.arange(5), (4, 1)))


@pytest.mark.parametrize(("classes", "kind"), [(2, "uint8"), (255, "uint8"), (256, "uint16"), (70_000, "uint32")])
def test_labels_lie_in_the_smallest_type_that_leaves_a_code_for_not_recorded(
    recorded: Callable[..., LabelHistory], classes: int, kind: str
) -> None:
    history = LabelHistory.create(["a", "b"], classes)
    history.record(["a"], [classes - 1])
    history.close_epoch(allow_missing=True)
    assert history.labels.dtype == kind
    assert history.labels.tolist() == [[classes - 1, np.iinfo(kind).max]]
    assert history.not_recorded == np.iinfo(kind).max


def test_closing_an_epoch_names_the_missing_ids_and_keeps_it_open() -> None:
    history = LabelHistory.create(IDS, 4)
    history.record(["a", "d", "e"], [0, 1, 2])
    with pytest.raises(InputError, match=r"Epoch 1: 2 of 5 samples were not recorded: c, b\."):
        history.close_epoch()
    history.record(["b", "c"], [3, 3])
    history.close_epoch()
    assert history.labels.tolist() == [[1, 0, 3, 3, 2]]


def test_an_unknown_id_records_nothing_of_its_batch() -> None:
    history = LabelHistory.create(IDS, 4)
    with pytest.raises(UnknownIds, match=r"1 unknown id.*zzz.*5 samples"):
        history.record(["a", "zzz"], [0, 1])
    history.record(["a"], [2])
    history.close_epoch(allow_missing=True)
    assert history.of(["a"]).tolist() == [[2]]


def test_another_label_in_one_epoch_is_refused_and_records_nothing_of_its_batch() -> None:
    history = LabelHistory.create(IDS, 4)
    history.record(["a", "b"], [0, 1])
    with pytest.raises(InputError, match=r"Epoch 1.*b as 1, now as 2"):
        history.record(["c", "b"], [3, 2])
    with pytest.raises(InputError, match=r"d as \d, now as \d"):
        history.record(["d", "d"], [0, 1])
    history.record(["b", "a", "a"], [1, 0, 0])  # the same again does no harm
    history.close_epoch(allow_missing=True)
    assert history.labels.tolist() == [[255, 0, 255, 1, 255]]


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([0, 4], "labels in 0 .. 3, got 4"),
        ([0, -1], "labels in 0 .. 3, got -1"),
        ([0.0, 1.0], "whole numbers"),
        ([0], "one value per id, got 2 ids and 1 values"),
        ([[0.0, 1.0], [1.0, 0.0]], r"logits of shape \(batch, 4\), got \(2, 2\)"),
        ([[0.0, 1.0, 2.0, 3.0], [0.0, np.nan, 0.0, 0.0]], "NaN or infinity in 1 of 2 rows, first in row 1"),
        ([[0.0, 1.0, 2.0, np.inf], [0.0, 0.0, 0.0, 0.0]], "NaN or infinity"),
        ([[-np.inf] * 4, [0.0] * 4], "NaN or infinity"),
    ],
)
def test_labels_and_logits_that_do_not_fit_are_refused(labels: list[object], message: str) -> None:
    history = LabelHistory.create(IDS, 4)
    with pytest.raises(InputError, match=message):
        history.record(["a", "b"], labels)


def test_logits_give_the_first_of_equally_probable_classes() -> None:
    history = LabelHistory.create(["a", "b"], 3)
    history.record(["a", "b"], [[1, 5, 5], [-np.inf, -1.0, -2.0]])
    history.close_epoch()
    assert history.labels.tolist() == [[1, 1]]


def test_confidence_is_the_softmax_of_the_predicted_label() -> None:
    logits = np.random.default_rng(0).normal(0, 5, (5, 4)).astype(np.float32)
    history = LabelHistory.create(IDS, 4, confidence=True)
    history.record(IDS, logits)
    history.close_epoch()
    exponentials = np.exp(logits.astype(np.float64))
    expected = (exponentials / exponentials.sum(axis=1, keepdims=True)).max(axis=1)
    assert history.confidence is not None
    assert history.confidence.dtype == np.float16
    np.testing.assert_allclose(history.confidence[0].astype(np.float64), expected, rtol=1e-3)


def test_huge_logits_do_not_overflow_confidence() -> None:
    history = LabelHistory.create(["a"], 2, confidence=True)
    history.record(["a"], [[30_000.0, -30_000.0]])
    history.close_epoch()
    assert history.confidence is not None
    assert history.confidence.tolist() == [[1.0]]


def test_probabilities_are_not_taken_for_logits_where_confidence_is_kept() -> None:
    history = LabelHistory.create(["a"], 2, confidence=True)
    with pytest.raises(InputError, match="looks like probabilities"):
        history.record(["a"], [[0.9, 0.1]])
    history.record(["a"], [[0.9, 0.1]], [0.9])
    history.close_epoch(allow_missing=False)
    assert history.confidence is not None
    assert history.confidence[0, 0] == np.float16(0.9)


def test_confidence_is_asked_for_and_refused_as_the_history_keeps_it() -> None:
    with pytest.raises(InputError, match="keeps confidences: give logits"):
        LabelHistory.create(["a"], 2, confidence=True).record(["a"], [1])
    with pytest.raises(InputError, match="keeps no confidences"):
        LabelHistory.create(["a"], 2).record(["a"], [1], [0.5])
    with pytest.raises(InputError, match="probabilities from 0 to 1"):
        LabelHistory.create(["a"], 2, confidence=True).record(["a"], [1], [1.5])


def test_a_sample_recorded_again_keeps_its_first_confidence() -> None:
    history = LabelHistory.create(["a", "b"], 2, confidence=True)
    history.record(["a", "a"], [1, 1], [0.5, 0.25])
    history.record(["b", "a"], [0, 1], [0.75, 1.0])
    history.close_epoch()
    assert history.confidence is not None
    assert history.confidence.tolist() == [[0.5, 0.75]]


def test_tensors_and_whole_number_ids_are_taken() -> None:
    torch = pytest.importorskip("torch")
    history = LabelHistory.create(torch.arange(3), 4)
    history.record(torch.tensor([2, 0]), torch.tensor([3, 1]))
    logits = torch.tensor([[0.0, 0.0, 2.0, 0.0]], dtype=torch.bfloat16, requires_grad=True)
    history.record(torch.tensor([1]), logits)
    history.close_epoch()
    assert history.labels.tolist() == [[1, 2, 3]]


@pytest.mark.parametrize("ids", [[], ["a", "b", "a"], [0.5, 1.5], [["a"]]])
def test_ids_that_identify_nothing_are_refused(ids: list[object]) -> None:
    with pytest.raises(InputError, match=r"id"):
        LabelHistory.create(ids, 2)


def test_columns_come_in_the_order_of_the_ids_asked_for(recorded: Callable[..., LabelHistory]) -> None:
    history = recorded()
    asked = ["e", "a", "d", "a"]
    expected = np.stack([history.labels[:, IDS.index(i)] for i in asked], axis=1)
    assert np.array_equal(history.of(asked), expected)
    with pytest.raises(UnknownIds):
        history.of(["a", "nobody"])


def test_asking_for_columns_within_an_epoch_does_not_disturb_its_recording(
    recorded: Callable[..., LabelHistory],
) -> None:
    history = recorded()
    history.record(["d", "a"], [3, 2])
    history.of(["b", "c"])
    history.record(["c", "b", "e"], [1, 0, 1])
    history.close_epoch()
    assert history.labels[-1].tolist() == [3, 2, 1, 0, 1]


def test_the_labels_cannot_be_changed_from_outside(recorded: Callable[..., LabelHistory], tmp_path: Path) -> None:
    for history in (recorded(), recorded(tmp_path / "h")):
        with pytest.raises(ValueError, match="read-only"):
            history.labels[0, 0] = 1
        with pytest.raises(ValueError, match="read-only"):
            history.ids[0] = "z"


@pytest.mark.parametrize("on_disk", [False, True])
def test_truncating_forgets_later_epochs_and_the_open_one(
    recorded: Callable[..., LabelHistory], tmp_path: Path, on_disk: bool
) -> None:
    history = recorded(tmp_path if on_disk else None, confidence=True)
    first = history.labels[:1].copy()
    history.record(["a"], [3], [0.5])
    history.truncate(1)
    assert np.array_equal(history.labels, first)
    history.record(IDS, [3, 3, 3, 3, 3], np.ones(5))  # had the open epoch stayed, "a" could conflict
    history.close_epoch()
    assert history.epochs == 2
    again = LabelHistory.open(tmp_path) if on_disk else history
    assert again.labels[1].tolist() == [3] * 5
    assert again.epochs == 2
    with pytest.raises(InputError, match="keep 0 to 2 epochs, got 3"):
        history.truncate(3)


def test_histories_of_disjoint_ids_merge_by_id() -> None:
    truth = np.random.default_rng(0).integers(0, 3, (6, 9))
    ids = np.array([f"i{i}" for i in range(9)])
    parts: list[IntArray] = [np.array([8, 1, 2]), np.array([0, 3]), np.array([7, 6, 5, 4])]
    merged = LabelHistory.merge([LabelHistory.from_labels(ids[p], 3, truth[:, p]) for p in parts])
    assert merged.ids.tolist() == ids[np.concatenate(parts)].tolist()
    assert np.array_equal(merged.of(ids), truth)


def test_histories_of_the_same_ids_merge_their_cells(tmp_path: Path) -> None:
    truth = np.random.default_rng(1).integers(0, 3, (6, 5))
    mine = np.random.default_rng(2).random((6, 5)) < 0.5
    sure = np.full((6, 5), 0.5)
    halves = [
        LabelHistory.from_labels(IDS, 3, np.where(mine, truth, -1), confidence=sure),
        LabelHistory.from_labels(IDS[::-1], 3, np.where(mine, -1, truth)[:, ::-1], confidence=sure),
    ]
    merged = LabelHistory.merge(halves, folder=tmp_path / "merged")
    assert np.array_equal(merged.of(IDS), truth)
    assert np.array_equal(LabelHistory.open(tmp_path / "merged").of(IDS), truth)
    assert merged.confidence is not None
    assert (merged.confidence == 0.5).all()


def test_merging_refuses_contradictions_and_different_trainings() -> None:
    one = LabelHistory.from_labels(["a", "b"], 3, [[0, 1], [2, 2]])
    with pytest.raises(InputError, match=r"Epoch 2.*a as 2, now as 0"):
        LabelHistory.merge([one, LabelHistory.from_labels(["a"], 3, [[0], [0]])])
    with pytest.raises(InputError, match=r"equally many epochs, got 1, 2"):
        LabelHistory.merge([one, LabelHistory.from_labels(["c"], 3, [[0]])])
    with pytest.raises(InputError, match="same classes and channels"):
        LabelHistory.merge([one, LabelHistory.from_labels(["c"], 4, [[0], [0]])])
    with pytest.raises(InputError, match="at least one history"):
        LabelHistory.merge([])


def test_recording_and_merging_are_quick_at_the_papers_scale() -> None:
    """50,000 samples: an epoch in shuffled batches must cost milliseconds, not a Python step per id."""
    generator = np.random.default_rng(0)
    ids = np.array([generator.bytes(16).hex() for _ in range(50_000)])
    history = LabelHistory.create(ids, 10)
    labels = generator.integers(0, 10, 50_000)
    seconds = []
    for _ in range(3):
        order = generator.permutation(50_000)
        shuffled = ids[order]
        start = time.perf_counter()
        history.record(shuffled, labels[order])
        history.close_epoch()
        seconds.append(time.perf_counter() - start)
    assert np.array_equal(history.labels, np.tile(labels, (3, 1)))
    assert min(seconds) < 1.0  # 0.03 s where measured; a loaded machine is slower, per-id lookups far more
