from __future__ import annotations

import numpy as np
import pytest

from swither.data.groups import content_of, groups_by, kept_together
from swither.errors import InputError

HASH = "0123456789abcdef" * 2


def test_only_the_number_of_a_copy_is_taken_off_an_id() -> None:
    assert content_of(HASH) == content_of(f"{HASH}-2") == content_of(f"{HASH}-17") == HASH
    assert content_of("photo-2") == "photo-2"


def test_folders_of_equal_name_in_different_places_are_different_groups() -> None:
    paths = ["cat/p1/a.png", "cat/p1/b.png", "dog/p1/a.png", "top.png", "cat\\p1\\c.png"]
    assert groups_by(paths, "folder").tolist() == ["cat/p1", "cat/p1", "dog/p1", ".", "cat/p1"]


def test_a_pattern_groups_by_what_its_brackets_catch() -> None:
    paths = ["a/patient12_left.png", "b/patient12_right.png", "b/patient3.png"]
    assert groups_by(paths, r"(patient\d+)").tolist() == ["patient12", "patient12", "patient3"]
    assert groups_by(paths, r"(?:patient|doctor)(?P<who>\d+)").tolist() == ["12", "12", "3"]


@pytest.mark.parametrize("pattern", [r"(patient\d+)", r"patient(\d+)?"])
def test_paths_that_a_pattern_does_not_find_are_counted_and_shown(pattern: str) -> None:
    paths = ["patient1.png", *(f"patient{c}.png" for c in "abcd")]
    with pytest.raises(InputError, match=r"none in 4 of 5: patienta\.png.*\(1 more\)"):
        groups_by(paths, pattern)


def test_a_pattern_is_echoed_as_it_was_written() -> None:
    with pytest.raises(InputError) as caught:
        groups_by(["a/b.png"], r"(\d+)")
    assert r"'(\d+)'" in str(caught.value)


@pytest.mark.parametrize("pattern", [r"patient\d+", r"(a)(b)", "folders"])
def test_a_pattern_without_exactly_one_group_is_refused(pattern: str) -> None:
    with pytest.raises(InputError, match="with one group"):
        groups_by(["patient1.png"], pattern)


def test_a_broken_pattern_is_refused_with_the_reason() -> None:
    with pytest.raises(InputError, match=r"is no regular expression: .*unterminated"):
        groups_by(["a.png"], "(patient")


def slow_kept_together(ids: list[str], groups: list[str] | None) -> set[frozenset[int]]:
    """Merge whatever shares a content or a group until nothing changes."""
    sets = [{k} for k in range(len(ids))]

    def belong(a: int, b: int) -> bool:
        same_group = groups is not None and groups[a] == groups[b] != ""
        return same_group or content_of(ids[a]) == content_of(ids[b])

    changed = True
    while changed:
        changed = False
        for one in sets:
            for other in sets:
                if one is not other and any(belong(a, b) for a in one for b in other):
                    one |= other
                    sets.remove(other)
                    changed = True
                    break
            if changed:
                break
    return {frozenset(s) for s in sets}


@pytest.mark.parametrize("seed", range(20))
def test_images_are_kept_together_as_by_merging_pairs(seed: int) -> None:
    rng = np.random.default_rng(seed)
    contents = rng.integers(0, 10, 14)
    ids = [f"{c:032x}" + (f"-{k + 2}" if k else "") for k, c in enumerate(contents)]
    groups = None if seed % 3 == 0 else [("", "a", "b", "c", "d", "e", "f")[g] for g in rng.integers(0, 7, 14)]
    numbers = kept_together(ids, groups)
    found = {frozenset(np.flatnonzero(numbers == n).tolist()) for n in np.unique(numbers)}
    assert found == slow_kept_together(ids, groups)


def test_no_images_are_no_units() -> None:
    assert kept_together([], None).tolist() == kept_together([], []).tolist() == []
