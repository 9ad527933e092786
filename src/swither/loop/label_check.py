"""Labels that are probably wrong, from what networks did with them while they learned: cross-validated trainings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from torch import Tensor, nn

from swither.arrays import FloatArray, IntArray, StrArray
from swither.data.augmentation import Normalisation
from swither.data.image_set import UNLABELLED, ImageSet
from swither.dynamics.aum import aum
from swither.dynamics.cartography import cartography
from swither.dynamics.forgetting_events import forgetting_events
from swither.dynamics.training_history import TrainingHistory
from swither.dynamics.wrong_labels import WrongLabels, wrong_labels
from swither.errors import InputError
from swither.loop.settings import Execution, LearnerSettings
from swither.loop.trainings import new_model
from swither.randomness import derive, keyed_order
from swither.training.clean_pass import predict_logits, softmax
from swither.training.device import choose_device, use_threads
from swither.training.fit import fit
from swither.training.recording import TrainingRecorder

FOLDS = 5


@dataclass(frozen=True)
class LabelCheck:
    """What is known against each label after cross-validated trainings. Rows are labelled images, in id order.

    Attributes:
        ids: (samples,).
        given: (samples,) the labels that were trained with, class numbers.
        probabilities: (samples, classes) of the networks that were not trained on the image, mean over the epochs.
        last: the same after the last epoch alone, which is what cross-validation usually gives.
        found: which labels are suspect, and what stands against them, by `probabilities`.
        aum: (samples,) area under the margin while trained on the image, mean over the trainings; lower is suspect.
        confidence: (samples,) cartography's mean probability of the given label while trained on it.
        variability: (samples,) its deviation over the epochs.
        forgotten: (samples,) forgetting events, mean over the trainings; infinite where it was never learned.
    """

    ids: StrArray
    given: IntArray
    probabilities: FloatArray
    last: FloatArray
    found: WrongLabels
    aum: FloatArray
    confidence: FloatArray
    variability: FloatArray
    forgotten: FloatArray

    def ranked(self) -> IntArray:
        """Positions of the suspect labels, the most doubtful first; equal doubts in id order."""
        suspects = np.flatnonzero(self.found.suspect)
        return suspects[np.argsort(-self.found.doubt[suspects], kind="stable")]


def check_labels(
    images: ImageSet,
    settings: LearnerSettings,
    *,
    folds: int = FOLDS,
    execution: Execution | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> LabelCheck:
    """Train on all labels but a fold, for every fold, and watch both sides while it happens.

    On the part that is trained on, each image's margin and probability are recorded at every presentation
    (`TrainingHistory`): wrong labels are learned late, or forgotten again. On the fold left out, all probabilities
    are recorded after every epoch: a network that never saw a wrong label contradicts it steadily.

    Args:
        images: labelled images, in id order; groups are left out whole. A class that is to be checked needs labels in
            several folds: networks that never saw a class contradict its only label.
        settings: model, recipe and seed; the acquisition does not matter.
        folds: into how many parts the labels are divided; at most the number of images.
        execution: device and threads.
        progress: told after each fold how many are done, of how many.

    Returns:
        One row for each image, in the order given.

    Raises:
        InputError: fewer than four images, an image without a label, or fewer than two classes among them.

    References:
        Pleiss et al., NeurIPS 2020 (AUM); Swayamdipta et al., EMNLP 2020 (cartography); Toneva et al., ICLR 2019
        (forgetting events); Northcutt et al., JAIR 2021 (`wrong_labels`).
    """
    execution = execution or Execution()
    _require_checkable(images, folds)
    fold_of = _folds(images, folds, settings.seed)  # (samples,)
    watch = _Sums(len(images), images.classes)
    with use_threads(execution.threads):
        for fold in range(folds):
            _watch_fold(images, fold_of, fold, settings, execution, watch)
            if progress is not None:
                progress(fold + 1, folds)
    return watch.check(images)


@dataclass
class _Sums:
    """What the folds give, gathered by position."""

    samples: int
    classes: int
    inside: list[tuple[IntArray, TrainingHistory, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.mean = np.zeros((self.samples, self.classes))
        self.last = np.zeros((self.samples, self.classes))

    def check(self, images: ImageSet) -> LabelCheck:
        """Everything as one table."""
        parts = {name: np.zeros(self.samples) for name in ("aum", "confidence", "variability", "forgotten")}
        trained = np.zeros(self.samples)
        for positions, history, falls in self.inside:
            places = cartography(history)
            parts["aum"][positions] += aum(history, epochs=falls)
            parts["confidence"][positions] += places.confidence
            parts["variability"][positions] += places.variability
            parts["forgotten"][positions] += forgetting_events(history)
            trained[positions] += 1
        means = {name: values / trained for name, values in parts.items()}
        found = wrong_labels(self.mean, images.labels)
        return LabelCheck(images.ids, images.labels, self.mean, self.last, found, **means)


class _LeftOut:
    """An observer that adds up the probabilities of the fold left out, after every epoch."""

    def __init__(self, images: ImageSet, normalisation: Normalisation) -> None:
        self._images, self._normalisation = images, normalisation
        self.total = np.zeros((len(images), images.classes))
        self.last = self.total
        self._epochs = 0

    def after_batch(self, ids: StrArray, labels: IntArray, logits: Tensor) -> None:
        """Nothing: the fold is looked at between epochs."""

    def after_epoch(self, epoch: int, model: nn.Module) -> None:  # noqa: ARG002
        """Add this epoch's."""
        self.last = softmax(predict_logits(model, self._images, self._normalisation)).astype(np.float64)
        self.total = self.total + self.last
        self._epochs += 1

    def resume(self, epochs: int) -> None:
        """Without a checkpoint every training begins at its start."""
        assert epochs == 0

    @property
    def mean(self) -> FloatArray:
        """(samples, classes) over the epochs so far."""
        mean: FloatArray = self.total / self._epochs
        return mean


