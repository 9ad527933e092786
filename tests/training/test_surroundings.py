from __future__ import annotations

import pytest
import torch

from swither.training.surroundings import as_in_training


@pytest.mark.parametrize("deterministic", [False, True])
def test_algorithms_are_those_of_a_training_inside_and_as_before_afterwards(deterministic: bool) -> None:
    before = torch.are_deterministic_algorithms_enabled()
    found = []

    def fail() -> None:
        with as_in_training("cpu", deterministic=deterministic):
            found.append(torch.are_deterministic_algorithms_enabled())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert found == [deterministic]
    assert torch.are_deterministic_algorithms_enabled() == before
