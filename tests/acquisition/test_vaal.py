from __future__ import annotations

import numpy as np
import pytest

from swither.acquisition import ACQUISITIONS, Variant, select, vaal
from swither.errors import InputError, UnknownName


def test_the_least_likely_labelled_come_first() -> None:
    likelihood = np.array([0.5, 0.1, 0.9, 0.3])
    chosen = select("vaal", {"labelled_likelihood": likelihood}, 4, samples=4, generator=np.random.default_rng(0))
    assert chosen.positions.tolist() == [1, 3, 0, 2]


def test_a_discriminator_that_is_sure_of_all_still_ranks_them() -> None:
    likelihood = 10.0 ** -np.arange(20.0, 300.0)
    assert np.argsort(-vaal(likelihood)).tolist() == list(range(280))[::-1]


@pytest.mark.parametrize("wrong", [[0.5, 1.5], [-0.1, 0.5], [np.nan, 0.5], [[0.5]], ["a"]])
def test_what_is_no_probability_is_refused(wrong: list[object]) -> None:
    with pytest.raises(InputError, match="likelihood"):
        vaal(wrong)


@pytest.mark.parametrize(
    ("spec", "title"),
    [
        ("vaal", "VAAL"),
        ("vaal:width=128,iterations=39062", "VAAL"),
        ("vaal:width=256", "VAAL"),
        ("vaal:width=64", "VAAL (reduced)"),
        ("vaal:iterations=39061", "VAAL (reduced)"),
        ("vaal:quirks=released", "VAAL (released)"),
        ("vaal:width=16,iterations=300,quirks=released", "VAAL (reduced, released)"),
    ],
)
def test_a_smaller_one_than_the_authors_is_not_called_theirs(spec: str, title: str) -> None:
    assert Variant.named(spec).title == title


def test_its_scale_belongs_to_the_evidence_and_the_function_never_sees_it() -> None:
    method = ACQUISITIONS["vaal"]
    assert method.settings == {}
    assert method.evidence_settings == {"width": 128, "iterations": 39_062, "quirks": "corrected"}
    assert not method.asks_network
    assert not method.records
    with pytest.raises(UnknownName, match="width"):
        select("vaal", {"labelled_likelihood": [0.5]}, 1, samples=1, generator=np.random.default_rng(0), width=16)
