from __future__ import annotations

import pytest
import torch

from swither.models import seeded


def test_the_random_state_is_given_back_after_an_error() -> None:
    before = torch.random.get_rng_state()
    with pytest.raises(ZeroDivisionError), seeded(3):
        torch.rand(5)[1 // 0]
    assert torch.equal(before, torch.random.get_rng_state())


def test_without_a_seed_the_state_goes_on_inside_and_is_given_back() -> None:
    before = torch.random.get_rng_state()
    with seeded(None):
        inside = torch.rand(3)
    assert torch.equal(before, torch.random.get_rng_state())
    assert torch.equal(inside, torch.rand(3))


def test_nested_seeds_do_not_disturb_the_outer_one() -> None:
    with seeded(1):
        expected = torch.rand(4)
    with seeded(1):
        with seeded(2):
            torch.rand(9)
        assert torch.equal(expected, torch.rand(4))
