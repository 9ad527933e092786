from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from swither.data.image_set import ImageSet
from swither.errors import InputError, UnknownName
from swither.models import ModelSettings, build_model
from swither.training import Recipe, fit, graphs
from swither.training.graphs import GraphWarning, captured, choose_graphs, unchanged
from swither.training.weights import tensors_digest

needs_cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
MakeImages = Callable[..., ImageSet]


def test_steps_are_captured_on_cuda_alone_and_for_our_own_networks_alone() -> None:
    ours = build_model(ModelSettings("tiny", width=4), (8, 8, 1), 3, seed=0)
    assert choose_graphs(None, "cpu", ours) == "no"
    assert choose_graphs(None, "cuda", ours) == "steps"
    assert choose_graphs(None, "cuda", nn.Linear(1, 1)) == "no"
    assert choose_graphs("compiled", "cuda") == "compiled"


def test_graphs_that_cannot_be_are_refused_in_words() -> None:
    with pytest.raises(UnknownName, match="compiled"):
        choose_graphs("all", "cuda")
    with pytest.raises(InputError, match="need CUDA"):
        choose_graphs("steps", "cpu")


def test_warming_up_leaves_no_trace_also_after_an_error() -> None:
    weights = [torch.rand(3), torch.rand(2, requires_grad=True)]
    before = [weight.detach().clone() for weight in weights]

    def spoil() -> None:
        with unchanged(weights), torch.no_grad():
            for weight in weights:
                weight.add_(1)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        spoil()
    assert all(torch.equal(now, was) for now, was in zip(weights, before, strict=True))


def test_a_step_that_cannot_be_captured_is_taken_as_usual(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*given: object) -> None:
        raise RuntimeError("operation not permitted when stream is capturing\nmore")

    monkeypatch.setattr(graphs, "CapturedStep", refuse)

    def step(given: torch.Tensor) -> tuple[torch.Tensor, ...]:
        return (given + 1,)

    with pytest.warns(GraphWarning, match="operation not permitted when stream is capturing"):
        assert captured(step, torch.zeros(1), []) is step


def test_a_capture_that_fails_leaves_its_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    """torch's own context raises at the end of a broken capture before it has gone back to the stream of before."""
    streams = ["usual"]

    class Stream:
        def __init__(self, *given: object) -> None:
            """Nothing."""

        def wait_stream(self, other: object) -> None:
            """Nothing."""

    @contextlib.contextmanager
    def stream(which: object) -> Iterator[None]:
        before = streams[-1]
        streams.append("side")
        try:
            yield
        finally:
            streams.append(before)

    @contextlib.contextmanager
    def broken(graph: object, **how: object) -> Iterator[None]:
        streams.append("side")
        yield
        raise RuntimeError("operation failed due to a previous error during capture")

    for name, stand_in in (("CUDAGraph", object), ("Stream", Stream), ("stream", stream), ("graph", broken)):
        monkeypatch.setattr(torch.cuda, name, stand_in)
    monkeypatch.setattr(torch.cuda, "current_stream", Stream)
    monkeypatch.setattr(torch.cuda, "synchronize", lambda device: None)
    with pytest.warns(GraphWarning, match="previous error during capture"):
        captured(lambda given: (given,), torch.zeros(1), [])
    assert streams[-1] == "usual"


