"""What a learner is made of: the settings that decide its batches, and those that only decide how it works."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from swither.acquisition import Acquisition, find
from swither.errors import InputError, UnknownName
from swither.models.catalogue import find_model
from swither.models.settings import ModelSettings
from swither.training.recipe import RECIPE_VERSION, Recipe, recipe_for
from swither.training.vaal_settings import VaalSettings

FULL, ONLINE, DEFERRED = "full", "online", "deferred"
RECORDS = (FULL, ONLINE, DEFERRED)
"""How much of a pool is looked at: all of it after every epoch, or what the most dispersed are found with."""

FEATURES = "features"
"""The network that is a head on embeddings."""

RECORDING_VERSION = 2
"""The newest version of ``recorded.json`` that is read."""


@dataclass(frozen=True)
class Recording:
    """How a label history comes about; another one is another history of the same training.

    Attributes:
        every: epochs between two recordings.
        augmented: whether the images are cropped and flipped at random as in training, instead of as they are; the
            paper does not say. The network is in evaluation mode either way.
        mode: ``full``, ``online`` or ``deferred``.
        folded: whether the network that looks has its BatchNorm folded into its convolutions.
        budget: how many of the most dispersed images are known for sure; 0 where the whole pool is.
    """

    every: int = 1
    augmented: bool = False
    mode: str = FULL
    folded: bool = False
    budget: int = 0

    @property
    def in_part(self) -> bool:
        """Whether most images are not looked at after every epoch."""
        return self.mode != FULL

    @property
    def values(self) -> tuple[int | str, ...]:
        """What stands in a history's key."""
        words = ("augmented",) * self.augmented + ("folded",) * self.folded
        return (self.every, *words, *((self.mode, self.budget) if self.in_part else ()))

    @property
    def version(self) -> int:
        """Of the file beside a history: 2 where whoever knows only full recordings would take it for one."""
        return RECORDING_VERSION if self.in_part or self.folded else 1

    @property
    def facts(self) -> dict[str, Any]:
        """What is written beside a history; `of_facts` reads it."""
        facts: dict[str, Any] = {"every": self.every, "augmented": self.augmented}
        facts |= {"folded": True} if self.folded else {}
        return facts | ({"mode": self.mode, "budget": self.budget} if self.in_part else {})

    @classmethod
    def of_facts(cls, facts: Mapping[str, Any]) -> Recording:
        """What `facts` said; those of older versions know fewer fields."""
        return cls(facts["every"], **{name: facts[name] for name in _LATER if name in facts})


_LATER = ("augmented", "mode", "folded", "budget")


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
        record: how much of the pool is looked at. ``online`` and ``deferred`` find the same images as ``full`` with
            fewer forward passes, for dispersion alone; nothing is then known of most other images.
        record_folded: look with BatchNorm folded into the convolutions: quicker, and some labels are others.
    """

    acquisition: str = "dispersion"
    acquisition_settings: Mapping[str, Any] = field(default_factory=dict)
    model: ModelSettings = field(default_factory=ModelSettings)
    recipe: Recipe = None  # type: ignore[assignment]  # never None afterwards
    seed: int = 0
    record_every: int = 1
    record: str = FULL
    record_folded: bool = False

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
        refuse_unknown_way(self.record)
        refuse_in_part(acquisition, self.acquisition_settings, self.record)
        refuse_folded(self.model.name, self.record_folded)

    @property
    def recording(self) -> Recording:
        """How the pool is recorded, where the acquisition needs it; the budget is whoever's who asks."""
        augmented = bool(self.acquisition_settings.get("augmented", False))
        return Recording(self.record_every, augmented, self.record, self.record_folded)

    @property
    def vaal(self) -> VaalSettings:
        """Scale and form of VAAL, where the acquisition needs it."""
        known = {field.name for field in fields(VaalSettings)}
        return VaalSettings(**{name: value for name, value in self.acquisition_settings.items() if name in known})

    @property
    def values(self) -> dict[str, Any]:
        """What stands in the keys of batches; fields that came later only where they are not as they always were."""
        values = {**asdict(self), "recipe": self.recipe.values}
        return {name: value for name, value in values.items() if _ADDED.get(name, ...) != value}

    def training_values(self) -> dict[str, Any]:
        """What a training depends on: neither the acquisition nor the recording, which must not change it."""
        kind = find_model(self.model.name)
        versions = {"model": kind.version, "recipe": RECIPE_VERSION, **({"file": kind.file} if kind.file else {})}
        return {"model": asdict(self.model), "recipe": self.recipe.values, "seed": self.seed, "versions": versions}


_ADDED: Mapping[str, Any] = {"record": FULL, "record_folded": False}


def refuse_folded(model: str, folded: bool) -> None:
    """Raise where a head on features is to be folded.

    Args:
        model: name of the network.
        folded: whether it is to be folded for recording.
    """
    if folded and model == FEATURES:
        raise InputError(
            "--record-folded folds BatchNorm into convolutions, but a head on features has none. Leave it out: "
            "recording costs a head one matrix product an epoch."
        )


def refuse_unknown_way(record: str) -> None:
    """Raise where there is no such way to record; folding is none, though it stands beside them.

    Raises:
        InputError: the name is not one of `RECORDS`.
    """
    if record in RECORDS:
        return
    if "fold" in record:
        raise InputError(
            f"Expected --record as full, online or deferred, got {record!r}. Folding has a flag of its own, which goes "
            "with each of them: --record-folded."
        )
    raise UnknownName("way to record", record, RECORDS)


def refuse_in_part(acquisition: Acquisition, given: Mapping[str, Any], record: str) -> None:
    """Raise where a method cannot choose from a pool that is recorded in part.

    Args:
        acquisition: the method; one that records nothing may stand beside any way to record.
        given: its settings.
        record: how much of the pool is looked at.

    Raises:
        InputError: the method needs more than the labels of the most dispersed images, or has settings for which
            these would be others.
    """
    if record == FULL or not acquisition.records:
        return
    if not acquisition.of_most_dispersed:
        raise InputError(
            f"{acquisition.name} needs the labels of the whole pool, and --record {record} keeps those of the most "
            f"dispersed images alone. Record in full (--record {FULL}), or leave {acquisition.name} out."
        )
    changed = {**acquisition.settings, **acquisition.evidence_settings}
    changed = {name: given[name] for name in changed if given.get(name, changed[name]) != changed[name]}
    if changed:
        shown = ", ".join(f"{name}={value}" for name, value in changed.items())
        raise InputError(
            f"--record {record} finds the most dispersed images over all recorded epochs, but {acquisition.name} was "
            f"given {shown}. Leave that out, or record in full (--record {FULL})."
        )


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
