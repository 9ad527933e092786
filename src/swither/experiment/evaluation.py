"""How good a trained network is on the test images, and the probabilities from which anything else follows."""

from __future__ import annotations

from typing import Any

from swither.arrays import FloatArray
from swither.data.image_set import ImageSet
from swither.loop.trainings import Trained
from swither.statistics import accuracy, balanced_accuracy, macro_f1, recall_per_class
from swither.training.clean_pass import predict_probabilities


def evaluate(trained: Trained, test: ImageSet) -> tuple[FloatArray, dict[str, Any]]:
    """Probabilities of the test images and the figures that stand in every row of results.

    The network is the one of the last epoch: choosing an epoch on the test images would be a leak.

    Returns:
        (test images, classes) float32, and ``accuracy``, ``balanced_accuracy``, ``macro_f1`` and ``recall`` (a list
        with one value a class, None where the class has no test image).
    """
    probabilities = predict_probabilities(
        trained.model, test, trained.normalisation, device=trained.device, precision=trained.precision
    )
    predicted = probabilities.argmax(axis=1)
    recall = recall_per_class(test.labels, predicted, test.classes)
    return probabilities, {
        "accuracy": accuracy(test.labels, predicted),
        "balanced_accuracy": balanced_accuracy(test.labels, predicted, test.classes),
        "macro_f1": macro_f1(test.labels, predicted, test.classes),
        "recall": [None if value != value else float(value) for value in recall],
    }
