"""Every acquisition of the catalogue passes one suite, and agrees with a slow, obvious oracle."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from swither.acquisition import ACQUISITIONS, EVIDENCE, select
from swither.acquisition.conformance import CHECKS, run_check
from swither.acquisition.specimens import Sizes, ordinary

SIZES = Sizes(samples=40, classes=4, labelled=6, width=5, epochs=25, passes=10)


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("name", ACQUISITIONS)
def test_every_acquisition_passes(name: str, check: str) -> None:
    finding = run_check(ACQUISITIONS[name], check)
    assert finding.passed, f"{name}: {check}: {finding.message}"


def slow_least_confidence(probabilities: Any) -> list[float]:
    return [1 - max(map(float, row)) for row in probabilities]


def slow_margin(probabilities: Any) -> list[float]:
    return [1 - (sorted(map(float, row))[-1] - sorted(map(float, row))[-2]) for row in probabilities]


def slow_entropy(probabilities: Any) -> list[float]:
    return [-sum(p * math.log(p) for p in map(float, row) if p > 0) for row in probabilities]


def slow_bald(sampled_logits: Any) -> list[float]:
    scores = []
    for sample in range(len(sampled_logits[0])):
        distributions = []
        for logits in sampled_logits:
            powers = [math.exp(float(z)) for z in logits[sample]]
            distributions.append([power / sum(powers) for power in powers])
        mean = [sum(column) / len(column) for column in zip(*distributions, strict=True)]
        scores.append(slow_entropy([mean])[0] - sum(slow_entropy(distributions)) / len(distributions))
    return scores


def slow_dispersion(label_history: Any) -> list[float]:
    return [1 - Counter(labels).most_common(1)[0][1] / len(labels) for labels in label_history.T.tolist()]


def slow_kcenter(embeddings: Any, labelled_embeddings: Any, count: int, **_: Any) -> list[int]:
    chosen: list[int] = []
    for _pick in range(count):
        centres = [*labelled_embeddings, *embeddings[chosen]]
        nearest = {
            row: min(sum((float(a) - float(b)) ** 2 for a, b in zip(point, c, strict=True)) for c in centres)
            for row, point in enumerate(embeddings)
            if row not in chosen
        }
        chosen.append(max(nearest, key=lambda row: nearest[row]))
    return chosen


def slow_oracle(probabilities: Any, true_labels: Any, count: int, generator: np.random.Generator) -> list[int]:
    order = generator.permutation(len(probabilities)).tolist()
    wrong = [row for row in order if list(probabilities[row]).index(max(probabilities[row])) != true_labels[row]]
    return [*wrong, *(row for row in order if row not in wrong)][:count]


def slow_vaal(labelled_likelihood: Any) -> list[float]:
    return [0.0 - float(likelihood) for likelihood in labelled_likelihood]


def slow_random(count: int, generator: np.random.Generator) -> list[int]:
    return generator.permutation(SIZES.samples).tolist()[:count]


SLOW: Mapping[str, Callable[..., list[Any]]] = {
    "random": slow_random,
    "least-confidence": slow_least_confidence,
    "margin": slow_margin,
    "entropy": slow_entropy,
    "bald": slow_bald,
    "dispersion": slow_dispersion,
    "kcenter": slow_kcenter,
    "vaal": slow_vaal,
    "oracle": slow_oracle,
}

ELSEWHERE: Mapping[str, str] = {
    "coreset": "test_coreset.py",  # by radius, against enumeration: several choices can be best
    "badge": "test_distance_sampling.py",  # in distribution, against the definition on the full gradients
    "diverse-dispersion": "test_diverse_dispersion.py",  # in distribution
    "clustered-dispersion": "test_clustered_dispersion.py",  # on the same clusters
    "typiclust": "test_typiclust.py",  # on the same clusters
}
"""Where in tests/acquisition methods are held to theirs that need more for it than evidence."""


def test_every_acquisition_has_a_slow_oracle() -> None:
    assert set(SLOW) | set(ELSEWHERE) == set(ACQUISITIONS)
    for name, file in ELSEWHERE.items():
        text = (Path(__file__).parents[1] / "acquisition" / file).read_text("utf-8")
        assert name.replace("-", "_") in text


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("name", SLOW)
def test_every_acquisition_agrees_with_its_slow_oracle(name: str, seed: int) -> None:
    method = ACQUISITIONS[name]
    evidence = ordinary(method.needs, SIZES, seed)
    chosen = select(name, evidence, 15, samples=SIZES.samples, generator=np.random.default_rng(seed))
    if method.kind == "score":
        assert chosen.scores is not None
        np.testing.assert_allclose(chosen.scores, SLOW[name](**evidence), rtol=1e-5, atol=1e-6)
    else:
        slow = SLOW[name](**evidence, count=15, generator=np.random.default_rng(seed))
        assert chosen.positions.tolist() == slow


@pytest.mark.parametrize("name", [name for name in ACQUISITIONS if ACQUISITIONS[name].prefixes])
def test_a_smaller_count_gives_the_first_ids_of_a_larger_one(name: str) -> None:
    evidence = ordinary(ACQUISITIONS[name].needs, SIZES)
    chosen = [
        select(name, evidence, count, samples=SIZES.samples, generator=np.random.default_rng(1)).positions.tolist()
        for count in (3, 17, SIZES.samples)
    ]
    assert chosen[0] == chosen[2][:3]
    assert chosen[1] == chosen[2][:17]


@pytest.mark.parametrize("name", ACQUISITIONS)
def test_the_catalogue_describes_every_acquisition(name: str) -> None:
    method = ACQUISITIONS[name]
    assert method.name == name
    assert set(method.needs) <= set(EVIDENCE)
    assert method.title
    assert method.summary
    assert "References:" in (method.function.__doc__ or "")
    assert "Example:" in (method.function.__doc__ or "")
    assert any(mark in method.paper for mark in ("19", "20")), "a paper has a year"
