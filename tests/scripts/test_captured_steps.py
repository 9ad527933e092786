"""Whether the check of captured steps lets right ones pass and finds wrong ones, played on the CPU."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from swither.data import ImageSet
from swither.models import ModelSettings
from swither.models.seeded import seeded
from swither.training.graphs import GraphWarning, Step
from swither.training.precision import ALLOW_SLOW, BFLOAT16, FLOAT32

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
Capture = Callable[[Step, torch.Tensor, object], Step]


def right(step: Step, example: torch.Tensor, changed: object) -> Step:
    return step


def with_one_dropout_mask_for_all_steps(step: Step, example: torch.Tensor, changed: object) -> Step:
    def replay(given: torch.Tensor) -> tuple[torch.Tensor, ...]:
        with seeded(0):
            return step(given)

    return replay


def with_its_warming_up_left_in_the_network(step: Step, example: torch.Tensor, changed: object) -> Step:
    for _ in range(3):
        step(example)
    return step


def that_is_none(step: Step, example: torch.Tensor, changed: object) -> Step:
    warnings.warn("it could not be captured (why); it is computed as usual, slower", GraphWarning, stacklevel=2)
    return step


def random_images(samples: int) -> ImageSet:
    draw, ids = np.random.default_rng(0), np.array([f"{number:03}" for number in range(samples)])
    pixels = draw.integers(0, 256, (samples, 16, 16, 3), dtype=np.uint8)
    return ImageSet(pixels, np.arange(samples), ids, draw.integers(0, 3, samples), ("a", "b", "c"), ids)


@pytest.fixture
def check(monkeypatch: pytest.MonkeyPatch) -> Callable[[Capture], list[Any]]:
    """Run the check with a stand-in for the capture."""
    monkeypatch.syspath_prepend(str(SCRIPTS))
    monkeypatch.setenv(ALLOW_SLOW, "1")
    module, fitting = import_module("on_card.captured_steps"), import_module("swither.training.fit")
    monkeypatch.setattr(fitting, "choose_graphs", lambda asked, device, model: asked)
    monkeypatch.setattr("swither.training.feeding.lies_on_device", lambda images, device: True)

    def checks(capture: Capture) -> list[Any]:
        monkeypatch.setattr(fitting, "captured", capture)
        model, device = ModelSettings("tiny", width=8, dropout=0.5), torch.device("cpu")
        found: list[Any] = module.check_captured_steps(random_images(70), model, device, "steps", (FLOAT32, BFLOAT16))
        return found

    return checks


def test_steps_that_are_captured_rightly_pass(check: Callable[[Capture], list[Any]]) -> None:
    found = check(right)
    assert len(found) == 6, "logits, weights and statistics, in each precision"
    assert all(one.passed and one.value == 0 for one in found)


@pytest.mark.parametrize("wrong", [with_one_dropout_mask_for_all_steps, with_its_warming_up_left_in_the_network])
def test_steps_that_train_otherwise_fail(check: Callable[[Capture], list[Any]], wrong: Capture) -> None:
    found = check(wrong)
    for precision in (FLOAT32, BFLOAT16):
        assert not all(one.passed for one in found if precision in one.name)


def test_steps_that_were_not_captured_are_not_taken_for_right_ones(check: Callable[[Capture], list[Any]]) -> None:
    found = check(that_is_none)
    assert [one.passed for one in found] == [False, False]
    assert "could not be captured (why)" in found[0].line()
    assert json.loads(json.dumps(found[0].facts(), allow_nan=False))["value"] is None
    assert np.isnan(found[0].value)
