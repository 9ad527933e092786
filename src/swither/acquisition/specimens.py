"""Made evidence for holding an acquisition to the rules: ordinary, extreme, all alike, and of known order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from swither.acquisition.choosing import select
from swither.acquisition.evidence import EVIDENCE
from swither.acquisition.method import Acquisition
from swither.acquisition.selection import Selection
from swither.arrays import AnyArray, FloatArray, IntArray
from swither.errors import InputError, UnknownName
from swither.randomness import generator


@dataclass(frozen=True)
class Sizes:
    """How large made evidence is."""

    samples: int = 60
    classes: int = 5
    labelled: int = 8
    width: int = 6
    epochs: int = 30
    passes: int = 10


class Passes(Sequence[FloatArray]):
    """Stochastic passes made when they are read, the same at each reading; they never lie in memory together."""

    def __init__(self, sizes: Sizes, seed: int) -> None:
        self.sizes, self.seed = sizes, seed

    def __len__(self) -> int:
        return self.sizes.passes

    def __getitem__(self, number: Any) -> Any:
        if isinstance(number, slice):
            return [self[i] for i in range(*number.indices(len(self)))]
        if not -len(self) <= number < len(self):
            raise IndexError(number)
        drawn = generator(self.seed, "pass", number % len(self))
        shape = (self.sizes.samples, self.sizes.classes)
        return 3 * drawn.standard_normal(shape, dtype=np.float32)


def ordinary(needs: Iterable[str], sizes: Sizes, seed: int = 0) -> dict[str, Any]:
    """Random evidence, no two rows alike: every name in `needs` with an array of its shape.

    Example:
        >>> ordinary(["embeddings"], Sizes(samples=4, width=2))["embeddings"].shape
        (4, 2)
    """
    draw = generator(seed, "ordinary")
    probabilities = draw.dirichlet(np.full(sizes.classes, 0.5), sizes.samples)
    labels = draw.integers(sizes.classes, size=(sizes.epochs, sizes.samples), dtype=np.uint8)
    settled = draw.random(sizes.samples) * sizes.epochs  # the epoch from which a sample keeps its label
    labels = np.where(np.arange(sizes.epochs)[:, None] < settled, labels, labels[-1])
    made: dict[str, Callable[[], Any]] = {
        "probabilities": lambda: probabilities.astype(np.float32),
        "sampled_logits": lambda: Passes(sizes, seed),
        "embeddings": lambda: draw.standard_normal((sizes.samples, sizes.width), dtype=np.float32),
        "labelled_embeddings": lambda: draw.standard_normal((sizes.labelled, sizes.width), dtype=np.float32),
        "label_history": lambda: labels,
        "labelled_likelihood": lambda: draw.random(sizes.samples),
        "true_labels": lambda: draw.integers(sizes.classes, size=sizes.samples),
    }
    return {name: _made(made, name)() for name in needs}


def extreme(needs: Iterable[str], sizes: Sizes, seed: int = 0) -> dict[str, Any]:
    """Probabilities of exactly 0 and 1, logits far apart, embeddings far from 0, labels that never change."""
    evidence = ordinary(needs, sizes, seed)
    certain = generator(seed, "extreme").integers(sizes.classes, size=sizes.samples)
    if "probabilities" in evidence:
        evidence["probabilities"] = np.eye(sizes.classes, dtype=np.float32)[certain]
    if "sampled_logits" in evidence:
        far = np.where(np.eye(sizes.classes)[certain] > 0, np.float32(1e4), np.float32(-np.inf))
        evidence["sampled_logits"] = [far] * sizes.passes
    if "embeddings" in evidence:
        evidence["embeddings"] = evidence["embeddings"] * np.float32(1e-3) + np.float32(1e3)
    if "label_history" in evidence:
        evidence["label_history"] = np.tile(certain.astype(np.uint8), (sizes.epochs, 1))
    if "labelled_likelihood" in evidence:
        evidence["labelled_likelihood"] = np.arange(sizes.samples) % 2 * 1.0
    return evidence


def copies(needs: Iterable[str], sizes: Sizes, seed: int = 0) -> dict[str, Any]:
    """Evidence of candidates that are all one and the same image."""
    evidence = ordinary(needs, sizes, seed)
    return take_candidates(evidence, np.zeros(sizes.samples, dtype=np.int64))


def contrast(needs: Iterable[str], sizes: Sizes, seed: int = 0) -> tuple[dict[str, Any], IntArray]:
    """Evidence that leaves no question who is to be labelled first, and the positions of those in doubt.

    Half the candidates are in doubt: even probabilities, passes that disagree, embeddings far from the labelled,
    labels that kept changing, no likelihood to be labelled, a true label that is not the predicted one.
    """
    draw = generator(seed, "contrast")
    doubtful = draw.permutation(sizes.samples)[: sizes.samples // 2]
    doubt = np.zeros(sizes.samples, dtype=bool)
    doubt[doubtful] = True
    evidence = ordinary(needs, sizes, seed)
    sure = np.full(sizes.classes, 0.02 / (sizes.classes - 1))
    sure[0] = 0.98
    even = np.full(sizes.classes, 1 / sizes.classes)
    columns = np.arange(sizes.classes)
    epochs = np.arange(sizes.epochs)[:, None]
    known: dict[str, Any] = {
        "probabilities": np.where(doubt[:, None], even, sure),
        "sampled_logits": [
            np.where(doubt[:, None], 9.0 * (columns == number % sizes.classes), 9.0 * (columns == 0))
            for number in range(sizes.passes)
        ],
        "embeddings": np.where(doubt[:, None], 100.0, 0.0) + draw.random((sizes.samples, sizes.width)),
        "labelled_embeddings": draw.random((sizes.labelled, sizes.width)),
        "label_history": np.where(doubt, epochs % sizes.classes, 0).astype(np.uint8),
        "labelled_likelihood": np.where(doubt, 0.1, 0.9),
        "true_labels": np.where(doubt, sizes.classes - 1, 0),
    }
    return {name: known[name] for name in evidence}, doubtful


def take_candidates(evidence: Mapping[str, Any], order: AnyArray) -> dict[str, Any]:
    """The evidence with its candidates at `order`; what lies along no candidates stays.

    Example:
        >>> take_candidates({"label_history": np.array([[1, 2, 3]])}, np.array([2, 0]))
        {'label_history': array([[3, 1]])}
    """
    taken = dict(evidence)
    for name, values in evidence.items():
        if name == "sampled_logits":
            taken[name] = [values[number][order] for number in range(len(values))]
        elif (axis := EVIDENCE[name].candidate_axis) is not None:
            taken[name] = np.take(values, order, axis=axis)
    return taken


def sizes_for(acquisition: Acquisition, **sizes: int) -> Sizes:
    """Sizes with as many passes as the acquisition asks for."""
    return Sizes(passes=acquisition.settings.get("passes", Sizes.passes), **sizes)


def choose(
    acquisition: Acquisition, evidence: Mapping[str, Any], count: int, sizes: Sizes, seed: int = 0, **settings: Any
) -> Selection:
    """Choose by the acquisition, with a generator of that seed."""
    draw = np.random.default_rng(seed)
    return select(acquisition, evidence, count, samples=sizes.samples, generator=draw, **settings)


def refuses(attempt: Callable[[], object]) -> bool:
    """Whether an attempt ends in an error of swither's own about its input."""
    try:
        attempt()
    except InputError:
        return True
    return False


def _made(made: Mapping[str, Callable[[], Any]], name: str) -> Callable[[], Any]:
    if name not in made:
        raise UnknownName("evidence", name, EVIDENCE)
    return made[name]
