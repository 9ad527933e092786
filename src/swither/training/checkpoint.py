"""The one file from which an interrupted training goes on as if nothing had happened."""

from __future__ import annotations

import json
import time
import warnings
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from swither.errors import DamagedState, plural
from swither.files import set_aside
from swither.training.weights import read_tensors, write_tensors

_WEIGHTS, _MOMENTUM = "weights/", "momentum/"


class CheckpointWarning(UserWarning):
    """A checkpoint could not be used as it is; the message says what is done instead."""


@dataclass(frozen=True)
class Progress:
    """How far a training is.

    Attributes:
        epochs: completed.
        seconds_training: spent on steps, over all interruptions.
        seconds_observing: spent in observers, over all interruptions.
    """

    epochs: int = 0
    seconds_training: float = 0.0
    seconds_observing: float = 0.0


@dataclass(frozen=True)
class Restored:
    """What a checkpoint holds: progress, weights by name and momentum by name of its weight."""

    progress: Progress
    weights: dict[str, Tensor]
    momentum: dict[str, Tensor]

    def load_into(self, model: nn.Module, optimiser: torch.optim.Optimizer) -> None:
        """Put weights and momentum back as they were."""
        model.load_state_dict(self.weights)
        for name, weight in model.named_parameters():
            if name in self.momentum:
                buffer = torch.empty_like(weight, requires_grad=False).copy_(self.momentum[name])
                optimiser.state[weight]["momentum_buffer"] = buffer


class CheckpointFile:
    """Tensors and progress of one training, written together or not at all, read back only by that training."""

    def __init__(self, path: Path, key: str, seconds: float) -> None:
        """Of the training whose inputs have this key; a write is due `seconds` after the last one."""
        self._path, self._key, self._seconds = path, key, seconds
        self._written = time.monotonic()

    def read(self) -> tuple[dict[str, Tensor], dict[str, Any]] | None:
        """Tensors and progress; None where there is no file, or none of this training: it is then set aside."""
        if not self._path.exists():
            return None
        try:
            tensors, metadata = read_tensors(self._path)
            if metadata.get("training") != self._key:
                raise DamagedState(
                    f"{self._path} is the checkpoint of another training: its data, recipe, seed, kind of device "
                    "or initial weights differ."
                )
        except DamagedState as error:
            self.set_aside(str(error))
            return None
        threads = torch.get_num_threads()
        if int(metadata["threads"]) != threads:
            warnings.warn(
                f"The training in {self._path} was begun with {plural(int(metadata['threads']), 'thread')} and goes "
                f"on with {threads}: its weights will differ in their last bits from those of an uninterrupted one.",
                CheckpointWarning,
                stacklevel=5,
            )
        return tensors, json.loads(metadata["progress"])

    def set_aside(self, why: str) -> None:
        """Rename the file, so that nothing is lost, and say that the training starts anew."""
        aside = set_aside(self._path)
        warnings.warn(f"{why} It is now {aside.name}, and the training starts anew.", CheckpointWarning, stacklevel=6)

    @property
    def is_due(self) -> bool:
        """Whether the last write is long enough ago."""
        return time.monotonic() - self._written >= self._seconds

    def write(self, tensors: Mapping[str, Tensor], progress: Mapping[str, Any]) -> None:
        """Replace the file by one of these tensors and this progress, given as JSON values."""
        threads = str(torch.get_num_threads())
        metadata = {"training": self._key, "progress": json.dumps(dict(progress)), "threads": threads}
        write_tensors(self._path, tensors, metadata)
        self._written = time.monotonic()


class Checkpoint:
    """Weights, momentum and progress of one training, written together or not at all.

    There is no generator state in it: each epoch draws from generators that derive from the seed and the epoch.
    """

    def __init__(self, path: Path, key: str, seconds: float) -> None:
        """Of the training whose inputs have this key; a write is due `seconds` after the last one."""
        self._file = CheckpointFile(path, key, seconds)

    def read(self) -> Restored | None:
        """What the file holds; None where there is none, or none of this training: it is then set aside."""
        content = self._file.read()
        if content is None:
            return None
        tensors, progress = content
        return Restored(Progress(**progress), part(tensors, _WEIGHTS), part(tensors, _MOMENTUM))

    def set_aside(self, why: str) -> None:
        """Rename the file, so that nothing is lost, and say that the training starts anew."""
        self._file.set_aside(why)

    @property
    def is_due(self) -> bool:
        """Whether the last write is long enough ago."""
        return self._file.is_due

    def write(self, model: nn.Module, optimiser: torch.optim.Optimizer, progress: Progress) -> None:
        """Replace the file; to be called after the observers have kept their rows."""
        tensors = {_WEIGHTS + name: tensor for name, tensor in model.state_dict().items()}
        for name, weight in model.named_parameters():
            buffer = optimiser.state[weight].get("momentum_buffer") if weight in optimiser.state else None
            if buffer is not None:
                tensors[_MOMENTUM + name] = buffer
        self._file.write(tensors, asdict(progress))


def part(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """The tensors whose names begin with `prefix`, by the rest of their names.

    Example:
        >>> list(part({"weights/a": torch.zeros(1), "momentum/a": torch.zeros(1)}, "weights/"))
        ['a']
    """
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