def _watch_fold(
    images: ImageSet, fold_of: IntArray, fold: int, settings: LearnerSettings, execution: Execution, watch: _Sums
) -> None:
    inside, outside = np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold)
    trained, left_out = images.take(inside), images.take(outside)
    history = TrainingHistory.create(trained.ids, images.classes, trained.labels)
    normalisation = Normalisation.of(trained)
    outsider = _LeftOut(left_out, normalisation)
    seed = derive(settings.seed, "label check", fold)
    fit(
        new_model(settings.model, trained, derive(seed, "initial weights")),
        trained,
        settings.recipe,
        seed=seed,
        device=choose_device(execution.device),
        normalisation=normalisation,
        observers=[TrainingRecorder(history), outsider],
    )
    falls = settings.recipe.schedule(len(trained)).decay_epochs
    watch.inside.append((inside, history, max(1, min((*falls, history.epochs)))))
    watch.mean[outside], watch.last[outside] = outsider.mean, outsider.last


def _folds(images: ImageSet, folds: int, seed: int) -> IntArray:
    """A fold for each image: the images of each class in a keyed order, dealt out in turn over all classes.

    Images of one group (near copies, one video) go where the first of them goes: a network that was trained on one of
    them has as good as seen the others' labels.
    """
    order = keyed_order(images.ids, seed, "label check")
    dealt = order[np.argsort(images.labels[order], kind="stable")]
    fold_of = np.empty(len(images), dtype=np.int64)
    fold_of[dealt] = np.arange(len(images)) % folds
    if images.groups is not None:
        first: dict[str, int] = {}
        for position in dealt.tolist():
            fold_of[position] = first.setdefault(str(images.groups[position]), int(fold_of[position]))
    return fold_of


def _require_checkable(images: ImageSet, folds: int) -> None:
    if not 2 <= folds <= len(images) // 2:
        raise InputError(
            f"Expected from 2 to {len(images) // 2} folds for {len(images)} labelled images, got {folds}: a training "
            "needs two images and more."
        )
    if (images.labels == UNLABELLED).any():
        raise InputError("An image without a label cannot be checked. Leave out what is not labelled.")
    if len(np.unique(images.labels)) < 2:
        raise InputError("All labels are the same class: there is nothing to compare them with. Label a second class.")
