"""One training: what it is made from, what it gives, and its network, new or saved."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from swither._version import __version__
from swither.data.augmentation import Normalisation
from swither.data.image_set import ImageSet
from swither.dynamics.label_history import LabelHistory
from swither.files import key_of
from swither.loop.settings import FULL, Execution, LearnerSettings
from swither.models import build_model
from swither.models.feature_head import FeatureHead
from swither.models.settings import ModelSettings
from swither.randomness import derive
from swither.training.device import circumstances
from swither.training.graphs import choose_graphs
from swither.training.precision import FLOAT32, choose_precision
from swither.training.weights import load_weights, tensors_digest


@dataclass(frozen=True)
class TrainingTask:
    """The inputs of one training; equal inputs have equal keys.

    Attributes:
        labelled: the labelled images, in id order, with their labels.
        settings: of the learner; its acquisition and recording do not count.
        cycle: which training of the run this is; generators derive from it.
    """

    labelled: ImageSet
    settings: LearnerSettings
    cycle: int

    @property
    def key(self) -> str:
        """Names the training's folder."""
        images = self.labelled
        pairs = [[str(i), int(label)] for i, label in zip(images.ids, images.labels, strict=True)]
        data = [list(images.image_shape), list(images.class_names)]
        data += [] if images.features is None else [images.features.key]
        return key_of("training", 1, data, self.settings.training_values(), self.cycle, pairs)

    @property
    def seed(self) -> int:
        """Of everything drawn in this training, from the run's seed and the cycle."""
        return derive(self.settings.seed, "cycle", self.cycle)


@dataclass(frozen=True)
class Trained:
    """A finished training.

    Attributes:
        key: of the training.
        model: in eval mode, on its device.
        normalisation: by the labelled images' own mean and deviation.
        history: the labels of the recorded pool, where it was asked for.
        device: where the model is.
        facts: epochs, steps, batch size, whether epochs grew, seconds of training and recording, circumstances.
        precision: what the model is to compute in.
    """

    key: str
    model: torch.nn.Module
    normalisation: Normalisation
    history: LabelHistory | None
    device: torch.device
    facts: dict[str, Any]
    precision: str = FLOAT32

    @property
    def weights(self) -> str:
        """A digest of the network's weights: a training that was made twice may have two networks."""
        return tensors_digest(self.model.state_dict())

    @property
    def in_part(self) -> bool:
        """Whether the history holds all labels of the most dispersed images alone."""
        return self.history is not None and self.facts.get("mode", FULL) != FULL


def circumstances_of(device: torch.device, execution: Execution) -> dict[str, Any]:
    """What stands beside everything that is computed now."""
    how = circumstances(
        device,
        deterministic=execution.deterministic,
        precision=choose_precision(execution.precision, device),
        graphs=choose_graphs(execution.graphs, device),
    )
    return {**how, "swither": __version__}


def same_weights(one: torch.nn.Module, other: torch.nn.Module) -> bool:
    """Whether two networks are the same, to the last bit."""
    ours, theirs = one.state_dict(), other.state_dict()
    return all(torch.equal(ours[name].cpu(), theirs[name].cpu()) for name in ours)


def new_model(settings: ModelSettings, images: ImageSet, seed: int) -> torch.nn.Module:
    """A network for `images` with its initial weights; a head is standardised by their features."""
    if images.features is None:
        return build_model(settings, images.image_shape, images.classes, seed)
    head = build_model(settings, images.image_shape, images.classes, seed, images.features.width)
    assert isinstance(head, FeatureHead)
    head.standardise_by(torch.from_numpy(images.inputs(slice(None))))
    return head


def new_model_of(task: TrainingTask) -> torch.nn.Module:
    """The network of a training, with the weights that it begins with."""
    return new_model(task.settings.model, task.labelled, derive(task.seed, "initial weights"))


def saved_model(task: TrainingTask, path: Path, device: torch.device) -> torch.nn.Module:
    """The network of a training as it was saved.

    It has the memory order in which it was trained: another one computes other last bits.
    """
    model = new_model_of(task)
    load_weights(path, model)
    model.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    return model.eval()
