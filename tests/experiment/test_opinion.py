from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch

from swither.acquisition import Selection
from swither.arrays import IntArray
from swither.data import ImageSet, open_dataset
from swither.errors import DamagedState
from swither.experiment.opinion import RANDOM_DRAWS, Yardstick, read_opinions, save_opinions
from swither.loop import Learner, LearnerSettings, SimulatedAnnotator
from swither.loop.evidence import Evidence
from swither.models import ModelSettings
from swither.training import Recipe


@pytest.fixture
def known(tmp_path: Path) -> tuple[Learner, Evidence, IntArray]:
    images: ImageSet = open_dataset("digits").train.take(np.arange(150))
    settings = LearnerSettings("margin", model=ModelSettings("tiny", width=4), recipe=Recipe(epochs=3, least_steps=3))
    annotator = SimulatedAnnotator(images)
    learner = Learner(images, settings, tmp_path / "learner")
    learner.tell(annotator.answer(learner.ask(20)))
    evidence = learner.evidence(learner.standing())
    return learner, evidence, annotator.reveal(map(str, evidence.candidates.ids))


def nearest(points: np.ndarray, others: np.ndarray | None) -> float:
    found = []
    for number, point in enumerate(points):
        to = np.delete(points, number, axis=0) if others is None else others
        found.append(min(math.dist(point, other) for other in to))
    return sum(found) / len(found)


def test_an_opinion_is_what_counting_and_measuring_by_hand_gives(known: tuple[Learner, Evidence, IntArray]) -> None:
    learner, evidence, truth = known
    _, selection = learner.select(learner.standing(), 8, evidence=evidence)
    yardstick = Yardstick(evidence, truth, 8)
    opinion = yardstick.opinion("margin", selection)
    chosen = selection.positions
    predicted = evidence.probabilities.argmax(axis=1)
    assert opinion["ids"] == evidence.candidates.ids[chosen].tolist()
    assert opinion["accuracy"] == pytest.approx((predicted == truth)[chosen].mean())
    assert opinion["classes"] == [int((truth[chosen] == label).sum()) for label in range(10)]
    wrong, scores = predicted != truth, selection.scores
    assert scores is not None
    pairs = [(hit > miss) + 0.5 * (hit == miss) for hit in scores[wrong] for miss in scores[~wrong]]
    assert opinion["auroc"] == pytest.approx(np.mean(pairs))
    facts = yardstick.facts()
    assert (facts["count"], facts["pool"], facts["labelled"]) == (8, 130, 20)
    assert facts["accuracy"] == pytest.approx((~wrong).mean())
    assert sum(facts["classes"]) == 130


def test_distances_are_relative_to_those_of_random_draws(known: tuple[Learner, Evidence, IntArray]) -> None:
    _, evidence, truth = known
    yardstick = Yardstick(evidence, truth, 8)
    generator = np.random.default_rng(0)
    draws = [yardstick.opinion("random", Selection(generator.permutation(130)[:8])) for _ in range(60)]
    for name in ("nearest_chosen", "nearest_labelled"):
        assert np.mean([draw[name] for draw in draws]) == pytest.approx(1, abs=0.35 / math.sqrt(RANDOM_DRAWS))
    one, other = (yardstick.opinion("", Selection(np.arange(8) + start)) for start in (0, 40))
    ours, theirs = evidence.embeddings[:8], evidence.embeddings[40:48]
    labelled = evidence.labelled_embeddings
    assert one["nearest_chosen"] / other["nearest_chosen"] == pytest.approx(
        nearest(ours, None) / nearest(theirs, None), rel=1e-4
    )
    assert one["nearest_labelled"] / other["nearest_labelled"] == pytest.approx(
        nearest(ours, labelled) / nearest(theirs, labelled), rel=1e-4
    )


def test_a_method_without_scores_and_a_single_pick_leave_out_what_they_have_not(
    known: tuple[Learner, Evidence, IntArray],
) -> None:
    _, evidence, truth = known
    opinion = Yardstick(evidence, truth, 1).opinion("random", Selection(np.array([3])))
    assert opinion["auroc"] is None
    assert opinion["nearest_chosen"] is None
    assert opinion["nearest_labelled"] > 0


def test_opinions_read_back_and_a_damaged_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "opinions" / "seed0-cycle0.json"
    save_opinions(path, 0, 0, {"count": 1}, [{"method": "random"}])
    assert read_opinions(path)["rows"] == [{"method": "random"}]
    path.write_text("{")
    with pytest.raises(DamagedState, match=r"seed0-cycle0\.json"):
        read_opinions(path)


def test_facts_name_the_network_by_its_weights(known: tuple[Learner, Evidence, IntArray]) -> None:
    _, evidence, truth = known
    before = Yardstick(evidence, truth, 8).facts()["weights"]
    assert before == Yardstick(evidence, truth, 4).facts()["weights"]
    with torch.no_grad():
        next(evidence.trained.model.parameters()).mul_(1.5)
    assert Yardstick(evidence, truth, 8).facts()["weights"] != before