def test_whole_batches_go_through_the_captured_step_and_the_rest_does_not(
    make_images: MakeImages, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stand-in that warms up as the real one does: the training must be as if nothing had been captured."""
    images, taken, digests = make_images(37), [], []

    def stand_in(step: graphs.Step, example: torch.Tensor, changed: object) -> graphs.Step:
        with unchanged(changed):  # type: ignore[arg-type]
            step(example)

        def replay(given: torch.Tensor) -> tuple[torch.Tensor, ...]:
            taken.append(given.shape[1])
            return step(given)

        return replay

    recipe = Recipe(epochs=2, least_steps=1, batch_size=8, least_batch_size=8)
    for name in ("no", "steps"):
        network = build_model(ModelSettings("tiny", width=4), images.image_shape, 3, seed=0)
        with monkeypatch.context() as patch:
            if name == "steps":
                module = import_module("swither.training.fit")  # its name in the package is the function's
                patch.setattr(module, "choose_graphs", lambda name, device, model: "steps")
                patch.setattr(module, "captured", stand_in)
                patch.setattr("swither.training.feeding.lies_on_device", lambda images, device: True)
            fit(network, images, recipe, seed=4)
        digests.append(tensors_digest(network.state_dict()))
    assert taken == [8] * 8
    assert digests[0] == digests[1]


def digest_of_training(make_images: MakeImages, **how: str) -> str:
    """Of the weights after a short training."""
    images = make_images(37)
    network = build_model(ModelSettings("tiny", width=4), images.image_shape, 3, seed=0)
    recipe = Recipe(epochs=2, least_steps=1, batch_size=8, least_batch_size=8)
    fit(network, images, recipe, seed=4, **how)  # type: ignore[arg-type]
    return tensors_digest(network.state_dict())


@pytest.mark.parametrize("name", ["steps", "compiled"])
@pytest.mark.parametrize("fails", ["capture", "first call"])
def test_after_a_capture_that_failed_training_is_as_if_nothing_had_been_tried(
    make_images: MakeImages, monkeypatch: pytest.MonkeyPatch, name: str, fails: str
) -> None:
    """The first call is of the compiled network, where the compiler works; it fails each time that it is called."""
    plain, tried = digest_of_training(make_images), []

    class Failing:
        def __init__(self, step: graphs.Step, example: torch.Tensor, changed: object) -> None:
            tried.append(fails)
            with unchanged(changed):  # type: ignore[arg-type]
                step(example)
                step(example)
                raise RuntimeError("operation not permitted when stream is capturing")

    def no_compiler(*given: object) -> object:
        raise RuntimeError("no compiler is here")

    module = import_module("swither.training.fit")
    monkeypatch.setattr(module, "choose_graphs", lambda asked, device, model: name)
    monkeypatch.setattr("swither.training.feeding.lies_on_device", lambda images, device: True)
    monkeypatch.setattr(graphs, "CapturedStep", Failing)
    compiled = no_compiler if fails == "first call" else None
    monkeypatch.setattr(torch, "compile", lambda model, dynamic: compiled or model)
    with pytest.warns(GraphWarning, match="computed as usual"):
        assert digest_of_training(make_images) == plain
    assert tried == [fails], "it is tried once"


def test_graphs_that_are_asked_for_by_name_do_not_vanish_in_silence(
    make_images: MakeImages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        import_module("swither.training.fit"), "choose_graphs", lambda asked, device, model: asked or "steps"
    )
    with pytest.warns(GraphWarning, match=r"Graphs \(steps\).*sent batch by batch"):
        asked = digest_of_training(make_images, graphs="steps")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert digest_of_training(make_images) == asked  # what is only usual is not promised
        assert digest_of_training(make_images, graphs="no") == asked


@needs_cuda
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_captured_steps_train_as_uncaptured_ones(make_images: MakeImages, precision: str) -> None:
    images = make_images(200, side=16, channels=3)
    weights = {}
    for name in ("no", "steps"):
        network = build_model(ModelSettings("tiny", width=8), images.image_shape, 3, seed=0)
        recipe = Recipe(epochs=2, least_steps=1)
        fit(network, images, recipe, seed=4, device="cuda", precision=precision, graphs=name, deterministic=False)
        weights[name] = torch.cat([weight.detach().flatten().cpu() for weight in network.parameters()])
    assert np.allclose(weights["no"], weights["steps"], atol=1e-2)


class Killed(Exception):
    """Plays the end of the process."""


class KillingAfter:
    """An observer that ends the process after an epoch, before that one's checkpoint is written."""

    def __init__(self, epoch: int) -> None:
        self.epoch = epoch

    def after_batch(self, ids: object, labels: object, logits: object) -> None:
        """Nothing."""

    def after_epoch(self, epoch: int, model: object) -> None:
        if epoch == self.epoch:
            raise Killed

    def resume(self, epochs: int) -> None:
        """Nothing."""


@needs_cuda
@pytest.mark.filterwarnings("error")  # of a capture that fails, or a checkpoint that does not read
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_a_captured_training_goes_on_from_its_checkpoint_as_if_it_had_never_stopped(
    make_images: MakeImages, tmp_path: Path, precision: str
) -> None:
    images = make_images(200, side=16, channels=3)
    recipe = Recipe(epochs=4, least_steps=1, batch_size=32, least_batch_size=32)

    def train(name: str, *observers: KillingAfter) -> torch.Tensor:
        network = build_model(ModelSettings("tiny", width=8), images.image_shape, 3, seed=0)
        fitted = fit(
            network,
            images,
            recipe,
            seed=4,
            device="cuda",
            observers=observers,
            checkpoint=tmp_path / name,
            checkpoint_seconds=0.0,
            precision=precision,
            graphs="steps",
        )
        assert fitted.epochs == 4
        return torch.cat([weight.detach().flatten().cpu() for weight in network.parameters()])

    whole = train("whole")
    with pytest.raises(Killed):
        train("killed", KillingAfter(3))
    assert (tmp_path / "killed").exists()
    assert torch.allclose(train("killed"), whole, atol=1e-2)


def test_a_learning_rate_in_a_tensor_falls_as_a_plain_one_does(
    make_images: MakeImages, monkeypatch: pytest.MonkeyPatch
) -> None:
    images, digests = make_images(40), []
    for in_tensor in (False, True):
        network = build_model(ModelSettings("tiny", width=4), images.image_shape, 3, seed=0)
        with monkeypatch.context() as patch:
            if in_tensor:
                module = import_module("swither.training.fit")
                patch.setattr(module, "_on_card", lambda rate, device: torch.tensor(rate, dtype=torch.float64))
            fit(network, images, Recipe(epochs=5, least_steps=0), seed=4)
        digests.append(tensors_digest(network.state_dict()))
    assert digests[0] == digests[1]


@needs_cuda
def test_a_captured_step_replays_on_other_inputs_and_leaves_no_trace_of_its_warming_up() -> None:
    total = torch.zeros((), device="cuda")

    def step(given: torch.Tensor) -> tuple[torch.Tensor, ...]:
        total.add_(given.sum())
        return (given * 2,)

    replay = graphs.CapturedStep(step, torch.ones(3, device="cuda"), [total])
    assert total.item() == 0
    (doubled,) = replay(torch.full((3,), 5.0, device="cuda"))
    assert doubled.tolist() == [10.0] * 3
    assert total.item() == 15


@needs_cuda
def test_dropout_of_a_captured_step_follows_its_seed() -> None:
    from swither.models.seeded import seeded

    replay = graphs.CapturedStep(
        lambda given: (torch.nn.functional.dropout(given, 0.5),), torch.ones(1000, device="cuda"), []
    )
    drawn = []
    for seed in (1, 2, 1):
        with seeded(seed, "cuda"):
            drawn.append(replay(torch.ones(1000, device="cuda"))[0].clone())
    assert torch.equal(drawn[0], drawn[2])
    assert not torch.equal(drawn[0], drawn[1])


@needs_cuda
def test_after_a_capture_that_failed_the_card_draws_random_numbers_on_its_usual_stream() -> None:
    """A step that waits for the host cannot be captured."""
    before = torch.cuda.current_stream()

    def waits(given: torch.Tensor) -> tuple[torch.Tensor, ...]:
        return (torch.nn.functional.dropout(given, 0.5) * given.sum().item(),)

    with pytest.warns(GraphWarning):
        step = captured(waits, torch.ones(1000, device="cuda"), [])
    assert torch.cuda.current_stream() == before
    assert 0 < (step(torch.ones(1000, device="cuda"))[0] > 0).float().mean().item() < 1
