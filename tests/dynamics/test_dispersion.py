from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from swither.arrays import AnyArray, FloatArray, IntArray
from swither.dynamics import LabelHistory, dispersion, label_counts
from swither.errors import InputError


def plain(labels: AnyArray, missing: int) -> list[float]:
    """The definition, one Counter per sample."""
    scores = []
    for column in labels.T.tolist():
        counts = Counter(label for label in column if label != missing)
        scores.append(1 - max(counts.values()) / sum(counts.values()))
    return scores


def drawn(seed: int, epochs: int, samples: int, classes: int, settle: float, missing: float) -> IntArray:
    """Labels as training gives them: some samples settle at some epoch; cells may be missing (-1)."""
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, classes, (epochs, samples))
    since = np.where(generator.random(samples) < settle, generator.integers(0, epochs, samples), epochs)
    labels = np.where(np.arange(epochs)[:, None] >= since, labels[-1], labels)
    labels[generator.random(labels.shape) < missing] = -1
    labels[generator.integers(0, epochs, samples), np.arange(samples)] = generator.integers(0, classes, samples)
    return labels


@settings(deadline=None, max_examples=150)
@given(
    seed=st.integers(0, 2**32),
    epochs=st.integers(1, 40),
    samples=st.integers(1, 60),
    classes=st.sampled_from([1, 2, 3, 10, 24, 25, 100, 300]),
    settle=st.sampled_from([0.0, 0.5, 1.0]),
    missing=st.sampled_from([0.0, 0.0, 0.3, 0.9]),
)
def test_dispersion_equals_counting_label_by_label(
    seed: int, epochs: int, samples: int, classes: int, settle: float, missing: float
) -> None:
    labels = drawn(seed, epochs, samples, classes, settle, missing)
    history = LabelHistory.from_labels(np.arange(samples), classes, labels)
    expected = plain(labels, -1)
    np.testing.assert_allclose(dispersion(history), expected, rtol=0, atol=1e-12)
    np.testing.assert_allclose(dispersion(labels), expected, rtol=0, atol=1e-12)
    np.testing.assert_allclose(dispersion(history.labels), expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("classes", [10, 100])
@pytest.mark.parametrize("settle", [0.0, 0.5, 0.9])
def test_dispersion_is_the_same_across_the_borders_of_blocks(classes: int, settle: float) -> None:
    labels = drawn(3, 30, 6000, classes, settle, 0.05)
    np.testing.assert_allclose(dispersion(labels), plain(labels, -1), rtol=0, atol=1e-12)


@pytest.mark.parametrize("settle", [0.0, 0.9])
@pytest.mark.parametrize("classes", [10, 60])
def test_a_history_read_in_parts_has_the_dispersion_of_the_whole(
    settle: float, classes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(label_counts, "PART_BYTES", 20 * label_counts.BLOCK)  # one block at a time
    labels = drawn(1, 20, 5000, classes, settle, 0.1)
    history = LabelHistory.create(range(5000), classes, folder=tmp_path)
    for row in labels:
        history.record(history.ids[row >= 0], row[row >= 0])
        history.close_epoch(allow_missing=True)
    np.testing.assert_allclose(dispersion(LabelHistory.open(tmp_path)), plain(labels, -1), rtol=0, atol=1e-12)


@pytest.mark.parametrize("epochs", [255, 256, 257, 300, 70_000])
@pytest.mark.parametrize("classes", [3, 40])
def test_counts_do_not_overflow_in_long_histories(epochs: int, classes: int) -> None:
    """A sample that never changes its label has the highest count; one that alternates is half dispersed."""
    labels = np.zeros((epochs, 2), dtype=np.uint8)
    labels[1::2, 1] = classes - 1
    assert dispersion(labels).tolist() == [0.0, 1 - (epochs + 1) // 2 / epochs]


@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.uint32, np.int8, np.int16, np.int64])
def test_every_integer_type_gives_the_same_dispersion(kind: type[np.integer]) -> None:
    labels = drawn(1, 12, 40, 5, 0.5, 0.2)
    missing = -1 if np.issubdtype(kind, np.signedinteger) else np.iinfo(kind).max
    typed = np.where(labels == -1, missing, labels).astype(kind)
    np.testing.assert_allclose(dispersion(typed), plain(labels, -1), rtol=0, atol=1e-12)


def test_a_window_looks_at_the_last_epochs_and_a_stride_counts_back_from_the_last() -> None:
    labels = drawn(5, 11, 30, 4, 0.3, 0.0)
    assert dispersion(labels, window=4).tolist() == dispersion(labels[7:]).tolist()
    assert dispersion(labels, stride=3).tolist() == dispersion(labels[[1, 4, 7, 10]]).tolist()
    assert dispersion(labels, window=5, stride=2).tolist() == dispersion(labels[[6, 8, 10]]).tolist()
    assert dispersion(labels, window=11, stride=20).tolist() == [0.0] * 30
    history = LabelHistory.from_labels(np.arange(30), 4, labels)
    assert dispersion(history, window=5, stride=2).tolist() == dispersion(labels[[6, 8, 10]]).tolist()


def test_a_memory_mapped_history_gives_the_same_dispersion(tmp_path: Path) -> None:
    labels = drawn(6, 9, 50, 4, 0.3, 0.0)
    history = LabelHistory.create(np.arange(50), 4, folder=tmp_path)
    for row in labels:
        history.record(history.ids, row)
        history.close_epoch()
    assert dispersion(LabelHistory.open(tmp_path)).tolist() == dispersion(labels).tolist()


def test_a_sample_mostly_not_recorded_is_not_taken_for_settled() -> None:
    """Its last cell's code for *not recorded* is the most frequent of its cells, but no label."""
    labels = np.zeros((10, 30), dtype=np.uint8)
    labels[:, 0] = [0, 1, 2, 3, 255, 255, 255, 255, 255, 255]
    assert dispersion(labels).tolist() == [0.75] + [0.0] * 29


def test_no_samples_give_no_scores() -> None:
    assert dispersion(np.zeros((3, 0), np.uint8)).shape == (0,)


def call(labels: object, **arguments: int) -> FloatArray:
    return dispersion(labels, **arguments)


@pytest.mark.parametrize(
    ("labels", "arguments", "message"),
    [
        (np.zeros((0, 3), np.uint8), {}, "at least one completed epoch"),
        (np.zeros((2, 3), np.uint8), {"window": 3}, "window of 1 to 2 recorded epochs, got 3"),
        (np.zeros((2, 3), np.uint8), {"window": 0}, "window of 1 to 2"),
        (np.zeros((2, 3), np.uint8), {"stride": 0}, "stride of at least 1"),
        (np.zeros(3, np.uint8), {}, r"labels \(epochs, samples\)"),
        (np.zeros((2, 3)), {}, "whole numbers"),
        (np.array([[0, -2]]), {}, "-1 for not recorded; got -2"),
        (np.array([[0, -1], [1, -1]]), {}, "1 of 2 samples were recorded in none of the 2 epochs"),
    ],
)
def test_what_has_no_dispersion_is_refused(labels: AnyArray, arguments: dict[str, int], message: str) -> None:
    with pytest.raises(InputError, match=message):
        call(labels, **arguments)


def test_a_tensor_of_labels_is_taken() -> None:
    torch = pytest.importorskip("torch")
    assert dispersion(torch.tensor([[0, 1], [0, 2]])).tolist() == [0.0, 0.5]


def test_real_shapes_agree_with_scipy() -> None:
    from scipy.stats import mode

    labels = np.random.default_rng(0).integers(0, 10, (100, 5000)).astype(np.uint8)
    expected = 1 - mode(labels, axis=0).count / 100
    np.testing.assert_allclose(dispersion(labels), expected, rtol=0, atol=1e-12)
