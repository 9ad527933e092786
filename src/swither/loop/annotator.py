"""Who answers in an experiment: the true labels, held here and nowhere near the learner."""

from __future__ import annotations

from collections.abc import Iterable

from swither.arrays import IntArray
from swither.data.image_set import ImageSet


class SimulatedAnnotator:
    """Answers with the labels that a data set came with.

    Args:
        images: the training images with their true labels.
    """

    def __init__(self, images: ImageSet) -> None:
        self._images = images

    def answer(self, ids: Iterable[str]) -> dict[str, str]:
        """The class name of each id."""
        asked = list(ids)
        return {i: self._images.class_names[label] for i, label in zip(asked, self.reveal(asked), strict=True)}

    def reveal(self, ids: Iterable[str]) -> IntArray:
        """The class number of each id."""
        return self._images.labels[self._images.positions(ids)]
