"""More like this, and how near images lie to each other."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from swither.project import similar as similar_module
from swither.project.embeddings import pool_features
from swither.project.held_out import settle
from swither.project.nearness import nearest
from swither.project.queue import next_questions
from swither.project.similar import similar


def slowly(made: Any, image: str, among: set[str]) -> list[str]:
    """By the cosine in float64, one at a time."""
    pool = pool_features(made.project)
    assert pool is not None
    values = dict(zip(map(str, pool.ids), pool.features.of(slice(None)).astype(np.float64), strict=True))
    own = values[image] / np.linalg.norm(values[image])
    return sorted(among - {image}, key=lambda i: 1 - float(values[i] @ own / np.linalg.norm(values[i])))


def test_nearest_are_those_of_a_plain_search(labelled: Any) -> None:
    pool, image = pool_features(labelled.project), sorted(labelled.truth)[3]
    assert pool is not None
    among = set(sorted(labelled.truth)[:90])
    found = nearest(pool, image, among, 20)
    assert [i for i, _ in found] == slowly(labelled, image, among)[:20]
    assert nearest(pool, "f" * 32, among, 5) == []
    assert nearest(pool, image, among, 0) == []


def test_similar_images_have_no_answer_do_not_test_and_are_before_nobody(labelled: Any) -> None:
    held = settle(labelled.project)
    labelled.label_some(10)
    asked = {q.image for q in next_questions(labelled.project, "ann", 10)}
    image = next(iter(labelled.project.ledger().labels))
    free = labelled.truth.keys() - held - asked - labelled.project.ledger().labels.keys()
    assert similar(labelled.project, image, 500) == slowly(labelled, image, set(free))
    assert similar(labelled.project, image, 500, "ben") == slowly(labelled, image, set(free))
    own = set(free) | (asked - settle(labelled.project))  # who has them before them may see them again
    assert similar(labelled.project, image, 500, "ann") == slowly(labelled, image, own)


def test_one_of_each_group_of_near_copies(labelled: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    groups = {image: str(n // 4) for n, image in enumerate(sorted(labelled.truth))}
    monkeypatch.setattr(similar_module, "near_copies", lambda _: groups)
    found = similar(labelled.project, sorted(labelled.truth)[0], 500)
    assert len({groups[i] for i in found}) == len(found) > 20


def test_nothing_is_similar_before_anything_is_embedded(make_labelled: Any) -> None:
    made = make_labelled(20, embedded=0)
    assert similar(made.project, next(iter(made.truth)), 5) == []
