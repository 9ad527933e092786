from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from swither.errors import InputError
from swither.statistics import holm

FAMILIES = st.lists(st.floats(0, 1), max_size=8).map(lambda ps: {f"comparison {n}": p for n, p in enumerate(ps)})


def rejected(p_values: dict[str, float], level: float) -> set[str]:
    """Holm's own words: the smallest against level / m, the next against level / (m - 1), until one is too large."""
    found: set[str] = set()
    left = dict(p_values)
    while left:
        smallest = min(left, key=lambda name: left[name])
        if left[smallest] > level / len(left):
            break
        found.add(smallest)
        del left[smallest]
    return found


@given(FAMILIES, st.floats(0.001, 0.999))
def test_below_a_level_lies_what_holms_steps_reject_at_it(family: dict[str, float], level: float) -> None:
    adjusted = holm(family)
    if any(a == pytest.approx(level, rel=1e-9) for a in adjusted.values()):
        return

    assert {name for name, p in adjusted.items() if p <= level} == rejected(family, level)


@given(FAMILIES)
def test_an_adjusted_p_is_the_largest_of_the_multiplied_ones_before_it(family: dict[str, float]) -> None:
    adjusted, m = holm(family), len(family)
    for name, p in family.items():
        ranked = sorted(family.values())
        expected = max((m - k) * q for k, q in enumerate(ranked) if q <= p)
        assert adjusted[name] == pytest.approx(min(1.0, expected))


@given(FAMILIES)
def test_the_order_is_kept_and_nothing_becomes_smaller_or_more_than_one(family: dict[str, float]) -> None:
    adjusted = holm(family)

    assert list(adjusted) == list(family)
    assert all(family[name] <= adjusted[name] <= 1 for name in family)
    by_p = [adjusted[name] for name in sorted(family, key=lambda name: family[name])]
    assert by_p == sorted(by_p)


@given(FAMILIES)
def test_it_is_never_stricter_than_bonferroni(family: dict[str, float]) -> None:
    assert all(a <= min(1.0, len(family) * family[name]) + 1e-12 for name, a in holm(family).items())


def test_a_family_without_differences_finds_one_as_rarely_as_it_promises() -> None:
    draws = np.random.default_rng(2).uniform(size=(4000, 6))
    wrong = np.mean([min(holm(dict(zip("abcdef", row, strict=True))).values()) < 0.05 for row in draws])

    assert wrong == pytest.approx(0.05, abs=0.012)


def test_a_p_that_is_none_is_refused() -> None:
    for bad in (-0.1, 1.1, float("nan")):
        with pytest.raises(InputError, match="between 0 and 1"):
            holm({"a": 0.5, "b": bad})
