from __future__ import annotations

import numpy as np
import pytest

from swither.errors import InputError
from swither.statistics.results import pairs, per_seed, proper_share


def test_what_stands_for_seeds_is_one_finite_number_for_each() -> None:
    np.testing.assert_array_equal(per_seed("values", iter([1, 2])), [1.0, 2.0])
    for bad in ([], [[1.0]], [np.nan]):
        with pytest.raises(InputError, match="Expected"):
            per_seed("values", bad)  # type: ignore[arg-type]


def test_pairs_are_of_the_same_seeds() -> None:
    ours, theirs = pairs([1, 2], (3, 4))
    assert (ours.tolist(), theirs.tolist()) == ([1, 2], [3, 4])
    with pytest.raises(InputError, match="same seeds"):
        pairs([1, 2], [3])


@pytest.mark.parametrize("share", [0, 1, 95, -0.1, float("nan")])
def test_a_share_lies_between_zero_and_one(share: float) -> None:
    with pytest.raises(InputError, match="between 0 and 1"):
        proper_share("level", share, 0.95)
