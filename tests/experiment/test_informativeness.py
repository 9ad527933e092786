from __future__ import annotations

from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest

from swither.acquisition import ACQUISITIONS, Acquisition, Selection, catalogue
from swither.arrays import IntArray
from swither.data import ImageSet, open_dataset
from swither.experiment.informativeness import PORTIONS, informativeness
from swither.loop import Learner, LearnerSettings, SimulatedAnnotator
from swither.loop.evidence import Evidence
from swither.models import ModelSettings
from swither.training import Recipe

ASKED: list[int] = []


def solved_anew(samples: int, count: int, generator: np.random.Generator) -> Selection:
    """Takes other samples for every count: none is the first part of a larger one."""
    ASKED.append(count)
    return Selection(np.sort((np.arange(count) * 7 + count) % samples))


@pytest.fixture
def images() -> ImageSet:
    return open_dataset("digits").train.take(np.arange(140))


def prepared(images: ImageSet, folder: Path, name: str) -> tuple[Learner, Evidence, IntArray]:
    settings = LearnerSettings(name, model=ModelSettings("tiny", width=4), recipe=Recipe(epochs=2, least_steps=2))
    annotator = SimulatedAnnotator(images)
    learner = Learner(images, settings, folder)
    learner.tell(annotator.answer(learner.ask(20)))
    evidence = learner.evidence(learner.standing())
    return learner, evidence, annotator.reveal(map(str, evidence.candidates.ids))


@pytest.mark.parametrize("name", ["random", "margin", "kcenter"])
def test_portions_of_a_ranking_are_what_choosing_each_of_them_gives(
    images: ImageSet, tmp_path: Path, name: str
) -> None:
    learner, evidence, true_labels = prepared(images, tmp_path, name)
    rows = informativeness(learner, learner.standing(), evidence, true_labels)
    assert [row["portion"] for row in rows] == list(PORTIONS)
    for row in rows:
        _, selection = learner.select(learner.standing(), row["images"])
        right = (evidence.predicted_labels == true_labels)[selection.positions]
        assert row["accuracy"] == pytest.approx(right.mean())


def test_a_method_that_solves_each_count_is_asked_portion_by_portion_up_to_a_fifth(
    images: ImageSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    method = Acquisition("anew", "anew", solved_anew, "selection", (), "", "", prefixes=False)
    monkeypatch.setattr(catalogue, "ACQUISITIONS", MappingProxyType({**ACQUISITIONS, "anew": method}))
    learner, evidence, true_labels = prepared(images, tmp_path, "anew")
    ASKED.clear()
    rows = informativeness(learner, learner.standing(), evidence, true_labels)
    assert [row["portion"] for row in rows] == [0.01, 0.02, 0.05, 0.1, 0.2, 1.0]
    assert ASKED == [row["images"] for row in rows[:-1]] == [1, 2, 6, 12, 24]
    right = evidence.predicted_labels == true_labels
    for row in rows[:-1]:
        chosen = (np.arange(row["images"]) * 7 + row["images"]) % len(right)
        assert row["accuracy"] == pytest.approx(right[chosen].mean())
    assert rows[-1]["accuracy"] == pytest.approx(right.mean())
