"""The suite finds the mistakes that it is there to find: each is made here on purpose."""

from __future__ import annotations

import random as python_random
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from swither.acquisition import Acquisition, Selection, find
from swither.acquisition.conformance import CHECKS, run_check, run_checks
from swither.errors import UnknownName


def made(function: Any, kind: Any, needs: tuple[str, ...], settings: Mapping[str, Any] | None = None) -> Acquisition:
    return Acquisition("mine", "mine", function, kind, needs, "a user's own", "none, 2020", settings or {})


def confident_first(probabilities: Any) -> Any:
    return probabilities.max(axis=1)


def logarithm_of_zero(probabilities: Any) -> Any:
    return -(probabilities * np.log(probabilities)).sum(axis=1)


def in_place(probabilities: Any) -> Any:
    probabilities -= probabilities.max(axis=1, keepdims=True)
    return -probabilities.sum(axis=1)


def by_place(probabilities: Any) -> Any:
    return 1 - probabilities.max(axis=1) + 1e-3 * np.arange(len(probabilities))


def other_names(p: Any) -> Any:
    return 1 - p.max(axis=1)


def all_pairs(embeddings: Any) -> Any:
    squared = np.square(embeddings).sum(axis=1)
    return (squared[:, None] + squared[None] - 2 * embeddings @ embeddings.T).mean(axis=1)


def all_passes(sampled_logits: Any, *, passes: int = 10) -> Any:
    return np.stack([np.asarray(logits) for logits in sampled_logits]).std(axis=0).max(axis=1)


def global_draw(count: int, samples: int, generator: Any) -> Selection:
    return Selection(np.random.permutation(samples)[:count])  # noqa: NPY002


def global_python_draw(count: int, samples: int, generator: Any) -> Selection:
    return Selection(np.array(python_random.sample(range(samples), count)))


def unseeded(count: int, samples: int, generator: Any) -> Selection:
    return Selection(np.random.default_rng().permutation(samples)[:count])


def with_replacement(count: int, samples: int, generator: Any) -> Selection:
    return Selection(generator.integers(samples, size=count))


def remembering(count: int, samples: int, generator: Any, seen: list[int] = []) -> Selection:  # noqa: B006
    seen.append(1)
    return Selection((np.arange(count) + len(seen)) % samples)


def unchecked_setting(probabilities: Any, *, power: float = 1.0) -> Any:
    return 1 - probabilities.max(axis=1)


def copies_by_row(probabilities: Any) -> Any:
    return np.arange(len(probabilities)) / 1e9 + 1 - probabilities.max(axis=1)


def bound_that_must_be_given(probabilities: Any, memory: int) -> Any:
    return 1 - probabilities.max(axis=1)


def bound_by_place(probabilities: Any, memory: int | None = None) -> Any:
    return 1 - probabilities.max(axis=1)


P = ("probabilities",)
MISTAKES = [
    (made(confident_first, "score", P), "higher is sooner"),
    (made(logarithm_of_zero, "score", P), "certainty gives no nan"),
    (made(in_place, "score", P), "evidence is not modified"),
    (made(by_place, "score", P), "the order of rows decides only ties"),
    (made(copies_by_row, "score", P), "copies are chosen once each"),
    (made(other_names, "score", P), "arguments carry the names in the catalogue"),
    (made(find("margin").function, "selection", P), "arguments carry the names in the catalogue"),
    (made(bound_that_must_be_given, "score", P), "arguments carry the names in the catalogue"),
    (made(bound_by_place, "score", P), "arguments carry the names in the catalogue"),
    (made(all_pairs, "score", ("embeddings",)), "memory stays in proportion to the evidence"),
    (made(all_passes, "score", ("sampled_logits",), {"passes": 10}), "memory stays in proportion to the evidence"),
    (made(global_draw, "selection", ()), "global randomness is untouched"),
    (made(global_draw, "selection", ()), "equal generators give equal choices"),
    (made(global_python_draw, "selection", ()), "global randomness is untouched"),
    (made(unseeded, "selection", ()), "equal generators give equal choices"),
    (made(unseeded, "selection", ()), "a keyed order settles everything"),
    (made(remembering, "selection", ()), "equal generators give equal choices"),
    (made(with_replacement, "selection", ()), "it gives as many distinct positions as asked"),
    (made(with_replacement, "selection", ()), "copies are chosen once each"),
    (made(with_replacement, "selection", ()), "one class is chosen from or refused"),
    (made(unchecked_setting, "score", P, {"power": 1.0}), "settings are checked"),
    (made(lambda embeddings: np.zeros(60), "score", ("embeddings",)), "nan is refused"),
    (made(lambda label_history: np.zeros(60), "score", ("label_history", "missing")), "missing evidence is named"),
    (made(confident_first, "score", P), "tensors are taken"),
]


@pytest.mark.parametrize(("acquisition", "check"), MISTAKES)
def test_the_suite_finds_the_mistake(acquisition: Acquisition, check: str) -> None:
    finding = run_check(acquisition, check)
    assert not finding.passed
    assert finding.message


def test_every_check_has_a_mistake_that_it_finds() -> None:
    assert {check for _, check in MISTAKES} == set(CHECKS)


@pytest.mark.parametrize("function", [global_draw, global_python_draw])
def test_the_users_global_states_are_put_back_even_after_a_mistake(function: Any) -> None:
    before = repr(np.random.get_state()), python_random.getstate()  # noqa: NPY002
    findings = list(run_checks(made(function, "selection", ())))
    assert [finding.check for finding in findings] == list(CHECKS)
    assert (repr(np.random.get_state()), python_random.getstate()) == before  # noqa: NPY002


def test_an_unknown_check_is_refused() -> None:
    with pytest.raises(UnknownName):
        run_check(find("margin"), "no such check")
