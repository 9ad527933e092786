"""Exactly what an acquisition function names, computed from a finished training through the one clean pass.

Rows are the candidates in the order in which they are handed over. Every piece can be read any number of times with
the same values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from swither.acquisition import Acquisition
from swither.arrays import AnyArray, FloatArray, IntArray
from swither.data.image_set import ImageSet
from swither.dynamics import LabelHistory, warn_if_coarse
from swither.dynamics.sure import surely_most_dispersed
from swither.errors import InputError
from swither.loop.likelihoods import Likelihoods
from swither.loop.trainings import Trained
from swither.randomness import derive
from swither.training.clean_pass import Prediction, predict, softmax
from swither.training.sampled_logits import SampledLogits, sampled_logits

Reveal = Callable[[Iterable[str]], IntArray]
"""Gives the true class numbers of ids; only experiments have one."""


@dataclass(frozen=True)
class Evidence:
    """What can be known of the candidates after a training; each piece is computed when it is first asked for.

    Attributes:
        train: gives the training, with the history of the pool where one is recorded.
        candidates: the images that may be chosen, in the order settled for this cycle.
        labelled: the labelled images, in id order.
        seed: of BALD's dropout.
        settings: the acquisition's own and those of its evidence, such as how many ``passes`` there are.
        estimate: gives VAAL's likelihoods of the candidates, which need no training of the network.
        reveal: gives true labels; None outside experiments.
    """

    train: Callable[[], Trained]
    candidates: ImageSet
    labelled: ImageSet
    seed: int
    settings: Mapping[str, Any]
    estimate: Callable[[], Likelihoods]
    reveal: Reveal | None = None

    def of(self, acquisition: Acquisition) -> dict[str, object]:
        """The pieces that `acquisition` needs, by name."""
        return {name: getattr(self, name) for name in acquisition.needs}

    def sharing(self, other: Evidence) -> Evidence:
        """The same, with what `other` has computed already that no method's settings change.

        Args:
            other: evidence of the same training and the same candidates.
        """
        same_history = self.trained.history is other.trained.history
        for name in ("_prediction", "labelled_embeddings", *(["label_history"] if same_history else [])):
            if name in other.__dict__:
                self.__dict__[name] = other.__dict__[name]  # where a cached property keeps its value
        return self

    @cached_property
    def trained(self) -> Trained:
        """The training; made, if it must be, when something is first asked of it."""
        return self.train()

    @property
    def diagnostics(self) -> dict[str, Any]:
        """What came about while the evidence was made and a batch should keep: how VAAL's training went."""
        return self._likelihoods.diagnostics if "_likelihoods" in self.__dict__ else {}

    def seconds_of_training(self, acquisition: Acquisition) -> float:
        """What training took that `acquisition` alone needs, whenever it was made."""
        return self._likelihoods.seconds if "labelled_likelihood" in acquisition.needs else 0.0

    @cached_property
    def predicted_labels(self) -> IntArray:
        """(samples,) the most probable class of each candidate, int64."""
        return self._prediction.labels

    @cached_property
    def probabilities(self) -> FloatArray:
        """(samples, classes) softmax of the clean pass, float32."""
        return softmax(self._prediction.logits)

    @cached_property
    def embeddings(self) -> FloatArray:
        """(samples, width) of the layer before the last, float32."""
        return self._prediction.embeddings

    @cached_property
    def labelled_embeddings(self) -> FloatArray:
        """(labelled, width), float32; not augmented."""
        return self._predict(self.labelled).embeddings

    @cached_property
    def sampled_logits(self) -> SampledLogits:
        """A sequence of (samples, classes), one per pass with its own dropout."""
        return sampled_logits(
            self.trained.model,
            self.candidates,
            self.trained.normalisation,
            self.settings["passes"],
            derive(self.seed, "dropout at scoring"),
            device=self.trained.device,
            precision=self.trained.precision,
        )

    @cached_property
    def label_history(self) -> AnyArray:
        """(epochs, samples) predicted labels, oldest first; warns where they are too few for fine scores."""
        if self.trained.in_part:
            raise InputError(
                "The pool was recorded in part (--record online or deferred): only the labels of the most dispersed "
                "images are known. What asks for those of all images needs a recording in full (--record full)."
            )
        warn_if_coarse(self._history)
        return self._history.of(self.candidates.ids)

    def most_dispersed(self, count: int) -> tuple[IntArray, AnyArray]:
        """Of a pool that was recorded in part, the candidates among which surely are the `count` most dispersed.

        Returns:
            Their positions, ascending, and their labels (epochs, positions).

        Raises:
            InputError: the pool was recorded for fewer.
        """
        history = self._history
        sure = surely_most_dispersed(history, min(int(self.trained.facts["budget"]), len(history.ids)))
        positions = np.flatnonzero(np.isin(self.candidates.ids, sure)).astype(np.int64)
        if len(positions) < count:
            raise InputError(
                f"Asked for {count} images, but the pool was recorded in part, for {len(positions)} of those that are "
                f"left. Ask for {len(positions)} or fewer, or record in full (--record full)."
            )
        labels = history.of(self.candidates.ids[positions])  # (epochs, positions)
        # As often as these, every image of the pool was to be looked at: the warning counts them all, as in full.
        warn_if_coarse(np.broadcast_to(labels[:, :1], (len(labels), len(history.ids))))
        return positions, labels

    @property
    def _history(self) -> LabelHistory:
        assert self.trained.history is not None, "the learner records the pool for whoever needs its history"
        return self.trained.history

    @property
    def labelled_likelihood(self) -> FloatArray:
        """(samples,) how likely VAAL's discriminator takes each candidate for labelled, float64."""
        return self._likelihoods.values

    @cached_property
    def true_labels(self) -> IntArray:
        """(samples,) class numbers; refused where nobody but the annotator may know them."""
        if self.reveal is None:
            raise InputError(
                "This acquisition function needs the true labels, which only an experiment on a labelled data set "
                "has. Choose one that works without, such as dispersion."
            )
        return self.reveal(map(str, self.candidates.ids))

    @cached_property
    def _likelihoods(self) -> Likelihoods:
        return self.estimate()

    @cached_property
    def _prediction(self) -> Prediction:
        return self._predict(self.candidates)

    def _predict(self, images: ImageSet) -> Prediction:
        trained = self.trained
        return predict(trained.model, images, trained.normalisation, device=trained.device, precision=trained.precision)
