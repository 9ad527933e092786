"""Why an image was asked: what the network made of it while it learned, and which labelled images it lies near.

Test images were recorded like all others, so what is said of them has the same form and the same words; nobody can tell
them by it.
"""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from swither.arrays import FloatArray
from swither.dynamics.dispersion import dispersion
from swither.dynamics.label_history import LabelHistory
from swither.errors import plural
from swither.project.embeddings import pool_features
from swither.project.histories import KEPT, history_of
from swither.project.nearness import nearest
from swither.project.records import Cycle

if TYPE_CHECKING:
    from swither.project.project import Project

NEAREST = 6
_RANKED = 2
_dispersions: OrderedDict[tuple[str, int, int], tuple[dict[str, int], FloatArray]] = OrderedDict()
_guard = threading.Lock()


def why(project: Project, image: str) -> dict[str, Any]:
    """What is known of an image, from the latest training that looked at it.

    Args:
        project: whose.
        image: id.

    Returns:
        ``epochs`` (numbers of the recorded ones), ``labels`` (the class id predicted after each), ``confidence`` (its
        probability), ``dispersion``, ``rank`` (1 for the image that the network changed its mind about most) ``of`` so
        many, ``acquisition``, ``nearest`` labelled images, and ``words`` that say the same.
    """
    ledger = project.ledger()
    names = {one.id: one.name for one in ledger.classes}
    near = _nearest(project, image)
    found = _looked_at(project, image)
    if found is None:
        words = _unseen(project)
        nothing: dict[str, Any] = {"epochs": [], "labels": [], "confidence": [], "dispersion": None, "rank": None}
        return {**nothing, "of": None, "acquisition": None, "nearest": near, "words": words}
    cycle, history = found
    place, scores = _ranked(str(cycle.training), history)
    row = place[image]
    classes = [ledger.resolve(one) for one in cycle.classes]
    labels = [classes[int(label)] for label in history.labels[:, row]]
    confidence = [] if history.confidence is None else [round(float(c), 4) for c in history.confidence[:, row]]
    every = int(cycle.facts.get("record_every", 1))
    rank = int((scores > scores[row]).sum()) + 1
    answer = {
        "epochs": [every * (n + 1) for n in range(history.epochs)],
        "labels": labels,
        "confidence": confidence,
        "dispersion": float(scores[row]),
        "rank": rank,
        "of": len(scores),
        "acquisition": cycle.facts.get("acquisition"),
        "nearest": near,
    }
    return {**answer, "words": _words(answer, names, every)}


def _looked_at(project: Project, image: str) -> tuple[Cycle, LabelHistory] | None:
    for cycle in reversed(project.store.cycles()[-KEPT:]):
        history = history_of(project, cycle.training) if cycle.training is not None else None
        if history is not None and history.epochs and image in _ranked(str(cycle.training), history)[0]:
            return cycle, history
    return None


def _ranked(training: str, history: LabelHistory) -> tuple[dict[str, int], FloatArray]:
    """Where each image stands in a history, and the dispersion of all; kept for the last few recordings."""
    recording = (training, history.epochs, len(history.ids))  # one training may be recorded for more images later
    with _guard:
        if recording not in _dispersions:
            place = {str(i): n for n, i in enumerate(history.ids)}
            _dispersions[recording] = (place, np.asarray(dispersion(history)))
            while len(_dispersions) > _RANKED:
                _dispersions.popitem(last=False)
        return _dispersions[recording]


def _nearest(project: Project, image: str) -> list[dict[str, Any]]:
    pool = pool_features(project)
    if pool is None:
        return []
    ledger, held = project.ledger(), project.store.held_out()
    labelled = {other for other in ledger.labels if other not in held}
    return [
        {"image": other, "class_id": ledger.label_of(other), "distance": round(distance, 4)}
        for other, distance in nearest(pool, image, labelled, NEAREST)
    ]


def _words(answer: Mapping[str, Any], names: Mapping[str, str], every: int) -> str:
    labels = answer["labels"]
    counts = Counter(labels).most_common(3)
    said = ", ".join(f"{names.get(one, '?')} in {100 * count / len(labels):.0f} %" for one, count in counts)
    switches = [n for n in range(1, len(labels)) if labels[n] != labels[n - 1]]
    epochs = f"{plural(len(labels), 'recorded epoch')}"
    if not switches:
        mind = f"The network called it {names.get(labels[0], '?')} in all of {epochs}"
    else:
        last = every * (switches[-1] + 1)
        mind = (
            f"In {epochs} the network called it {said}; it changed its mind {plural(len(switches), 'time')}, last in "
            f"epoch {last}"
        )
    end = names.get(labels[-1], "?")
    sure = f", {100 * answer['confidence'][-1]:.0f} % sure" if answer["confidence"] else ""
    return (
        f"{mind}. In the end it said {end}{sure}. Of {answer['of']:,} images that were looked at, it changed its mind "
        f"more about {answer['rank'] - 1:,}. Images are chosen by {answer['acquisition']}, and some at random."
    )


def _unseen(project: Project) -> str:
    cycles = project.store.cycles()
    if not any(cycle.training for cycle in cycles):
        typical = cycles and cycles[-1].facts.get("source") == "typical"
        how = "Images are chosen because they are typical of many others by their embeddings, and" if typical else ""
        rest = "some are drawn at random" if typical else "Images are drawn at random"
        return f"Nothing has been trained yet. {how} {rest}.".replace("  ", " ")
    return "The latest trainings did not look at this image: it was labelled before, or read after them."
