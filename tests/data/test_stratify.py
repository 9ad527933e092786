from __future__ import annotations

import numpy as np
import pytest

from swither.data.image_set import UNLABELLED
from swither.data.stratify import stratify


def drawn(labels: list[int], units: list[int], share: float) -> list[int]:
    result = stratify(np.array(labels), np.array(units), np.arange(len(labels)), share)
    return np.flatnonzero(result).tolist()


def test_units_that_exceed_no_class_go_first() -> None:
    # Two of ten are wanted: the unit of three would be too many, the later unit of two is just right.
    assert drawn([0] * 10, [0, 0, 0, 1, 1, 2, 2, 3, 3, 3], share=0.2) == [3, 4]


def test_a_unit_that_exceeds_the_share_is_taken_where_it_brings_it_closer() -> None:
    assert drawn([0] * 10, [0, 0, 0, 0, 0, 1, 1, 1, 2, 2], share=0.3) == [5, 6, 7]
    assert drawn([0] * 10, [0, 0, 0, 0, 0, 1, 1, 1, 1, 1], share=0.3) == [0, 1, 2, 3, 4]


def test_a_class_that_would_go_without_gets_its_first_unit_even_if_large() -> None:
    assert drawn([0] * 12, [0] * 6 + [1] * 6, share=0.1) == [0, 1, 2, 3, 4, 5]


def test_no_class_is_drawn_whole() -> None:
    # Unit 0 holds all of class 1, so it stays, though class 0 then takes units behind it.
    assert drawn([1, 1, 0, 0, 0, 0, 0], [0, 0, 0, 1, 2, 3, 4], share=0.4) == [3, 4]


def test_unlabelled_images_are_not_drawn_and_do_not_count() -> None:
    labels = [0, UNLABELLED, 0, UNLABELLED, UNLABELLED, 0, 0]
    assert drawn(labels, [0, 0, 1, 2, 3, 4, 5], share=0.25) == [0]


def test_a_unit_weighs_relative_to_the_sizes_of_its_classes() -> None:
    # Wanted: 20 of the 100 of class 0, 4 of the 20 of class 1; drawn so far: 20 and 2. Unit 22 makes class 0 too
    # many by 3 of 100, and gives class 1 the missing 2 of 20: worth it.
    labels = [0] * 20 + [1] * 2 + [0] * 3 + [1] * 2 + [0] * 77 + [1] * 16
    units = [*range(22), *([22] * 5), *([23] * 93)]
    assert drawn(labels, units, share=0.2) == list(range(27))


@pytest.mark.parametrize("seed", range(10))
def test_with_one_class_no_further_unit_would_bring_the_share_closer(seed: int) -> None:
    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, 12, 30)
    units = np.repeat(np.arange(30), sizes)
    result = stratify(np.zeros(len(units), dtype=np.int64), units, rng.permutation(len(units)), 0.2)
    wanted = int(0.2 * len(units) + 0.5)
    rest = [size for unit, size in enumerate(sizes) if not result[units == unit].any()]
    assert all(result[units == u].all() or not result[units == u].any() for u in range(30))
    assert min(abs(result.sum() + size - wanted) for size in rest) >= abs(result.sum() - wanted)


@pytest.mark.parametrize("seed", range(20))
def test_the_quick_way_for_single_images_draws_what_the_rounds_draw(seed: int) -> None:
    draws = np.random.default_rng(seed)
    samples = int(draws.integers(2, 60))
    labels = draws.integers(-1, 4, samples)
    order = draws.permutation(samples)
    share = float(draws.uniform(0.05, 0.95))
    # Two unlabelled images of one unit, never drawn, send the same images through the rounds.
    bound = np.concatenate([np.arange(samples), [samples, samples]])
    slow = stratify(np.append(labels, [-1, -1]), bound, np.append(order, [samples, samples + 1]), share)
    assert np.array_equal(stratify(labels, np.arange(samples), order, share), slow[:samples])
