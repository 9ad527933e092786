"""The catalogue: every acquisition by name, and `select`, the one door to all of them."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

import numpy as np

from swither.acquisition.bald import bald
from swither.acquisition.dispersion import dispersion
from swither.acquisition.entropy import entropy
from swither.acquisition.evidence import require_evidence
from swither.acquisition.kcenter import kcenter
from swither.acquisition.least_confidence import least_confidence
from swither.acquisition.margin import margin
from swither.acquisition.oracle import oracle
from swither.acquisition.random import random
from swither.acquisition.selection import Score, Select, Selection, as_count, require_generator, take_highest
from swither.arrays import to_numpy
from swither.errors import InputError, UnknownName


@dataclass(frozen=True)
class Acquisition:
    """A method that says which samples to label next, and what it asks for.

    Attributes:
        name: what users type.
        title: what figures and tables print.
        function: a `Score` or a `Select`; its arguments carry the names in `needs`.
        kind: ``"score"`` (evidence to one number per sample, higher is sooner) or ``"selection"``
            (evidence, count and generator to positions).
        needs: names of the evidence, in the order of the function's arguments; see `EVIDENCE`.
        settings: the function's keyword-only settings with their defaults.
        paper: where the method was published.
        summary: one line for lists.
    """

    name: str
    title: str
    function: Score | Select
    kind: Literal["score", "selection"]
    needs: tuple[str, ...]
    summary: str
    paper: str
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def records(self) -> bool:
        """Whether the pool must be recorded while the network trains."""
        return "label_history" in self.needs

    @property
    def wants_samples(self) -> bool:
        """Whether the function asks for the number of candidates by an argument called ``samples``."""
        return "samples" in inspect.signature(self.function).parameters


ACQUISITIONS: Mapping[str, Acquisition] = MappingProxyType(
    {
        method.name: method
        for method in (
            Acquisition(
                "random",
                "random",
                random,
                "selection",
                (),
                "a uniform draw: the baseline",
                'Settles, "Active Learning Literature Survey", 2009',
            ),
            Acquisition(
                "least-confidence",
                "least confidence",
                least_confidence,
                "score",
                ("probabilities",),
                "1 - probability of the most probable class",
                'Lewis and Gale, "A Sequential Algorithm for Training Text Classifiers", SIGIR 1994',
            ),
            Acquisition(
                "margin",
                "margin",
                margin,
                "score",
                ("probabilities",),
                "1 - (first - second) of the largest class probabilities",
                'Scheffer et al., "Active Hidden Markov Models for Information Extraction", IDA 2001',
            ),
            Acquisition(
                "entropy",
                "entropy",
                entropy,
                "score",
                ("probabilities",),
                "entropy of the class probabilities, in nats",
                'Shannon, "A Mathematical Theory of Communication", 1948',
            ),
            Acquisition(
                "bald",
                "BALD",
                bald,
                "score",
                ("sampled_logits",),
                "mutual information between the label and the dropout mask",
                'Gal et al., "Deep Bayesian Active Learning with Image Data", ICML 2017',
                {"passes": 10},
            ),
            Acquisition(
                "dispersion",
                "dispersion",
                dispersion,
                "score",
                ("label_history",),
                "share of the recorded predictions that are not the modal label",
                'Zolfaghari Bengar et al., "When Deep Learners Change Their Mind", CAIP 2021',
                {"window": None, "stride": 1},
            ),
            Acquisition(
                "kcenter",
                "k-center greedy",
                kcenter,
                "selection",
                ("embeddings", "labelled_embeddings"),
                "the point farthest from all labelled and chosen ones, again and again",
                'Sener and Savarese, "Active Learning for CNNs: A Core-Set Approach", ICLR 2018',
            ),
            Acquisition(
                "oracle",
                "oracle",
                oracle,
                "selection",
                ("probabilities", "true_labels"),
                "misclassified samples first; knows the labels, for experiments only",
                'Zolfaghari Bengar et al., "When Deep Learners Change Their Mind", CAIP 2021, figure 3',
                {"order": "random"},
            ),
        )
    }
)
"""Every acquisition of swither, by name."""


def find(name: str) -> Acquisition:
    """The acquisition of that name.

    Args:
        name: a key of `ACQUISITIONS`.

    Raises:
        UnknownName: there is none; the message lists the known ones and the nearest.

    Example:
        >>> find("kcenter").title
        'k-center greedy'
    """
    if name not in ACQUISITIONS:
        raise UnknownName("acquisition", name, ACQUISITIONS)
    return ACQUISITIONS[name]


def select(
    acquisition: Acquisition | str,
    evidence: Mapping[str, Any],
    count: int,
    *,
    samples: int,
    generator: np.random.Generator,
    **settings: Any,
) -> Selection:
    """Choose `count` of `samples` candidates by any acquisition, a score or a selection.

    Rows of the evidence are the candidates, in an order that the caller settles: equal scores are taken in the
    order of rows, and whatever draws, draws over rows in that order.

    Args:
        acquisition: an acquisition, or a name in the catalogue.
        evidence: arrays by name, at least what the acquisition needs.
        count: how many to choose, from 0 to samples.
        samples: how many candidates there are.
        generator: the only source of randomness.
        **settings: settings of the acquisition that differ from its defaults.

    Returns:
        `count` distinct positions in order of choice; with the scores where the acquisition is a score.

    Raises:
        UnknownName: the acquisition or a setting is not known.
        InputError: evidence is missing or does not fit, or `count` does not lie between 0 and `samples`.

    References:
        Settles, "Active Learning Literature Survey", University of Wisconsin-Madison 2009, section 2.3.

    Example:
        >>> evidence = {"probabilities": [[0.9, 0.1], [0.5, 0.5], [0.6, 0.4]]}
        >>> chosen = select("margin", evidence, 2, samples=3, generator=np.random.default_rng(0))
        >>> chosen.positions.tolist()
        [1, 2]
    """
    method = find(acquisition) if isinstance(acquisition, str) else acquisition
    count = as_count(count, samples)
    require_generator(generator)
    require_evidence(evidence, method.needs, samples, method.name)
    for name in settings:
        if name not in method.settings:
            raise UnknownName(f"setting of {method.name}", name, method.settings)
    arguments = {name: evidence[name] for name in method.needs} | dict(method.settings) | settings
    if method.wants_samples:
        arguments["samples"] = samples
    if method.kind == "score":
        return _take_scored(method, method.function(**arguments), count, samples)
    chosen = method.function(**arguments, count=count, generator=generator)
    return _checked(method, chosen, count, samples)


def _take_scored(method: Acquisition, scores: Any, count: int, samples: int) -> Selection:
    values = to_numpy(scores)
    if values.shape != (samples,):
        raise InputError(f"Expected {method.name} to give {samples} scores, one per sample, got shape {values.shape}.")
    try:
        return take_highest(values, count)
    except InputError as error:
        raise InputError(f"{method.name}: {error}") from error


def _checked(method: Acquisition, chosen: Any, count: int, samples: int) -> Selection:
    """Hold a selection, which may be a user's own, to `count` distinct positions within the candidates."""
    if not isinstance(chosen, Selection):
        raise InputError(f"Expected {method.name} to give a Selection, got {type(chosen).__name__}.")
    positions = np.asarray(chosen.positions)
    whole = positions.ndim == 1 and (positions.dtype.kind in "iu" or not len(positions))
    if not whole or len(positions) != count or len(np.unique(positions)) != count:
        raise InputError(
            f"Expected {method.name} to give {count} distinct positions, got {positions.dtype} of shape "
            f"{positions.shape} with {len(np.unique(positions))} distinct values."
        )
    if count and (positions.min() < 0 or positions.max() >= samples):
        raise InputError(
            f"Expected positions from 0 to {samples - 1}, got {positions.min()} to {positions.max()} "
            f"from {method.name}: positions are rows of the evidence, not ids."
        )
    return Selection(positions.astype(np.int64), chosen.diagnostics, chosen.scores)
