"""What a learner is made of: the settings that decide its batches, and those that only decide how it works."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from swither.acquisition import find
from swither.errors import InputError, UnknownName
from swither.models.catalogue import find_model
from swither.models.settings import ModelSettings
from swither.training.recipe import RECIPE_VERSION, Recipe, recipe_for
from swither.training.vaal_settings import VaalSettings


@dataclass(frozen=True)
class Recording:
    """How a label history comes about; another one is another history of the same training.

    Attributes:
        every: epochs between two recordings.
        augmented: whether the images are cropped and flipped at random as in training, instead of as they are; the
            paper does not say. The network is in evaluation mode either way.
    """

    every: int = 1
    augmented: bool = False

    @property
    def values(self) -> tuple[int | str, ...]:
        """What stands in a history's key."""
        return (self.every, "augmented") if self.augmented else (self.every,)


@dataclass(frozen=True)
class LearnerSettings:
    """Everything that decides which images a learner asks for, beside the images and the label events.

    Attributes:
        acquisition: name of the acquisition function, see `swither.acquisition.ACQUISITIONS`, or one of your own as
            ``file.py:function``.
        acquisition_settings: its own settings, such as BALD's ``passes``, and those of its evidence, such as
            dispersion's ``augmented``.
        model: the network, trained from scratch in every cycle.
        recipe: how it is trained; None: what suits that network, `swither.training.recipe_for`.
        seed: every generator derives from it and from the cycle.
        record_every: epochs between two recordings of the pool, where the acquisition needs its label history. 1 is
            the paper's; recording every second epoch has kept only about three quarters of a selection.
    """

    acquisition: str = "dispersion"
    acquisition_settings: Mapping[str, Any] = field(default_factory=dict)
    model: ModelSettings = field(default_factory=ModelSettings)
    recipe: Recipe = None  # type: ignore[assignment]  # never None afterwards
    seed: int = 0
    record_every: int = 1

    def __post_init__(self) -> None:
        if vars(self)["recipe"] is None:
            object.__setattr__(self, "recipe", recipe_for(self.model.name))
        acquisition = find(self.acquisition)
        object.__setattr__(self, "acquisition", acquisition.name)  # one file has one name, however it is typed
        known = {**acquisition.settings, **acquisition.evidence_settings}
        for name in self.acquisition_settings:
            if name not in known:
                raise UnknownName(f"setting of {acquisition.name}", name, known)
        if "labelled_likelihood" in acquisition.needs:
            _ = self.vaal  # wrong values are refused now, not after a training
        if self.record_every < 1:
            raise InputError(f"Expected to record every 1 or more epochs, got {self.record_every}.")

    @property
    def recording(self) -> Recording:
        """How the pool is recorded, where the acquisition needs it."""
        return Recording(self.record_every, bool(self.acquisition_settings.get("augmented", False)))

    @property
    def vaal(self) -> VaalSettings:
        """Scale and form of VAAL, where the acquisition needs it."""
        known = {field.name for field in fields(VaalSettings)}
        return VaalSettings(**{name: value for name, value in self.acquisition_settings.items() if name in known})

    @property
    def values(self) -> dict[str, Any]:
        """What stands in the keys of batches."""
        return {**asdict(self), "recipe": self.recipe.values}

    def training_values(self) -> dict[str, Any]:
        """What a training depends on: neither the acquisition nor the recording, which must not change it."""
        kind = find_model(self.model.name)
        versions = {"model": kind.version, "recipe": RECIPE_VERSION, **({"file": kind.file} if kind.file else {})}
        return {"model": asdict(self.model), "recipe": self.recipe.values, "seed": self.seed, "versions": versions}


@dataclass(frozen=True)
class Execution:
    """How and where a learner works; none of it may change what it asks for on one kind of machine.

    Attributes:
        device: ``cpu``, ``cuda``, ``mps``, or None for the best there is.
        threads: CPU threads of one training. Results are the same bit for bit for one number of threads only.
        checkpoint_seconds: at most this much training is lost when a run is killed; 0 writes after every epoch.
        deterministic: refuse algorithms that may give other last bits each time; on a CPU nothing needs it.
        precision: ``float32``, ``bfloat16``, or None for what is usual on the device.
        graphs: how steps are launched on CUDA, ``no``, ``steps`` or ``compiled``; None for what is usual.
    """

    device: str | None = None
    threads: int = 1
    checkpoint_seconds: float = 10.0
    deterministic: bool = False
    precision: str | None = None
    graphs: str | None = None
