"""The settings of a comparison, each of one of three kinds, marked on its field.

*protocol*: what is compared under; a folder of results has one protocol, and a difference is refused, field by field.
*grid*: which methods and seeds; a folder may grow. *execution*: how the work is done; free at every start.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from swither.data.settings import DataSettings
from swither.errors import InputError
from swither.models.backbone_settings import BackboneSettings
from swither.models.settings import ModelSettings
from swither.training.recipe import Recipe

PROTOCOL: Mapping[str, Any] = {"kind": "protocol"}
GRID: Mapping[str, Any] = {"kind": "grid"}
EXECUTION: Mapping[str, Any] = {"kind": "execution"}

PAPER_METHODS = ("random", "margin", "bald", "kcenter", "dispersion")
"""What the paper compares, as far as it is here, without the oracle."""

Value = TypeVar("Value")


@dataclass(frozen=True)
class CompareSettings:
    """A comparison of acquisition functions on a labelled data set; the defaults are the paper's protocol.

    Attributes:
        data: which images, and which of them are for testing.
        acquisitions: names of the acquisition functions to compare.
        seeds: how many seeds, 0 to seeds - 1. Within a seed, every method starts from the same initial images.
        reference: also train on all training images, once per seed, last.
        initial: images in the initial, random set: a number, or a share of the training images such as ``10%``.
        step: images that each query adds; a number or a share.
        cycles: queries; one training more than that is made, the last without recording.
        model: the network, the same for every method.
        recipe: how it is trained.
        features: what embeds the images, where the model is ``features``.
        record_every: epochs between two recordings of the pool.
        record: how much of the pool is looked at, ``full``, ``online`` or ``deferred``, see `LearnerSettings`.
        record_folded: look with BatchNorm folded into the convolutions: quicker, and some labels are others.
        passes: stochastic passes of BALD; 10 is its authors' number.
        only: cells to run now, by the names of their folders, such as ``random--seed1``; the grid stays what it is.
            Empty: all.
        jobs: runs side by side, each a process; None: as many as there are cores for their threads.
        threads: CPU threads of one run.
        device: ``cpu``, ``cuda``, ``mps``, or None for the best there is.
        checkpoint_seconds: at most this much training is lost when a run is killed.
        deterministic: on a GPU, take only algorithms that give the same bits each time; slower. A CPU needs none.
        precision: ``float32`` or ``bfloat16``, see `swither.training.precision`; None: what is usual on the device.
        graphs: how training steps are launched on CUDA, see `swither.training.graphs`; None: what is usual.
    """

    data: DataSettings = field(metadata=EXECUTION)  # what it amounts to is compared: the images' fingerprints
    acquisitions: tuple[str, ...] = field(default=PAPER_METHODS, metadata=GRID)
    seeds: int = field(default=3, metadata=GRID)
    reference: bool = field(default=True, metadata=GRID)
    initial: str = field(default="10%", metadata=PROTOCOL)
    step: str = field(default="5%", metadata=PROTOCOL)
    cycles: int = field(default=4, metadata=PROTOCOL)
    model: ModelSettings = field(default_factory=ModelSettings, metadata=PROTOCOL)
    recipe: Recipe = field(default_factory=Recipe, metadata=PROTOCOL)
    features: BackboneSettings = field(default_factory=BackboneSettings, metadata=EXECUTION)  # compared as data are
    record_every: int = field(default=1, metadata=PROTOCOL)
    record: str = field(default="full", metadata=PROTOCOL)
    record_folded: bool = field(default=False, metadata=PROTOCOL)
    passes: int = field(default=10, metadata=PROTOCOL)
    only: tuple[str, ...] = field(default=(), metadata=EXECUTION)
    jobs: int | None = field(default=None, metadata=EXECUTION)
    threads: int = field(default=1, metadata=EXECUTION)
    device: str | None = field(default=None, metadata=EXECUTION)
    checkpoint_seconds: float = field(default=10.0, metadata=EXECUTION)
    deterministic: bool = field(default=False, metadata=EXECUTION)
    precision: str | None = field(default=None, metadata=EXECUTION)
    graphs: str | None = field(default=None, metadata=EXECUTION)

    def __post_init__(self) -> None:
        for name in ("seeds", "cycles", "record_every", "passes", "threads"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int):
                raise InputError(f"Expected {name.replace('_', ' ')} as a whole number, got {value!r}.")
        if not self.acquisitions:
            raise InputError("Expected at least one acquisition function to compare, got none.")
        if len(set(self.acquisitions)) != len(self.acquisitions):
            raise InputError(f"An acquisition function is named twice: {', '.join(self.acquisitions)}.")
        _at_least("seeds", self.seeds, 1)
        _at_least("cycles", self.cycles, 0)
        _at_least("passes", self.passes, 2)
        _at_least("record_every", self.record_every, 1)
        _at_least("threads", self.threads, 1)
        if self.jobs is not None:
            _at_least("jobs", self.jobs, 1)

    def counts(self, images: int) -> tuple[int, ...]:
        """Images in the initial set and in each query after it, for `images` training images.

        Raises:
            InputError: they are more than there are.
        """
        initial = amount("initial", self.initial, images)
        step = amount("step", self.step, images) if self.cycles else 0
        wanted = initial + self.cycles * step
        if wanted > images:
            raise InputError(
                f"The budget is impossible: {initial} initial images and {self.cycles} queries of {step} are "
                f"{wanted}, but there are {images} training images. Lower --initial, --step or --cycles."
            )
        return (initial, *[step] * self.cycles)


def amount(name: str, text: str, images: int) -> int:
    """How many images ``500`` or ``10%`` of `images` are.

    Example:
        >>> amount("initial", "10%", 45_000), amount("step", "500", 45_000)
        (4500, 500)
    """
    try:
        value = float(text[:-1]) / 100 * images if str(text).endswith("%") else float(text)
    except ValueError:
        value = float("nan")
    if str(text).endswith("%") and 0 < value <= 0.5:  # of few images; `swither paper` has no flag for the share
        raise InputError(
            f"The {'initial set' if name == 'initial' else 'step'} is {text} of the training images, and of {images} "
            f"that is not at least one: expected {math.floor(0.5 * images / value) + 1} training images or more, or a "
            "larger share."
        )
    if not (0.5 < value < float("inf") and (str(text).endswith("%") or value == int(value))):
        hint = f" Write {100 * value:g}% for a share." if 0 < value < 1 and not str(text).endswith("%") else ""
        raise InputError(
            f"Expected --{name} as a number of images (500) or a share (10%) of at least one of the {images} "
            f"training images, got {text!r}.{hint}"
        )
    return round(value)


def _at_least(name: str, value: int, least: int) -> None:
    if value < least:
        raise InputError(f"Expected {name.replace('_', ' ')} of at least {least}, got {value}.")
