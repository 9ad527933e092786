"""Keeping freed memory changes no number, and ends with the training."""

from __future__ import annotations

import resource
import sys

import numpy as np
import pytest
import torch

from swither.data import ImageSet
from swither.models import ModelSettings, build_model
from swither.training import Recipe, fit
from swither.training import memory as memory_module
from swither.training.memory import freed_memory_kept


@pytest.fixture(autouse=True)
def no_limits_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GLIBC_TUNABLES", *memory_module._SET_BY_THE_USER):
        monkeypatch.delenv(name, raising=False)


def some_images() -> ImageSet:
    draw = np.random.default_rng(0)
    ids = np.array([f"{number:03}" for number in range(64)])
    pixels = draw.integers(0, 256, (64, 16, 16, 3), dtype=np.uint8)
    return ImageSet(pixels, np.arange(64), ids, draw.integers(3, size=64), ("a", "b", "c"), ids)


def trained() -> torch.nn.Module:
    recipe = Recipe(epochs=2, least_steps=2, least_steps_per_epoch=1)
    return fit(build_model(ModelSettings("tiny"), (16, 16, 3), classes=3, seed=0), some_images(), recipe, seed=0).model


def test_weights_do_not_depend_on_where_freed_memory_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = trained().state_dict()
    monkeypatch.setattr(memory_module, "_glibc", lambda: None)
    given_back = trained().state_dict()
    assert all(torch.equal(kept[name], given_back[name]) for name in kept)


def test_an_error_inside_comes_out_and_the_library_is_left_as_it_would_be_by_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said: list[tuple[int, ...]] = []

    class Library:
        def mallopt(self, name: int, value: int) -> None:
            said.append((name, value))

        def malloc_trim(self, pad: int) -> None:
            said.append((pad,))

    monkeypatch.setattr(memory_module, "_glibc", Library)
    with pytest.raises(ZeroDivisionError), freed_memory_kept():
        raise ZeroDivisionError
    assert said[-2:] == [(-1, 64 << 20), (0,)]


def test_nothing_is_set_for_a_training_on_a_card(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory_module, "_glibc", lambda: pytest.fail("the C library was looked for"))
    with freed_memory_kept("cuda"):
        pass


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MALLOC_TRIM_THRESHOLD_", "131072"),
        ("MALLOC_MMAP_THRESHOLD_", "65536"),
        ("GLIBC_TUNABLES", "glibc.malloc.check=0:glibc.malloc.trim_threshold=131072"),
    ],
)
def test_limits_that_the_user_set_are_left_alone(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory_module, "_glibc", lambda: pytest.fail("the C library was looked for"))
    monkeypatch.setenv(name, value)
    with freed_memory_kept():
        pass


def test_tunables_of_other_things_do_not_count_as_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []
    monkeypatch.setattr(memory_module, "_glibc", lambda: asked.append(True))
    monkeypatch.setenv("GLIBC_TUNABLES", "glibc.malloc.tcache_count=7")
    with freed_memory_kept():
        pass
    assert asked


@pytest.mark.skipif(sys.platform != "linux" or memory_module._glibc() is None, reason="needs glibc")
def test_a_block_that_is_freed_and_taken_again_causes_no_page_faults() -> None:
    def faults(size: int) -> int:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        for _ in range(20):
            torch.ones(size)
        return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

    with freed_memory_kept():
        faults(4 << 20)
        assert faults(4 << 20) < 1000  # 16 MiB are 4,096 pages, twenty times over
