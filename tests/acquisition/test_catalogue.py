from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest

import swither.acquisition
from swither.acquisition import ACQUISITIONS, Acquisition, Selection, find, select
from swither.errors import InputError, UnknownName


def choose(method: Acquisition | str, evidence: dict[str, Any], count: int = 2, samples: int = 4, **rest: Any) -> Any:
    return select(method, evidence, count, samples=samples, generator=np.random.default_rng(0), **rest)


def made(function: Any, kind: Any = "selection", needs: tuple[str, ...] = ()) -> Acquisition:
    return Acquisition("mine", "mine", function, kind, needs, "a user's own", "none, 2020")


def test_names_stay_the_ones_that_people_type() -> None:
    assert list(ACQUISITIONS) == [
        "random",
        "least-confidence",
        "margin",
        "entropy",
        "bald",
        "dispersion",
        "diverse-dispersion",
        "clustered-dispersion",
        "kcenter",
        "coreset",
        "badge",
        "typiclust",
        "vaal",
        "oracle",
    ]


def test_a_misspelt_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownName, match=r"Did you mean 'dispersion'\?.*Known: badge"):
        find("dispersoin")


def test_a_score_and_a_selection_come_back_alike() -> None:
    scored = choose("margin", {"probabilities": [[0.9, 0.1], [0.5, 0.5], [0.5, 0.5], [0.8, 0.2]]})
    drawn = choose("random", {})
    for chosen in (scored, drawn):
        assert isinstance(chosen, Selection)
        assert chosen.positions.dtype == np.int64
        assert chosen.positions.shape == (2,)
    assert scored.positions.tolist() == [1, 2]
    assert scored.scores is not None
    assert drawn.scores is None


def test_evidence_may_hold_more_than_a_method_asks_for() -> None:
    assert len(choose("random", {"probabilities": None, "anything": 3}).positions) == 2


@pytest.mark.parametrize(
    ("function", "says"),
    [
        (lambda count, generator: [0, 1], "give a Selection, got list"),
        (lambda count, generator: Selection(np.array([1, 1])), "2 distinct positions"),
        (lambda count, generator: Selection(np.array([1])), "2 distinct positions"),
        (lambda count, generator: Selection(np.array([1, 4])), "positions are rows of the evidence, not ids"),
        (lambda count, generator: Selection(np.array([-1, 0])), "from 0 to 3"),
        (lambda count, generator: Selection(np.array([0.0, 1.0])), "distinct positions, got float64"),
    ],
)
def test_a_users_selection_is_held_to_distinct_positions_in_the_pool(function: Any, says: str) -> None:
    with pytest.raises(InputError, match=says):
        choose(made(function), {})


@pytest.mark.parametrize(
    ("scores", "says"),
    [
        (np.zeros(3), "mine to give 4 scores, one per sample, got shape"),
        (np.zeros((4, 1)), "got shape"),
        (np.array([0, np.nan, 0, 0]), "mine: 1 of 4 scores are NaN"),
    ],
)
def test_a_users_scores_are_one_number_per_sample(scores: Any, says: str) -> None:
    with pytest.raises(InputError, match=says):
        choose(made(lambda: scores, "score"), {})


def test_missing_evidence_is_named_with_its_shape() -> None:
    with pytest.raises(InputError, match=r"'kcenter' needs labelled_embeddings \(labelled, width\); got embeddings"):
        choose("kcenter", {"embeddings": np.zeros((4, 2))})


def test_an_unknown_setting_is_answered_with_the_known_ones() -> None:
    history = {"label_history": np.zeros((3, 4), dtype=np.uint8)}
    with pytest.raises(UnknownName, match=r"setting of dispersion 'windows'. Did you mean 'window'"):
        choose("dispersion", history, windows=3)
    assert len(choose("dispersion", history, window=3).positions) == 2


def test_public_names_are_these() -> None:
    assert swither.acquisition.__all__ == [
        "ACQUISITIONS",
        "Acquisition",
        "EVIDENCE",
        "Selection",
        "Variant",
        "badge",
        "bald",
        "clustered_dispersion",
        "coreset",
        "default_acquisition",
        "dispersion",
        "diverse_dispersion",
        "entropy",
        "find",
        "kcenter",
        "least_confidence",
        "margin",
        "oracle",
        "random",
        "select",
        "take_highest",
        "typiclust",
        "vaal",
    ]
    for name in swither.acquisition.__all__:
        value = getattr(swither.acquisition, name)
        assert not isinstance(value, type(sys)), f"{name} is the module, not what it holds"


def test_acquisitions_load_without_torch() -> None:
    code = (
        "import sys, swither.acquisition as a; a.ACQUISITIONS; assert not {'torch', 'sklearn', 'PIL'} & {*sys.modules}"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
