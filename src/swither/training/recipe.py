"""How a network is trained, and what becomes of it on a small labelled set. No torch here."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from types import MappingProxyType
from typing import Any

from swither.errors import InputError, UnknownName

RECIPE_VERSION = 1
"""Goes up with every change of what a recipe does, so that no training of an older version is taken for its own."""

NO_WEIGHTS, BALANCED = "none", "balanced"
CLASS_WEIGHTS = (NO_WEIGHTS, BALANCED)
"""How the classes may be weighted in the loss."""

ADDED: Mapping[str, Any] = MappingProxyType({"class_weights": NO_WEIGHTS, "even_batches": False})
"""Fields that later versions added, and the value with which a training is what it was before."""


def _protocol(default: Any) -> Any:
    return field(default=default, metadata={"kind": "protocol"})


@dataclass(frozen=True)
class Recipe:
    """Momentum SGD as in section 4.1 of the label-dispersion paper, with rules for small labelled sets.

    What the paper leaves open follows its first author's later published code, where it says "later code".

    Attributes:
        epochs: passes over the labelled images. Paper: 100.
        learning_rate: before it is lowered. Paper: 0.02.
        momentum: Paper: 0.9.
        nesterov: Nesterov's form of momentum. Later code: on.
        weight_decay: on every parameter. Later code: 5e-4.
        decay_at: shares of the epochs after which the learning rate falls. Paper: after 60 and 80 of 100.
        decay_factor: what the learning rate is divided by each time. Paper: 5.
        batch_size: the largest batch. 128 is usual for CIFAR-sized images (the later code takes 256).
        least_batch_size: the smallest batch that the rule for small sets may choose. 8: BatchNorm's statistics
            of fewer images are mostly noise.
        least_steps_per_epoch: the batch is halved until an epoch has so many steps. 30: with two to four steps
            BatchNorm's running averages lag behind the weights, and recorded labels would measure that lag.
        least_steps: of the whole training; where the epochs give fewer, they grow. 600: with 20 labels the tiny
            network was right on 62, 64, 66 and 66 % of 8-pixel digits after 300, 600, 1,000 and 2,000 steps, and on
            61, 63 and 64 % of MNIST after 300, 600 and 1,000 (means of 4 seeds, deviations of 1 to 5 points). More
            steps gain little, and every epoch more is one more to record.
        crop_padding: zero pixels around an image before the random crop; None is an eighth of its shorter
            side, the usual 4 at 32 pixels.
        flip: mirror every second image; None is on for colour and off for grey, because mirrored digits and
            letters are other characters.
        class_weights: ``"none"``, or ``"balanced"`` to weight every labelled image in the loss by one over the labels
            of its class, see `swither.training.class_weights`; for imbalanced labels.
        even_batches: as many batches an epoch as otherwise, but all of one size, give or take an image. Otherwise the
            last one holds what is left, and a few images then move the weights as far as a whole batch.

    Example:
        >>> Recipe().schedule(5000)
        Schedule(batch_size=128, steps_per_epoch=40, epochs=100, decay_epochs=(60, 80), grown=False)

    References:
        J. Zolfaghari Bengar, B. Raducanu, J. van de Weijer: When Deep Learners Change Their Mind. CAIP 2021.
    """

    epochs: int = _protocol(100)
    learning_rate: float = _protocol(0.02)
    momentum: float = _protocol(0.9)
    nesterov: bool = _protocol(True)
    weight_decay: float = _protocol(5e-4)
    decay_at: tuple[float, ...] = _protocol((0.6, 0.8))
    decay_factor: float = _protocol(5.0)
    batch_size: int = _protocol(128)
    least_batch_size: int = _protocol(8)
    least_steps_per_epoch: int = _protocol(30)
    least_steps: int = _protocol(600)
    crop_padding: int | None = _protocol(None)
    flip: bool | None = _protocol(None)
    class_weights: str = _protocol(NO_WEIGHTS)
    even_batches: bool = _protocol(False)

    def __post_init__(self) -> None:
        rules = (
            ("epochs", self.epochs >= 1, "at least 1"),
            ("learning_rate", 0 < self.learning_rate < math.inf, "above 0"),
            ("momentum", 0 <= self.momentum < 1, "in [0, 1)"),
            ("nesterov", self.momentum > 0 or not self.nesterov, "off where momentum is 0"),
            ("weight_decay", 0 <= self.weight_decay < math.inf, "at least 0"),
            ("decay_at", all(0 < share <= 1 for share in self.decay_at), "shares in (0, 1]"),
            ("decay_at", list(self.decay_at) == sorted(self.decay_at), "in ascending order"),
            ("decay_factor", 1 <= self.decay_factor < math.inf, "at least 1"),
            ("least_batch_size", self.least_batch_size >= 2, "at least 2: BatchNorm needs company"),
            ("batch_size", self.batch_size >= self.least_batch_size, "at least least_batch_size"),
            ("least_steps_per_epoch", self.least_steps_per_epoch >= 1, "at least 1"),
            ("least_steps", self.least_steps >= 0, "at least 0"),
            ("crop_padding", self.crop_padding is None or self.crop_padding >= 0, "at least 0, or None"),
        )
        for name, holds, expected in rules:
            if not holds:
                raise InputError(f"Expected the recipe's {name} {expected}, got {getattr(self, name)}.")
        if self.class_weights not in CLASS_WEIGHTS:
            raise UnknownName("way to weight the classes", self.class_weights, CLASS_WEIGHTS)

    @property
    def values(self) -> dict[str, Any]:
        """What stands in the keys of trainings: every field, but for a later one that changes nothing.

        So a training has the key that it had before the field was there.

        Example:
            >>> "class_weights" in Recipe().values, Recipe(class_weights="balanced").values["class_weights"]
            (False, 'balanced')
        """
        return {name: value for name, value in asdict(self).items() if name not in ADDED or value != ADDED[name]}

    def schedule(self, samples: int) -> Schedule:
        """What this recipe does with so many labelled images.

        The batch is the largest of `batch_size` and the powers of two below it that gives at least
        `least_steps_per_epoch`, and never under `least_batch_size`. Where `epochs` would give fewer than
        `least_steps` steps in all, they grow, and the answer says so.

        Args:
            samples: labelled images, at least 2 (BatchNorm cannot train on one).

        Example:
            >>> Recipe().schedule(20)
            Schedule(batch_size=8, steps_per_epoch=3, epochs=200, decay_epochs=(120, 160), grown=True)
        """
        if samples < 2:
            raise InputError(f"Expected at least 2 labelled images to train on, got {samples}. Label some more.")
        batch_size = self.batch_size
        while batch_size > self.least_batch_size and steps(samples, batch_size) < self.least_steps_per_epoch:
            batch_size = max(self.least_batch_size, 2 ** ((batch_size - 1).bit_length() - 1))
        steps_per_epoch = steps(samples, batch_size)
        epochs = max(self.epochs, math.ceil(self.least_steps / steps_per_epoch))
        return Schedule(
            batch_size=batch_size,
            steps_per_epoch=steps_per_epoch,
            epochs=epochs,
            decay_epochs=tuple(sorted(round(share * epochs) for share in self.decay_at)),
            grown=epochs > self.epochs,
        )

    def augmentation(self, image_shape: tuple[int, int, int]) -> tuple[int, bool]:
        """Crop padding in pixels, and whether to flip, for images of this height, width and channels.

        Example:
            >>> Recipe().augmentation((32, 32, 3)), Recipe().augmentation((28, 28, 1))
            ((4, True), (3, False))
        """
        height, width, channels = image_shape
        padding = min(height, width) // 8 if self.crop_padding is None else self.crop_padding
        return padding, channels == 3 if self.flip is None else self.flip

    def learning_rate_in(self, epoch: int, schedule: Schedule) -> float:
        """The learning rate during `epoch`, counted from 1.

        Example:
            >>> recipe = Recipe()
            >>> [recipe.learning_rate_in(epoch, recipe.schedule(5000)) for epoch in (60, 61, 81)]
            [0.02, 0.004, 0.0008]
        """
        falls = sum(epoch > fall for fall in schedule.decay_epochs)
        return float(self.learning_rate / self.decay_factor**falls)


HEADS: Mapping[str, Any] = MappingProxyType({"least_steps_per_epoch": 1, "least_steps": 100, "even_batches": True})
"""What heads on features are trained with, where it differs from a network's recipe.

