"""VAAL's training: what it learns, that it does what its definition says, and that it goes on when interrupted."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional

from swither.data.image_set import ImageSet
from swither.errors import InputError
from swither.models.vaal import LATENTS, build_vaal
from swither.randomness import derive
from swither.training.checkpoint import CheckpointWarning
from swither.training.endless import EndlessOrder
from swither.training.vaal import BATCH, LOG_POINTS, FittedVaal, fit_vaal
from swither.training.vaal_scoring import labelled_likelihood
from swither.training.vaal_settings import VaalSettings
from swither.training.weights import tensors_digest

MakeImages = Callable[..., ImageSet]

SMALL = VaalSettings(width=2, iterations=6)


class Interrupted(Exception):
    """The power cut of these tests."""


def shaded(counts: tuple[int, int], seed: int, side: int = 8, tag: str = "") -> ImageSet:
    """So many dark images, then so many bright ones, in noise."""
    draw = np.random.default_rng(seed)
    dark = draw.integers(100, size=(counts[0], side, side, 1), dtype=np.uint8)
    bright = draw.integers(140, 240, size=(counts[1], side, side, 1), dtype=np.uint8)
    ids = np.array([f"{tag}{number:04}" for number in range(sum(counts))])
    labels = np.zeros(len(ids), dtype=np.int64)
    return ImageSet(np.concatenate([dark, bright]), np.arange(len(ids)), ids, labels, ("a", "b"), ids)


def digest(fitted: FittedVaal) -> str:
    return "".join(tensors_digest(network.state_dict()) for network in (fitted.autoencoder, fitted.discriminator))


def interrupting(iteration: int) -> Callable[[int, int], None]:
    def interrupt(done: int, total: int) -> None:
        if done == iteration:
            raise Interrupted

    return interrupt


@pytest.mark.parametrize("seed", range(3))
def test_the_part_of_the_pool_that_no_labelled_image_resembles_comes_first(seed: int) -> None:
    labelled, pool = shaded((40, 0), seed, tag="labelled"), shaded((40, 40), 100 + seed, tag="pool")
    settings = VaalSettings(width=4, iterations=80)
    fitted = fit_vaal(labelled, pool, settings, seed=seed)
    likelihood = labelled_likelihood(fitted, pool, settings, seed=seed)
    first = np.argsort(likelihood)[:40]
    assert (first >= 40).mean() >= 0.9, "dark images were asked for although all labelled ones are dark"


def test_two_iterations_are_those_of_the_definition(make_images: MakeImages) -> None:
    sides = [make_images(20), make_images(150, seed=1)]
    settings, seed = VaalSettings(width=2, iterations=2), 7
    autoencoder, discriminator = build_vaal((8, 8, 1), 2, derive(seed, "initial weights"))
    optimisers = [torch.optim.Adam(n.parameters(), lr=5e-4) for n in (autoencoder, discriminator)]
    orders = [EndlessOrder(len(images), derive(seed, "order", side)) for side, images in enumerate(sides)]
    for number in range(4):
        generator = torch.Generator().manual_seed(derive(seed, "step", number))
        taken = [images.images(order.batch(number, 128)) for images, order in zip(sides, orders, strict=True)]
        images = torch.cat([torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 127.5 - 1 for pixels in taken])
        noise = torch.cat([torch.randn(128, 32, generator=generator) for _ in sides])
        reconstructions, mean, log_variance = autoencoder(images, noise)
        loss = torch.zeros(())
        for side in (slice(0, 128), slice(128, 256)):
            squared = ((reconstructions - images)[side] ** 2).sum() / 128
            normal = torch.distributions.Normal(mean[side], (log_variance[side] / 2).exp())
            apart = torch.distributions.kl_divergence(normal, torch.distributions.Normal(0.0, 1.0)).sum() / 128
            taken_for = torch.sigmoid(discriminator(mean[side]))
            loss = loss + squared + apart + functional.binary_cross_entropy(taken_for, torch.ones(128))
        optimisers[0].zero_grad()
        loss.backward()
        optimisers[0].step()
        if number % 2:
            with torch.no_grad():
                mean, _ = autoencoder.encode(images)
            truth = torch.cat([torch.ones(128), torch.zeros(128)])
            loss = 2 * functional.binary_cross_entropy(torch.sigmoid(discriminator(mean)), truth)
            optimisers[1].zero_grad()
            loss.backward()
            optimisers[1].step()
    fitted = fit_vaal(*sides, settings, seed=seed)
    for network, plain in ((fitted.autoencoder, autoencoder), (fitted.discriminator, discriminator)):
        for name, weight in plain.state_dict().items():
            assert torch.allclose(network.state_dict()[name].float(), weight.float(), atol=1e-4), name


def test_the_released_form_learns_next_to_nothing_of_the_images() -> None:
    labelled, pool = shaded((30, 30), 0, tag="labelled"), shaded((30, 30), 1, tag="pool")
    ends = {}
    for quirks in ("corrected", "released"):
        settings = VaalSettings(width=4, iterations=100, quirks=quirks)  # type: ignore[arg-type]
        ends[quirks] = fit_vaal(labelled, pool, settings, seed=0).log[-1]
    assert ends["corrected"]["reconstruction_error"] < 0.8 * ends["corrected"]["error_of_the_mean"]
    assert ends["released"]["reconstruction_error"] > 0.9 * ends["released"]["error_of_the_mean"]
    assert ends["released"]["divergence"] < 0.2 * ends["corrected"]["divergence"]


@pytest.mark.parametrize("iterations", [1, 7, 50, 51])
def test_the_log_has_about_fifty_points_the_last_at_the_end(make_images: MakeImages, iterations: int) -> None:
    settings = VaalSettings(width=1, iterations=iterations)
    told: list[int] = []
    images = make_images(12, side=4)
    fitted = fit_vaal(images, images, settings, seed=0, progress=lambda done, total: told.append(done))
    points = [int(point["iteration"]) for point in fitted.log]
    assert points[-1] == iterations
    assert min(iterations, LOG_POINTS // 2) <= len(points) <= LOG_POINTS
    assert told == [0, *points]
    for point in fitted.log:
        assert 0 <= point["discriminator_accuracy"] <= 1
        assert 0 < point["error_of_the_mean"] <= 1
        assert point["reconstruction_error"] > 0
        assert point["divergence"] > 0


def test_the_error_of_the_mean_is_the_variance_of_the_images(make_images: MakeImages) -> None:
    images = make_images(BATCH)  # a batch is one pass over all of them
    fitted = fit_vaal(images, images, VaalSettings(width=1, iterations=3), seed=0)
    scaled = images.pixels / 127.5 - 1
    assert fitted.log[-1]["error_of_the_mean"] == pytest.approx(scaled.var(axis=0).mean(), rel=1e-4)


@pytest.mark.parametrize("quirks", ["corrected", "released"])
def test_interrupted_after_any_iteration_gives_the_same_weights_and_log(
    tmp_path: Path, make_images: MakeImages, quirks: str
) -> None:
    sides, settings = (make_images(20), make_images(50, seed=1)), replace(SMALL, quirks=quirks)  # type: ignore[arg-type]
    whole = fit_vaal(*sides, settings, seed=3)
    for iteration in (1, 4, 6):
        keep = {"checkpoint": tmp_path / str(iteration), "checkpoint_seconds": 0.0}
        with pytest.raises(Interrupted):
            fit_vaal(*sides, settings, seed=3, progress=interrupting(iteration), **keep)  # type: ignore[arg-type]
        again = fit_vaal(*sides, settings, seed=3, **keep)  # type: ignore[arg-type]
        assert digest(again) == digest(whole)
        assert again.log == whole.log


def test_interrupted_between_two_points_of_the_log_gives_the_same_log(tmp_path: Path, make_images: MakeImages) -> None:
    images, settings = make_images(12, side=4), VaalSettings(width=1, iterations=60)
    whole = fit_vaal(images, images, settings, seed=3)
    for _ in range(2):  # each process ends at some moment of its own
        killed = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False)
        assert killed.returncode == -signal.SIGKILL
    again = fit_vaal(images, images, settings, seed=3, checkpoint=tmp_path / "checkpoint", checkpoint_seconds=0)
    assert digest(again) == digest(whole)
    assert again.log == whole.log


KILLED = f"""
import os, random, signal, sys
from pathlib import Path
sys.path.insert(0, {os.path.dirname(__file__)!r})
from conftest import squares
from swither.training import use_threads
from swither.training.checkpoint import CheckpointFile
from swither.training.vaal import fit_vaal
from swither.training.vaal_settings import VaalSettings

