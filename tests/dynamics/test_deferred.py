from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from swither.acquisition import dispersion, take_highest
from swither.arrays import AnyArray, IntArray
from swither.dynamics import LabelHistory
from swither.dynamics.deferred import DeferredSearch
from swither.dynamics.online import OnlineSearch
from swither.dynamics.seen_labels import SeenLabels, modal_count
from swither.dynamics.sure import surely_most_dispersed
from swither.errors import DamagedState, InputError


def made_labels(seed: int, epochs: int, samples: int, classes: int) -> IntArray:
    """Labels that settle: each sample has one of its own, later epochs miss it less; some samples are copies."""
    generator = np.random.default_rng(seed)
    own = generator.integers(classes, size=samples)
    doubt = generator.beta(0.5, 1.0, size=samples) * np.linspace(1.0, generator.random(), epochs)[:, None]
    labels = np.where(generator.random((epochs, samples)) < doubt, generator.integers(classes, size=own.shape), own)
    copied = generator.integers(samples, size=samples)
    return np.where(generator.random(samples) < 0.3, labels[:, copied], labels)


def deferred(labels: IntArray, classes: int, budget: int, chunk: int = 1) -> tuple[AnyArray, DeferredSearch]:
    search = DeferredSearch(*labels.shape, classes, budget, chunk=chunk)
    return search.run(lambda epoch, rows: labels[epoch, rows]), search


def online(labels: IntArray, classes: int, budget: int) -> tuple[AnyArray, OnlineSearch]:
    search = OnlineSearch(*labels.shape, classes, budget)
    for row in labels:
        search.add(row[search.rows])
    return search.seen.labels, search


def sure(recorded: AnyArray, classes: int, budget: int) -> list[int]:
    """What is selected of a pool that was recorded in part."""
    history = LabelHistory.from_labels(np.arange(recorded.shape[1]), classes, recorded)
    return [int(i) for i in surely_most_dispersed(history, budget)]


def in_full(labels: IntArray, budget: int) -> list[int]:
    """What dispersion selects of a pool that was recorded in full."""
    return take_highest(dispersion(labels), budget).positions.tolist()


@settings(deadline=None, max_examples=300)
@given(
    seed=st.integers(0, 2**32),
    epochs=st.sampled_from([1, 2, 3, 7, 20, 31]),
    samples=st.sampled_from([1, 2, 9, 60]),
    classes=st.sampled_from([1, 2, 3, 10, 300]),
    share=st.floats(0.0, 1.0),
    chunk=st.sampled_from([1, 4, 16, 100]),
)
def test_both_ways_find_what_a_full_recording_selects_in_its_order(
    seed: int, epochs: int, samples: int, classes: int, share: float, chunk: int
) -> None:
    labels = made_labels(seed, epochs, samples, classes)
    budget = max(1, round(share * samples))
    for recorded in (deferred(labels, classes, budget, chunk)[0], online(labels, classes, budget)[0]):
        seen = recorded != np.iinfo(recorded.dtype).max
        assert np.array_equal(recorded[seen], labels[seen])
        assert sure(recorded, classes, budget) == in_full(labels, budget)


@settings(deadline=None, max_examples=60)
@given(seed=st.integers(0, 2**32), epochs=st.integers(1, 6), classes=st.sampled_from([1, 2]))
def test_where_nearly_all_scores_are_tied_the_ties_fall_as_in_full(seed: int, epochs: int, classes: int) -> None:
    labels = np.random.default_rng(seed).integers(classes, size=(epochs, 40))
    for budget in (1, 2, 13, 39, 40):
        for recorded in (deferred(labels, classes, budget)[0], online(labels, classes, budget)[0]):
            assert sure(recorded, classes, budget) == in_full(labels, budget)


def test_no_cell_is_asked_for_twice_and_every_one_that_is_known_was() -> None:
    labels = made_labels(0, 30, 500, 10)
    asked = np.zeros(labels.shape, dtype=int)

    def look(epoch: int, rows: IntArray) -> IntArray:
        asked[epoch, rows] += 1
        return np.asarray(labels[epoch, rows])

    search = DeferredSearch(30, 500, 10, budget=25, chunk=16)
    recorded = search.run(look)
    assert asked.max() == 1
    assert np.array_equal(asked == 1, recorded != np.iinfo(recorded.dtype).max)
    assert search.seen.looks == asked.sum()


def test_both_ways_spare_looks_and_deferred_spares_more() -> None:
    labels = made_labels(1, 60, 3000, 10)
    few = deferred(labels, 10, 150, chunk=16)[1]
    more = online(labels, 10, 150)[1]
    assert few.seen.looks <= few.computed < more.seen.looks < labels.size
    assert few.computed < 0.7 * labels.size


def test_samples_that_are_dropped_have_exceeded_the_last_chosen_one() -> None:
    labels = made_labels(2, 25, 300, 5)
    _, search = deferred(labels, 5, 30)
    last = np.sort(search.seen.keys[search.seen.complete])[29]
    assert (search.seen.keys[~search.seen.complete] > last).all()
    modal = np.max([(labels == label).sum(axis=0) for label in range(5)], axis=0)
    assert modal_count(int(last), 300) == np.sort(modal)[29]


def test_a_key_counts_the_most_frequent_label_and_breaks_ties_by_row() -> None:
    seen = SeenLabels(epochs=3, samples=4, classes=2)
    seen.add(0, np.array([1, 3]), np.array([0, 1]))
    seen.add(2, np.array([1, 3]), np.array([0, 0]))
    assert seen.keys.tolist() == [0, 2 * 4 + 1, 2, 1 * 4 + 3]
    assert seen.unseen(2).tolist() == [True, False, True, False]
    assert not seen.complete.any()
    assert seen.at_most(1) is None


@pytest.mark.parametrize(("epochs", "budget"), [(0, 1), (3, 0), (3, 6)])
def test_impossible_budgets_are_refused(epochs: int, budget: int) -> None:
    for make in (OnlineSearch, DeferredSearch):
        with pytest.raises(InputError, match=r"budget of 1 to 5"):
            make(epochs, 5, 2, budget)


def test_more_labels_than_were_asked_for_are_refused() -> None:
    search = OnlineSearch(epochs=1, samples=2, classes=2, budget=1)
    with pytest.raises(InputError, match="labels"):
        search.add([0, 1, 1])
    search.add([0, 1])
    with pytest.raises(InputError, match="one more"):
        search.add([0])


def test_a_history_without_enough_whole_samples_is_damaged() -> None:
    history = LabelHistory.from_labels(["a", "b"], 2, [[0, 1], [-1, 1]])
    with pytest.raises(DamagedState, match="holds 1 samples whole, expected 2"):
        surely_most_dispersed(history, 2)


@pytest.mark.parametrize(("epochs", "size"), [(255, 1), (256, 2)])
def test_counts_of_the_smallest_type_do_not_overflow(epochs: int, size: int) -> None:
    seen = SeenLabels(epochs, samples=2, classes=2)
    assert seen._counts.itemsize == size
    for epoch in range(epochs):
        seen.add(epoch, np.arange(2), np.array([0, epoch % 2]))
    assert seen.complete.all()
    assert [modal_count(int(key), 2) for key in seen.keys] == [epochs, (epochs + 1) // 2]