The rules for small sets are BatchNorm's, which a head has none of, and more steps on few labels only fit these
closer. On 2,000 held-out images of CIFAR-10 (EfficientNet-Lite0 at 128 pixels, 5 draws of labels) a linear head was
right on 58.4 % with 50 labels and 78.1 % with 500; with a network's recipe on 53.6 and 76.7 %.
"""


def recipe_for(model: str) -> Recipe:
    """The recipe that a model of the catalogue has where nothing else is said.

    Example:
        >>> recipe_for("features").schedule(500).steps_per_epoch, recipe_for("tiny") == Recipe()
        (4, True)
    """
    return Recipe(**HEADS) if model == "features" else Recipe()


@dataclass(frozen=True)
class Schedule:
    """What a recipe does with a labelled set of one size.

    Attributes:
        batch_size: images a step; the last step of an epoch has what is left.
        steps_per_epoch: no image is dropped; a lone last one joins the batch before.
        epochs: passes over the labelled images.
        decay_epochs: the learning rate falls after these.
        grown: whether there are more epochs than the recipe names, to reach its least number of steps.
    """

    batch_size: int
    steps_per_epoch: int
    epochs: int
    decay_epochs: tuple[int, ...]
    grown: bool


def steps(samples: int, batch_size: int) -> int:
    """Batches an epoch, where a lone last image joins the batch before (BatchNorm cannot train on one).

    Example:
        >>> steps(256, 128), steps(257, 128), steps(258, 128)
        (2, 2, 3)
    """
    whole, rest = divmod(samples, batch_size)
    return max(1, whole + (rest > 1))
