from __future__ import annotations

import numpy as np
import pytest

from swither.training.endless import EndlessOrder


@pytest.mark.parametrize(("count", "size"), [(1, 4), (3, 7), (7, 3), (10, 5), (40, 64)])
def test_batches_in_a_row_are_whole_shuffled_passes(count: int, size: int) -> None:
    order = EndlessOrder(count, seed=1)
    joined = np.concatenate([order.batch(number, size) for number in range(3 * count)])
    passes = joined[: 3 * size * count].reshape(-1, count)
    assert (np.sort(passes, axis=1) == np.arange(count)).all()
    if count > 3:
        assert len({tuple(row) for row in passes.tolist()}) > 1


def test_a_batch_is_the_same_whatever_was_asked_before() -> None:
    walked, jumped = EndlessOrder(11, seed=2), EndlessOrder(11, seed=2)
    walk = [walked.batch(number, 4).tolist() for number in range(30)]
    assert [jumped.batch(number, 4).tolist() for number in (29, 3, 17)] == [walk[29], walk[3], walk[17]]


def test_another_seed_gives_another_order() -> None:
    assert EndlessOrder(50, seed=0).batch(0, 50).tolist() != EndlessOrder(50, seed=1).batch(0, 50).tolist()
