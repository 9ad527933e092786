from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from swither.arrays import StrArray
from swither.dynamics.id_lookup import IdLookup, as_ids
from swither.errors import InputError, UnknownIds


@settings(deadline=None, max_examples=100)
@given(data=st.data())
def test_positions_are_right_whatever_order_batches_come_in(data: st.DataObject) -> None:
    ids = data.draw(st.lists(st.text("abcäß0", min_size=1, max_size=6), min_size=1, max_size=20, unique=True))
    where = {i: position for position, i in enumerate(ids)}
    lookup = IdLookup(ids)
    for _ in range(3):
        epoch = data.draw(st.lists(st.lists(st.sampled_from(ids), max_size=8), max_size=5))
        for batch in epoch:
            assert lookup.positions(batch).tolist() == [where[i] for i in batch]
            assert lookup.search(batch[::-1]).tolist() == [where[i] for i in batch[::-1]]
        lookup.start_epoch()


def test_an_order_seen_before_needs_no_search(monkeypatch: pytest.MonkeyPatch) -> None:
    ids = np.array(["b", "a", "d", "c"])
    lookup = IdLookup(ids)
    lookup.positions(["d", "a"])
    lookup.positions(["c", "b"])
    lookup.start_epoch()

    def refuse(wanted: object) -> None:
        raise AssertionError("searched")

    monkeypatch.setattr(lookup, "search", refuse)
    assert lookup.positions(["d", "a", "c"]).tolist() == [2, 1, 3]
    assert lookup.positions(["b"]).tolist() == [0]


def test_ids_of_one_hash_are_still_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    def few(ids: StrArray) -> NDArray[np.uint64]:
        return np.array([len(i) % 2 for i in ids.tolist()], dtype=np.uint64)

    monkeypatch.setattr("swither.dynamics.id_lookup._hashed", few)
    ids = ["a", "bb", "c", "dd", "e", "ff", "ggg"]
    lookup = IdLookup(ids)
    assert lookup.search(ids[::-1]).tolist() == [6, 5, 4, 3, 2, 1, 0]
    with pytest.raises(UnknownIds, match="x"):
        lookup.search(["a", "x", "zz"])
    with pytest.raises(InputError, match="2 occur twice: a, dd"):
        IdLookup([*ids, "dd", "a"])


def test_an_id_is_found_among_longer_and_shorter_ones_and_across_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("swither.dynamics.id_lookup.AT_ONCE", 3)
    ids = ["a", "a-2", "ab" * 40, "ü", "b", "c", "d", "e"]
    lookup = IdLookup(np.array(ids))
    for i in ids:
        assert lookup.search([i]).tolist() == [ids.index(i)]
    assert lookup.search(np.array(ids)[::-1]).tolist() == list(range(8))[::-1]
    assert lookup.positions(ids).tolist() == list(range(8))


def test_ids_longer_than_all_known_ones_are_unknown_and_not_cut_short() -> None:
    with pytest.raises(UnknownIds, match="abc"):
        IdLookup(["ab", "cd"]).positions(["abc"])


def test_ids_of_every_usual_kind_become_strings() -> None:
    assert as_ids(("a", "b")).tolist() == ["a", "b"]
    assert as_ids(np.array(["a", "b"], dtype=object)).tolist() == ["a", "b"]
    assert as_ids(np.array([3, 4], dtype=np.int32)).tolist() == ["3", "4"]
    assert as_ids(i for i in "ab").tolist() == ["a", "b"]
    for wrong in ([0.5], [["a"]], [None], [True], "ab"):
        if wrong == "ab":
            assert as_ids(wrong).tolist() == ["a", "b"]
        else:
            with pytest.raises(InputError, match="strings or whole numbers"):
                as_ids(wrong)
