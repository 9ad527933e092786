"""Labels to look at again: of images that may belong to a class that came later, and labels that look wrong."""

from __future__ import annotations

import threading
from collections.abc import Container, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from swither.arrays import FloatArray, IntArray
from swither.project.embeddings import pool_features
from swither.project.held_out import LEAST_EXAMPLES
from swither.project.ledger import LabelClass, Ledger
from swither.project.near_copies import near_copies
from swither.project.nearness import directions
from swither.project.suspects import suspects, suspects_path
from swither.randomness import keyed_order

if TYPE_CHECKING:
    from swither.project.embeddings import PoolFeatures
    from swither.project.project import Project

MOST_OF_A_CLASS = 50
MOST_EXAMPLES = 2000
"""So many labelled images stand for all classes together, and so many are looked at for a new one: with more labels the
comparison of each with each would take minutes."""

_LEAST_OF_A_CLASS = 20
_BLOCK = 2048


def review_queue(project: Project) -> list[dict[str, Any]]:
    """Labelled images that deserve a second look, those of the newest class first.

    None of them tests: to correct only those test labels that look wrong would flatter the network. The queue asks test
    images again after a class was added, all of them.

    Returns:
        For each its ``image``, its ``class_id``, the class ``suggested``, the ``reason`` (``new class`` or ``suspect``)
        and ``words`` that say why. Labelling an image again, also with the class that it has, takes it off the list.
    """
    ledger, pool, groups = project.ledger(), pool_features(project), near_copies(project)
    state = (ledger.sequence, id(pool), len(groups), len(project.store.held_out()), _changed(project))
    with _guard:
        known = _known.get(project.folder)
    if known is None or known[0] != state:
        known = (state, pool, _queue(project, ledger, pool, groups))  # with the pool, whose id no other has meanwhile
        with _guard:
            _known[project.folder] = known
    return list(known[2])


_known: dict[Path, tuple[tuple[object, ...], PoolFeatures | None, list[dict[str, Any]]]] = {}
_guard = threading.Lock()


def _changed(project: Project) -> int:
    """When the suspect labels were last looked for."""
    try:
        return suspects_path(project).stat().st_mtime_ns
    except OSError:
        return 0


def _queue(
    project: Project, ledger: Ledger, pool: PoolFeatures | None, groups: Mapping[str, str]
) -> list[dict[str, Any]]:
    names = {one.id: one.name for one in ledger.classes}
    found: list[dict[str, Any]] = []
    late = _late_classes(ledger)
    if pool is not None and late:
        labelled = _Labelled(ledger, pool, project.store.held_out(), project.settings.seed)
        for one in late:
            found += labelled.of_new_class(one, names)
    for suspect in suspects(project):
        words = (
            f"Labelled {names.get(suspect.class_id, '?')}, perhaps {names.get(suspect.suggested, '?')}. {suspect.words}"
        )
        found.append(_item(suspect.image, suspect.class_id, suspect.suggested, "suspect", words))
    seen, once = set[str](), list[dict[str, Any]]()
    for item in found:
        key = groups.get(item["image"], item["image"])
        if key not in seen:
            seen.add(key)
            once.append(item)
    return once


def _late_classes(ledger: Ledger) -> list[LabelClass]:
    """The classes with examples that were added after something was labelled, the newest first."""
    first = min((event.sequence for image in ledger.labels for event in ledger.of_image(image)), default=None)
    if first is None:
        return []
    return [one for one in reversed(ledger.active_classes()) if one.sequence > first and one.labels >= LEAST_EXAMPLES]


class _Labelled:
    """The labelled images that are embedded; of each class a seeded part stands for it."""

    def __init__(self, ledger: Ledger, pool: PoolFeatures, held: Container[str], seed: int) -> None:
        labels = ledger.labels
        rows = np.flatnonzero([i in labels for i in map(str, pool.ids)])
        self.ids = [str(i) for i in pool.ids[rows]]
        self.tests = np.array([i in held for i in self.ids], dtype=bool)
        self.classes = np.array([labels[i] for i in self.ids], dtype=np.str_)
        self.values = directions(pool, rows)
        self.sequences = np.array([_said_at(ledger, i) for i in self.ids], dtype=np.int64)
        order = keyed_order(self.ids, seed, "examples of a class")
        names = np.unique(self.classes)
        most = max(_LEAST_OF_A_CLASS, MOST_EXAMPLES // max(len(names), 1))
        self.examples = {str(one): order[self.classes[order] == one][:most] for one in names}

    def nearest(self, rows: IntArray, class_id: str) -> FloatArray:
        """The cosine between each row and the nearest example of a class beside itself; -1 where there is no other."""
        examples = self.examples[class_id]
        found = np.full(len(rows), -1.0, dtype=np.float32)
        for start in range(0, len(rows), _BLOCK):
            some = rows[start : start + _BLOCK]
            cosines = self.values[some] @ self.values[examples].T  # (some, examples)
            cosines[some[:, None] == examples] = -1
            found[start : start + len(some)] = cosines.max(axis=1)
        return found

    def of_new_class(self, new: LabelClass, names: Mapping[str, str]) -> list[dict[str, Any]]:
        """Images labelled before a class was there that are nearer to one of its images than to their own's."""
        earlier = np.flatnonzero((self.sequences < new.sequence) & (self.classes != new.id) & ~self.tests)
        if len(self.examples.get(new.id, ())) < LEAST_EXAMPLES or not len(earlier):
            return []
        to_new = self.nearest(earlier, new.id)
        closest = np.argsort(-to_new, kind="stable")[:MOST_EXAMPLES]
        earlier, to_new = earlier[closest], to_new[closest]
        to_own = np.empty_like(to_new)
        for class_id in np.unique(self.classes[earlier]):
            same = self.classes[earlier] == class_id
            to_own[same] = self.nearest(earlier[same], str(class_id))
        gain = to_new - to_own
        found = []
        for n in np.argsort(-gain, kind="stable")[:MOST_OF_A_CLASS]:
            if gain[n] <= 0:
                break
            image, class_id = self.ids[earlier[n]], str(self.classes[earlier[n]])
            words = (
                f"{new.name} was added after this was labelled {names.get(class_id, '?')}, and it looks more like "
                f"images of {new.name}."
            )
            found.append(_item(image, class_id, new.id, "new class", words))
        return found


def _said_at(ledger: Ledger, image: str) -> int:
    event = ledger.standing_event(image)
    return 0 if event is None else event.sequence


def _item(image: str, class_id: str, suggested: str, reason: str, words: str) -> dict[str, Any]:
    return {"image": image, "class_id": class_id, "suggested": suggested, "reason": reason, "words": words}
