"""Holm's correction: many comparisons find something by chance, and each has to pay for the others."""

from __future__ import annotations

from collections.abc import Mapping

from swither.errors import InputError


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """Adjusted p values: calling those below 0.05 found is wrong about any of them in at most 5 % of all families.

    The smallest of m is multiplied by m, the next by m - 1, and so on; none becomes smaller than one before it, and
    none exceeds 1. It holds whatever the dependence among the comparisons.

    Args:
        p_values: name of each comparison -> its p value, in [0, 1].

    Returns:
        The same names in the same order -> the adjusted p value.

    Raises:
        InputError: a p value that is not in [0, 1].

    References:
        Holm (1979). A simple sequentially rejective multiple test procedure. Scandinavian Journal of Statistics 6(2).

    Example:
        >>> holm({"a": 0.01, "b": 0.04, "c": 0.015})
        {'a': 0.03, 'b': 0.04, 'c': 0.03}
    """
    wrong = {name: p for name, p in p_values.items() if not 0 <= p <= 1}
    if wrong:
        raise InputError(f"Expected p values between 0 and 1, got {wrong}. Leave out what could not be tested.")
    adjusted: dict[str, float] = {}
    largest = 0.0
    for rank, name in enumerate(sorted(p_values, key=lambda name: p_values[name])):
        largest = max(largest, min(1.0, (len(p_values) - rank) * float(p_values[name])))
        adjusted[name] = largest
    return {name: adjusted[name] for name in p_values}
