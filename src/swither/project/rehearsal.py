"""How long the parts of a cycle take here: from the last cycle, or from a short rehearsal of them."""

from __future__ import annotations

import tempfile
import time
from typing import TYPE_CHECKING, Any

import numpy as np

from swither.data.augmentation import Normalisation
from swither.data.image_set import ImageSet
from swither.dynamics.label_history import LabelHistory
from swither.loop.settings import LearnerSettings
from swither.models import build_model
from swither.models.feature_head import FeatureHead
from swither.project.budget import Pace
from swither.training.device import use_threads
from swither.training.fit import fit
from swither.training.recipe import Recipe
from swither.training.recording import PoolRecorder

if TYPE_CHECKING:
    from swither.project.project import Project

USUAL_REST = 2.0
"""Seconds for all that is neither training nor recording, before a cycle has shown what it takes."""

_SAMPLE = 4000


def pace_of(project: Project, images: ImageSet, settings: LearnerSettings, threads: int) -> Pace:
    """The pace of this machine for these images: as the last cycle of their kind had it, else rehearsed.

    Args:
        project: whose cycles are looked at.
        images: all that may be trained on or recorded, with features.
        settings: of the learner.
        threads: of the training.
    """
    kind = kind_of(images, settings, threads)
    for cycle in reversed(project.store.cycles()[-5:]):
        pace = cycle.facts.get("pace")
        if pace is not None and pace["kind"] == kind:
            said = "as measured in the last cycle"
            return Pace(pace["step"], pace["recording"], pace["image"], pace["rest"], said)
    return rehearse(project, images, settings, threads)


def kind_of(images: ImageSet, settings: LearnerSettings, threads: int) -> list[Any]:
    """What a pace is of: one measured for other embeddings or another network says nothing here."""
    assert images.features is not None
    return [images.features.key, settings.model.name, threads]


def rehearse(project: Project, images: ImageSet, settings: LearnerSettings, threads: int) -> Pace:
    """Train a few steps on made-up labels and record two parts of the pool, on disk as in a cycle.

    Args:
        project: gives the folder, so that the same disk is measured.
        images: all that may be trained on or recorded, with features.
        settings: of the learner.
        threads: of the training.
    """
    assert images.features is not None
    some = images.take(np.arange(min(len(images), 128)))
    some = some.labelled(some.ids.tolist(), np.arange(len(some)) % images.classes)
    model = build_model(settings.model, images.image_shape, images.classes, 0, images.features.width)
    assert isinstance(model, FeatureHead)
    with use_threads(threads), tempfile.TemporaryDirectory(dir=project.derived("rehearsal").parent) as folder:
        fit(model, some, Recipe(epochs=2, least_steps=0, least_steps_per_epoch=1), seed=0)  # torch wakes up
        trained = fit(model, some, Recipe(epochs=20, least_steps=0, least_steps_per_epoch=1), seed=0)
        step = trained.seconds_training / trained.steps
        sizes = sorted({min(len(images), 200), min(len(images), _SAMPLE)})
        took = [_recording(model, images.take(np.arange(size)), f"{folder}/{size}") for size in sizes]
    if len(sizes) == 1:
        return Pace(step, took[0], 0.0, USUAL_REST, "as rehearsed on this machine")
    image = max((took[1] - took[0]) / (sizes[1] - sizes[0]), 1e-8)
    return Pace(step, max(took[0] - image * sizes[0], 0.0), image, USUAL_REST, "as rehearsed on this machine")


def _recording(model: FeatureHead, pool: ImageSet, folder: str) -> float:
    """Seconds of one recording: the least of three, the first of which also reads the embeddings from the disk."""
    history = LabelHistory.create(pool.ids, pool.classes, folder=folder, confidence=True)
    recorder = PoolRecorder(history, pool, Normalisation((0.0,), (1.0,)))
    took = []
    for epoch in range(1, 4):
        start = time.perf_counter()
        recorder.after_epoch(epoch, model)
        took.append(time.perf_counter() - start)
    return min(took)
