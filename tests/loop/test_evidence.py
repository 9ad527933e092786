from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from swither.data import ImageSet
from swither.loop import Learner, LearnerSettings, SimulatedAnnotator
from swither.loop import evidence as evidence_module
from swither.models import ModelSettings
from swither.training import Recipe

RECIPE = Recipe(epochs=2, least_steps=2)


def learner_with_labels(images: ImageSet, folder: Path, acquisition: str) -> Learner:
    settings = LearnerSettings(acquisition, model=ModelSettings("tiny", width=4), recipe=RECIPE)
    learner = Learner(images, settings, folder)
    learner.tell(SimulatedAnnotator(images).answer(learner.ask(12)))
    return learner


@pytest.mark.parametrize("acquisition", ["random", "margin", "bald", "kcenter"])
def test_evidence_handed_over_gives_the_selection_that_is_made_without_it(
    digits: ImageSet, tmp_path: Path, acquisition: str
) -> None:
    learner = learner_with_labels(digits, tmp_path, acquisition)
    standing = learner.standing()
    evidence = learner.evidence(standing)
    for count in (3, 9):
        candidates, alone = learner.select(standing, count)
        same, together = learner.select(standing, count, evidence=evidence)
        assert together.positions.tolist() == alone.positions.tolist()
        assert same.ids.tolist() == candidates.ids.tolist()


def test_what_no_setting_changes_is_computed_once_for_all_methods(
    digits: ImageSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    learner = learner_with_labels(digits, tmp_path, "kcenter")
    standing = learner.standing()
    first = learner.evidence(standing)
    labels, probabilities = first.predicted_labels, first.probabilities
    assert (labels == probabilities.argmax(axis=1)).all()
    labelled = first.labelled_embeddings
    monkeypatch.setattr(evidence_module, "predict", lambda *_, **__: pytest.fail("computed again"))
    second = learner.evidence(standing).sharing(first)
    np.testing.assert_array_equal(second.probabilities, probabilities)
    np.testing.assert_array_equal(second.labelled_embeddings, labelled)
