"""Labels to look at again: of images that may belong to a class that came later, and labels that look wrong."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from swither.project.embeddings import pool_features
from swither.project.held_out import LEAST_EXAMPLES
from swither.project.ledger import LabelClass, Ledger
from swither.project.near_copies import near_copies
from swither.project.nearness import directions
from swither.project.suspects import suspects

if TYPE_CHECKING:
    from swither.project.embeddings import PoolFeatures
    from swither.project.project import Project

MOST_OF_A_CLASS = 50
_BLOCK = 2048


def review_queue(project: Project) -> list[dict[str, Any]]:
    """Labelled images that deserve a second look, those of the newest class first.

    None of them tests: to correct only those test labels that look wrong would flatter the network. The queue asks test
    images again after a class was added, all of them.

    Returns:
        For each its ``image``, its ``class_id``, the class ``suggested``, the ``reason`` (``new class`` or ``suspect``)
        and ``words`` that say why. Labelling an image again, also with the class that it has, takes it off the list.
    """
    ledger, pool = project.ledger(), pool_features(project)
    names = {one.id: one.name for one in ledger.classes}
    found: list[dict[str, Any]] = []
    if pool is not None and ledger.labels:
        labelled = _Labelled(ledger, pool, project.store.held_out())
        for one in reversed(ledger.active_classes()):
            found += labelled.of_new_class(one, names)
    for suspect in suspects(project):
        words = (
            f"Labelled {names.get(suspect.class_id, '?')}, perhaps {names.get(suspect.suggested, '?')}. {suspect.words}"
        )
        found.append(_item(suspect.image, suspect.class_id, suspect.suggested, "suspect", words))
    groups, seen, once = near_copies(project), set[str](), list[dict[str, Any]]()
    for item in found:
        key = groups.get(item["image"], item["image"])
        if key not in seen:
            seen.add(key)
            once.append(item)
    return once


class _Labelled:
    """The labelled images that are embedded, and how near each is to the nearest other one of its class."""

    def __init__(self, ledger: Ledger, pool: PoolFeatures, held: Container[str]) -> None:
        rows = np.flatnonzero([ledger.label_of(str(i)) is not None for i in pool.ids])
        self.ids = [str(i) for i in pool.ids[rows]]
        self.tests = np.array([i in held for i in self.ids], dtype=bool)
        self.classes = np.array([ledger.label_of(i) for i in self.ids], dtype=np.str_)
        self.values = directions(pool, rows)
        self.sequences = np.array([_said_at(ledger, i) for i in self.ids], dtype=np.int64)
        self.to_own = np.full(len(rows), -1.0, dtype=np.float32)  # the cosine; none is nearer than any
        for one in np.unique(self.classes):
            same = np.flatnonzero(self.classes == one)
            for start in range(0, len(same), _BLOCK):
                some = same[start : start + _BLOCK]
                cosines = self.values[some] @ self.values[same].T  # (some, same)
                cosines[np.arange(len(some)), np.arange(start, start + len(some))] = -1
                self.to_own[some] = cosines.max(axis=1)

    def of_new_class(self, new: LabelClass, names: Mapping[str, str]) -> list[dict[str, Any]]:
        """Images labelled before a class was there that are nearer to one of its images than to their own's."""
        own = np.flatnonzero(self.classes == new.id)
        earlier = np.flatnonzero((self.sequences < new.sequence) & (self.classes != new.id) & ~self.tests)
        if len(own) < LEAST_EXAMPLES or not len(earlier):
            return []
        to_new = np.concatenate(
            [
                (self.values[earlier[start : start + _BLOCK]] @ self.values[own].T).max(axis=1)
                for start in range(0, len(earlier), _BLOCK)
            ]
        )
        gain = to_new - self.to_own[earlier]
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
