from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from swither.acquisition.embeddings import as_embeddings
from swither.errors import InputError


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ([[0.0, np.nan]], "finite mine, below 1e\\+150; row 0 is not"),
        ([[0.0, 0.0], [0.0, 1e200]], "row 1 is not"),
        ([0.0, 1.0], r"mine as \(samples, width\) real numbers"),
        (np.empty((3, 0)), "real numbers"),
        ([["a"]], "real numbers"),
    ],
)
def test_what_is_no_embedding_is_refused_by_its_name(values: Any, says: str) -> None:
    with pytest.raises(InputError, match=says):
        as_embeddings("mine", values)


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_every_type_of_number_is_looked_through(kind: type, wrong: float) -> None:
    values = np.full((4, 3), np.finfo(np.float16).max, dtype=kind)
    assert as_embeddings("mine", -values).shape == (4, 3)
    values[2, 1] = wrong
    with pytest.raises(InputError, match="row 2 is not"):
        as_embeddings("mine", values)


def test_rows_of_another_width_are_refused_and_no_rows_are_not() -> None:
    with pytest.raises(InputError, match="of width 3"):
        as_embeddings("mine", np.zeros((2, 2)), width=3)
    assert as_embeddings("mine", [], width=3).shape == (0, 3)


def test_contiguous_embeddings_are_not_copied() -> None:
    values = np.zeros((4, 3), dtype=np.float32)
    assert np.shares_memory(as_embeddings("mine", values), values)
