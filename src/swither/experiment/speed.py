"""How quick this machine trains and predicts: the real steps and the real clean pass, timed for a few seconds."""

from __future__ import annotations

import contextlib
import math
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import nn

from swither.data.augmentation import Normalisation
from swither.data.features import Features
from swither.data.image_set import ImageSet
from swither.experiment.company import in_company
from swither.experiment.work import Speeds
from swither.models import ModelSettings, build_model
from swither.training.chunk import CHUNK, usual_chunk
from swither.training.clean_pass import clean_pass
from swither.training.device import choose_device, use_threads
from swither.training.fit import fit
from swither.training.precision import choose_precision
from swither.training.recipe import Recipe
from swither.training.vaal import fit_vaal
from swither.training.vaal_settings import VaalSettings

KEEPING = 0.15  # seconds that it takes to write a training and its results, flushed to disk
WARM_UP = 1  # steps and chunks that pay for memory and for choosing algorithms


def measure_speeds(
    model: ModelSettings,
    recipe: Recipe,
    image_shape: tuple[int, int, int],
    classes: int,
    labelled: Sequence[int],
    *,
    threads: int = 1,
    device: str | None = None,
    precision: str | None = None,
    graphs: str | None = None,
    seconds: float = 2.0,
    beside: int = 0,
    features: int | None = None,
) -> Speeds:
    """Time training steps of two batches, and chunks of the clean pass, on random pixels.

    A step's time is taken as a fixed part and a part for each image: a line through the smallest batch of the
    comparison and its largest one, or one that this network manages in the time. A network that needs long for a
    chunk is timed on a part of one.

    Args:
        model: the network.
        recipe: how it is trained; decides the batches.
        image_shape: height, width and channels.
        classes: number of classes.
        labelled: sizes of the labelled sets that will be trained on.
        threads: CPU threads of one run.
        device: as in `CompareSettings`.
        precision: what the network computes in; None: what is usual on the device.
        graphs: how steps are launched; None: what is usual.
        seconds: about how long to measure in all; slow networks take a few steps longer.
        beside: runs that will work side by side with this one; so many processes are kept busy meanwhile, because
            cores that share a cache or a clock slow each other down.
        features: numbers in the embeddings that a head is trained on instead of pixels; None: pixels.

    Example:
        >>> speeds = measure_speeds(ModelSettings("tiny"), Recipe(), (8, 8, 1), 10, [20, 100], seconds=0.1)
        >>> speeds.step_seconds + speeds.image_seconds > 0 and speeds.chunk_seconds > 0
        True
    """
    sizes = {recipe.schedule(count).batch_size for count in labelled}
    small, large = min(sizes), max(sizes)
    if small == large:  # two points are needed for a line
        small = max(2, large // 4)
    where = choose_device(device)
    images = _random_images(CHUNK, image_shape, classes, features)
    with use_threads(threads), in_company(beside):
        began = time.perf_counter()
        network = build_model(model, image_shape, classes, seed=0, features=features)
        normalisation = Normalisation.of(images)
        building = time.perf_counter() - began
        precision = choose_precision(precision, where)
        step = partial(_step_seconds, network, images, recipe, where, precision, graphs)
        short = step(small, seconds / 3)
        large = _affordable(large, small + 1, seconds / 6, short / small)
        long = step(large, seconds / 3)
        whole = usual_chunk(where.type)
        part = _affordable(whole, 1, seconds / 6, short / small / 3)
        chunk = _chunk_seconds(network, images, normalisation, part, where, precision, seconds / 3)
    image = max(0.0, long - short) / (large - small)
    return Speeds(
        step_seconds=max(0.0, long - large * image),
        image_seconds=image,
        chunk_seconds=chunk * whole / part,
        training_seconds=building + KEEPING,
        memory_bytes=_memory_bytes(where),
        weights_bytes=sum(t.numel() * t.element_size() for t in network.state_dict().values()),
        embedding_width=network.embedding_width,
        chunk=whole,
    )


def measure_vaal(
    settings: VaalSettings,
    image_shape: tuple[int, int, int],
    *,
    threads: int = 1,
    device: str | None = None,
    beside: int = 0,
) -> float:
    """How many seconds a training of VAAL takes: a few iterations on random pixels, times as many as there will be.

    Args:
        settings: its scale.
        image_shape: height, width and channels.
        threads: CPU threads of one run.
        device: as in `CompareSettings`.
        beside: as for `measure_speeds`.

    Example:
        >>> measure_vaal(VaalSettings(width=2, iterations=1000), (8, 8, 1)) > 0
        True
    """
    images = _random_images(CHUNK, image_shape, 2)
    labelled, unlabelled = images.take(np.arange(0, CHUNK, 2)), images.take(np.arange(1, CHUNK, 2))
    with use_threads(threads), in_company(beside):

        def seconds(iterations: int) -> float:
            tried = replace(settings, iterations=iterations)
            return fit_vaal(labelled, unlabelled, tried, seed=0, device=choose_device(device)).seconds

        first = seconds(1)  # pays for memory and for choosing algorithms: on a CPU little, on a card most of it
        if choose_device(device).type != "cpu":
            first = seconds(1)
        elif first > 1:
            return settings.iterations * first
        more = min(10, math.ceil(1 / first))
        return settings.iterations * (max(0.0, seconds(1 + more) - first) / more or first)


class _Enough(Exception):
    """Ends a training that was only begun for its clock."""


class _Clock:
    """An observer that notes when each step ends, until it has seen enough."""

    def __init__(self, device: torch.device, seconds: float) -> None:
        self._device, self._seconds = device, seconds
        self.times: list[float] = []

    def after_batch(self, ids: object, labels: object, logits: object) -> None:  # noqa: ARG002
        """Note the time."""
        _wait_for(self._device)
        self.times.append(time.perf_counter())
        if len(self.times) > WARM_UP + 1 and self.times[-1] - self.times[0] > self._seconds:
            raise _Enough

    def after_epoch(self, epoch: int, model: object) -> None:
        """Go on: steps are all that counts."""

    def resume(self, epochs: int) -> None:
        """There is nothing to forget."""


def _step_seconds(
    network: nn.Module,
    images: ImageSet,
    recipe: Recipe,
    device: torch.device,
    precision: str,
    graphs: str | None,
    size: int,
    seconds: float,
) -> float:
    """The median time of a step with `size` images."""
    positions = np.resize(np.arange(len(images)), 64 * size)  # a long epoch: between two of them there is shuffling
    clock = _Clock(device, seconds)
    endless = replace(recipe, epochs=10**6, batch_size=size, least_batch_size=size, least_steps=0)
    how: dict[str, Any] = {"device": device, "precision": precision, "graphs": graphs}
    with contextlib.suppress(_Enough):
        fit(network, images.take(positions), endless, seed=0, observers=[clock], **how)
    return float(statistics.median(np.diff(clock.times)[WARM_UP:]))


def _chunk_seconds(
    network: nn.Module,
    images: ImageSet,
    normalisation: Normalisation,
    size: int,
    device: torch.device,
    precision: str,
    seconds: float,
) -> float:
    """The median time of a chunk of the clean pass with `size` images."""
    images = images.take(np.resize(np.arange(len(images)), size))
    times: list[float] = []
    began = time.perf_counter()
    while len(times) < WARM_UP + 1 or time.perf_counter() - began < seconds:
        start = time.perf_counter()
        passed = clean_pass(network, images, normalisation, device=device, chunk=size, precision=precision)
        for _, logits, _ in passed:
            logits.argmax(dim=1).cpu()
        times.append(time.perf_counter() - start)
    return statistics.median(times[WARM_UP:])


def _affordable(size: int, least: int, seconds: float, image_seconds: float) -> int:
    """`size`, halved until it is expected to be done in `seconds`."""
    while size // 2 >= least and size * image_seconds > seconds:
        size //= 2
    return size


def _random_images(
    count: int, image_shape: tuple[int, int, int], classes: int, features: int | None = None
) -> ImageSet:
    generator = np.random.default_rng(0)
    pixels = generator.integers(0, 256, (count, *image_shape), dtype=np.uint8)
    ids = np.array([f"{number:06}" for number in range(count)])
    labels = np.arange(count, dtype=np.int64) % classes
    images = ImageSet(pixels, np.arange(count), ids, labels, tuple(map(str, range(classes))), ids)
    if features is None:
        return images
    values = generator.standard_normal((count, features)).astype(np.float16)
    return replace(images, features=Features(values, np.arange(count), "random", "random numbers"))


def _wait_for(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def _memory_bytes(device: torch.device) -> int:
    """The most that this process has held so far: of the graphics card where it computes there, else of the machine."""
    if device.type == "cuda":
        return int(torch.cuda.max_memory_reserved(device))
    if sys.platform == "win32":
        return 0
    import resource

    usage: Any = resource.getrusage(resource.RUSAGE_SELF)
    return int(usage.ru_maxrss) * (1 if sys.platform == "darwin" else 1024)
