"""Who answers in an experiment: the true labels, held here and nowhere near the learner."""

from __future__ import annotations

from collections.abc import Iterable

from swither.data.image_set import ImageSet


class SimulatedAnnotator:
    """Answers with the labels that a data set came with.

    Args:
        images: the training images with their true labels.
    """

    def __init__(self, images: ImageSet) -> None:
        self._labels = {str(i): images.class_names[label] for i, label in zip(images.ids, images.labels, strict=True)}

    def answer(self, ids: Iterable[str]) -> dict[str, str]:
        """The class name of each id."""
        return {i: self._labels[i] for i in ids}
