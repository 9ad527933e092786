"""The door for arrays of any framework, and the smallest type that holds labels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from swither.arrays import label_type, require_shape, to_numpy
from swither.errors import InputError


@pytest.mark.parametrize("type_", [torch.float32, torch.float16, torch.bfloat16, torch.int64, torch.uint8])
def test_tensors_of_any_type_come_in_with_their_values(type_: torch.dtype) -> None:
    assert to_numpy(torch.tensor([1, 2, 3]).to(type_)).tolist() == [1, 2, 3]


def test_a_tensor_that_keeps_gradients_comes_in(rng: np.random.Generator) -> None:
    values = rng.normal(size=(3, 2))
    assert np.array_equal(to_numpy(torch.tensor(values, requires_grad=True)), values)


def test_an_array_comes_in_without_a_copy(rng: np.random.Generator) -> None:
    values = rng.normal(size=10)
    assert np.shares_memory(to_numpy(values), values)
    assert np.shares_memory(to_numpy(torch.from_numpy(values)), values)


def test_lists_come_in() -> None:
    assert to_numpy([[1, 2], [3, 4]]).shape == (2, 2)


@pytest.mark.parametrize(
    ("classes", "type_"), [(1, "uint8"), (255, "uint8"), (256, "uint16"), (65_535, "uint16"), (65_536, "uint32")]
)
def test_the_highest_code_of_a_label_type_is_never_a_class(classes: int, type_: str) -> None:
    chosen = label_type(classes)
    assert chosen == np.dtype(type_)
    assert classes - 1 < np.iinfo(chosen).max


@pytest.mark.parametrize("classes", [0, -1, 2**32])
def test_impossible_numbers_of_classes_are_refused(classes: int) -> None:
    with pytest.raises(InputError, match=str(classes)):
        label_type(classes)


@pytest.mark.parametrize(("shape", "lengths"), [((2, 3), (2, 3)), ((2, 3), (None, 3)), ((0,), (0,)), ((), ())])
def test_a_fitting_shape_passes(shape: tuple[int, ...], lengths: tuple[Any, ...]) -> None:
    require_shape("values", np.zeros(shape), *lengths)


@pytest.mark.parametrize(("shape", "lengths"), [((2, 3), (2,)), ((2,), (2, 3)), ((2, 3), (None, 4))])
def test_another_shape_is_refused_with_both_shapes(shape: tuple[int, ...], lengths: tuple[Any, ...]) -> None:
    with pytest.raises(InputError, match="Expected values of shape") as raised:
        require_shape("values", np.zeros(shape), *lengths)
    assert str(shape) in str(raised.value)


@pytest.fixture
def rng() -> np.random.Generator:
    """Fresh random inputs."""
    return np.random.default_rng()
