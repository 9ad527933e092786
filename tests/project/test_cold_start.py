"""The first images: typical ones, of every group."""

from __future__ import annotations

from collections import Counter
from typing import Any

from swither.project.cold_start import typical
from swither.project.embeddings import pool_features


def test_every_group_is_among_the_first_images(make_labelled: Any) -> None:
    made = make_labelled(240)
    pool = pool_features(made.project)
    assert pool is not None
    chosen = typical(pool, (), (), 9, 0)
    assert len(set(chosen)) == 9
    assert set(Counter(made.truth[i] for i in chosen)) == {"ant", "bee", "cat"}
    assert chosen == typical(pool, (), (), 9, 0)


def test_answered_and_held_out_images_are_not_chosen(make_labelled: Any) -> None:
    made = make_labelled(60)
    pool, ids = pool_features(made.project), sorted(made.truth)
    assert pool is not None
    chosen = typical(pool, ids[:10], ids[10:30], 500, 0)
    assert sorted(chosen) == ids[30:]
    assert typical(pool, ids[:30], ids[30:], 5, 0) == ()