left, write = random.randrange(1, 28), CheckpointFile.write

def written(self, *content):
    global left
    write(self, *content)
    left -= 1
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)

CheckpointFile.write = written
images = squares(12, side=4)
with use_threads(1):
    path = Path(sys.argv[1]) / "checkpoint"
    fit_vaal(images, images, VaalSettings(1, 60), seed=3, checkpoint=path, checkpoint_seconds=0)
"""


def test_a_checkpoint_of_another_training_is_set_aside(tmp_path: Path, make_images: MakeImages) -> None:
    sides, path = (make_images(20), make_images(50, seed=1)), tmp_path / "checkpoint"
    others = [
        lambda: fit_vaal(*sides, SMALL, seed=4, checkpoint=path),
        lambda: fit_vaal(*sides, replace(SMALL, iterations=5), seed=3, checkpoint=path),
        lambda: fit_vaal(*sides, replace(SMALL, quirks="released"), seed=3, checkpoint=path),
        lambda: fit_vaal(sides[0].take(np.arange(19)), sides[1], SMALL, seed=3, checkpoint=path),
    ]
    for other in others:
        fit_vaal(*sides, SMALL, seed=3, checkpoint=path, checkpoint_seconds=0)
        with pytest.warns(CheckpointWarning, match="another training"):
            other()


def test_labels_are_not_looked_at_and_global_randomness_stays(make_images: MakeImages) -> None:
    labelled, pool = make_images(20), make_images(50, seed=1)
    before = torch.random.get_rng_state()
    whole = fit_vaal(labelled, pool, SMALL, seed=3)
    relabelled = replace(labelled, labels=(labelled.labels + 1) % 3)
    assert digest(fit_vaal(relabelled, pool.without_labels(), SMALL, seed=3)) == digest(whole)
    assert torch.equal(before, torch.random.get_rng_state())


@pytest.mark.parametrize("shape", [(4, 1), (7, 3), (28, 1), (33, 3)])
def test_small_odd_and_grey_images_are_learned_from(make_images: MakeImages, shape: tuple[int, int]) -> None:
    images = make_images(6, side=shape[0], channels=shape[1])
    fitted = fit_vaal(images, images, VaalSettings(width=1, iterations=1), seed=0)
    likelihood = labelled_likelihood(fitted, images, VaalSettings(width=1, iterations=1), seed=0)
    assert likelihood.shape == (6,)
    assert fitted.discriminator(torch.zeros(1, LATENTS)).shape == (1,)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
@pytest.mark.parametrize("quirks", ["corrected", "released"])
def test_on_a_graphics_card_it_learns_the_same_and_goes_on_when_interrupted(tmp_path: Path, quirks: str) -> None:
    labelled, pool = shaded((40, 0), 0, tag="labelled"), shaded((40, 40), 100, tag="pool")
    settings = VaalSettings(width=4, iterations=80, quirks=quirks)  # type: ignore[arg-type]
    keep = {"device": "cuda", "checkpoint": tmp_path / "checkpoint", "checkpoint_seconds": 0.0}
    with pytest.raises(Interrupted):
        fit_vaal(labelled, pool, settings, seed=0, progress=interrupting(40), **keep)  # type: ignore[arg-type]
    fitted = fit_vaal(labelled, pool, settings, seed=0, **keep)  # type: ignore[arg-type]
    assert [point["iteration"] for point in fitted.log] == list(range(2, 81, 2))
    likelihood = labelled_likelihood(fitted, pool, settings, seed=0, device="cuda")
    assert np.isfinite(likelihood).all()
    if quirks == "corrected":
        assert (np.argsort(likelihood)[:40] >= 40).mean() >= 0.9


def test_a_side_without_images_and_a_loss_that_is_no_number_are_refused(
    make_images: MakeImages, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = make_images(12)
    with pytest.raises(InputError, match="no unlabelled ones"):
        fit_vaal(images, images.take(np.arange(0)), SMALL, seed=0)
    monkeypatch.setattr("swither.training.vaal.LEARNING_RATE", 1e30)
    with pytest.raises(InputError, match="diverged"):
        fit_vaal(images, images, SMALL, seed=0)
