"""Speeds are those of the real training and the real clean pass, and cost a few seconds at most."""

from __future__ import annotations

import time

import pytest
import torch

from swither.experiment import speed
from swither.experiment.speed import measure_speeds
from swither.models import ModelSettings, build_model
from swither.training.recipe import Recipe


def test_measuring_leaves_random_state_and_threads_as_they_were() -> None:
    torch.manual_seed(3)
    before, threads = torch.random.get_rng_state(), torch.get_num_threads()
    measure_speeds(ModelSettings("tiny"), Recipe(), (8, 8, 1), 10, [20, 100], seconds=0.05)
    assert torch.equal(before, torch.random.get_rng_state())
    assert torch.get_num_threads() == threads


def test_the_network_on_disk_is_as_large_as_its_weights() -> None:
    settings = ModelSettings("resnet8", width=8)
    speeds = measure_speeds(settings, Recipe(), (16, 16, 3), 5, [200], seconds=0.05)
    network = build_model(settings, (16, 16, 3), 5, seed=0)
    assert speeds.weights_bytes == sum(w.numel() * w.element_size() for w in network.state_dict().values())
    assert speeds.embedding_width == network.embedding_width
    assert speeds.memory_bytes > speeds.weights_bytes


@pytest.mark.parametrize("labelled", [[20], [20, 5000], [5000]])
def test_every_time_is_above_zero_whatever_the_batches(labelled: list[int]) -> None:
    speeds = measure_speeds(ModelSettings("tiny"), Recipe(), (8, 8, 1), 3, labelled, seconds=0.1)
    assert speeds.step_seconds + 128 * speeds.image_seconds > 0
    assert speeds.chunk_seconds > 0


def test_a_wider_network_is_slower() -> None:
    def seconds(width: int) -> float:
        speeds = measure_speeds(ModelSettings("tiny", width=width), Recipe(), (16, 16, 3), 10, [5000], seconds=0.3)
        return speeds.step_seconds + 128 * speeds.image_seconds

    assert seconds(64) > 2 * seconds(8)


def test_a_slow_network_is_timed_on_less_instead_of_longer() -> None:
    slow = ModelSettings("resnet18", width=16)
    measure_speeds(ModelSettings("tiny"), Recipe(), (8, 8, 1), 10, [20], seconds=0.05)  # loads what torch loads late
    network = build_model(slow, (32, 32, 3), 10, seed=0).eval()
    with torch.inference_mode():
        began = time.process_time()
        network(torch.zeros(8, 3, 32, 32))
        eight = time.process_time() - began
    began = time.process_time()
    measure_speeds(slow, Recipe(), (32, 32, 3), 10, [5000], seconds=0.02)
    assert time.process_time() - began < 100 * eight + 1  # three batches of 128 and five chunks would be 270 eights


def test_what_is_timed_is_the_precision_and_the_chunk_that_will_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, set[object]] = {"training": set(), "graphs": set(), "pass": set(), "chunk": set()}
    real_fit, real_pass = speed.fit, speed.clean_pass

    def fit(*given: object, precision: str, graphs: str | None, **more: object) -> object:
        seen["training"].add(precision)
        seen["graphs"].add(graphs)
        return real_fit(*given, precision=precision, graphs=graphs, **more)  # type: ignore[arg-type]

    def clean_pass(*given: object, precision: str, chunk: int, **more: object) -> object:
        seen["pass"].add(precision)
        seen["chunk"].add(chunk)
        return real_pass(*given, precision=precision, chunk=chunk, **more)  # type: ignore[arg-type]

    monkeypatch.setenv("SWITHER_ALLOW_SLOW_BFLOAT16", "1")
    monkeypatch.setattr(speed, "fit", fit)
    monkeypatch.setattr(speed, "clean_pass", clean_pass)
    monkeypatch.setattr(speed, "usual_chunk", lambda kind: 200)  # a card's would be 1024
    monkeypatch.setattr(speed, "_affordable", lambda size, *given: size)
    speeds = measure_speeds(
        ModelSettings("tiny", width=4),
        Recipe(),
        (8, 8, 1),
        3,
        [20],
        device="cpu",
        precision="bfloat16",
        graphs="no",
        seconds=0.05,
    )
    assert seen == {"training": {"bfloat16"}, "graphs": {"no"}, "pass": {"bfloat16"}, "chunk": {200}}
    assert speeds.chunk == 200
