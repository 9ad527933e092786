from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swither.errors import InputError
from swither.loop.events import EventFile, LabelEvent, effective, fold

A = "a" * 32

SAID = {
    "cat": LabelEvent("labelled", A, "cat"),
    "dog": LabelEvent("labelled", A, "dog"),
    "declined": LabelEvent("declined", A),
    "withdrawn": LabelEvent("withdrawn", A),
}

# What two things said of one image, one after the other, amount to: kinds written, and how the image then stands.
PAIRS = {
    ("cat", "cat"): (["labelled"], "cat"),
    ("cat", "dog"): (["labelled", "corrected"], "dog"),
    ("cat", "declined"): (["labelled", "declined"], ""),
    ("cat", "withdrawn"): (["labelled", "withdrawn"], None),
    ("dog", "cat"): (["labelled", "corrected"], "cat"),
    ("dog", "dog"): (["labelled"], "dog"),
    ("dog", "declined"): (["labelled", "declined"], ""),
    ("dog", "withdrawn"): (["labelled", "withdrawn"], None),
    ("declined", "cat"): (["declined", "labelled"], "cat"),
    ("declined", "dog"): (["declined", "labelled"], "dog"),
    ("declined", "declined"): (["declined"], ""),
    ("declined", "withdrawn"): (["declined", "withdrawn"], None),
    ("withdrawn", "cat"): (["labelled"], "cat"),
    ("withdrawn", "dog"): (["labelled"], "dog"),
    ("withdrawn", "declined"): (["declined"], ""),
    ("withdrawn", "withdrawn"): ([], None),
}


def test_the_table_of_pairs_is_complete() -> None:
    assert set(PAIRS) == set(itertools.product(SAID, SAID))


@pytest.mark.parametrize("together", [True, False], ids=["in one call", "in two calls"])
@pytest.mark.parametrize("pair", PAIRS, ids=" then ".join)
def test_two_events_of_one_image_amount_to_the_table(pair: tuple[str, str], together: bool) -> None:
    first, second = (SAID[name] for name in pair)
    if together:
        written = effective([first, second], [])
    else:
        written = effective([first], [])
        written += effective([second], written)
    kinds, stands = PAIRS[pair]
    assert [event.kind for event in written] == kinds
    assert fold(written).of(A) == stands
    assert len({event.event for event in written}) == len(written)


def test_an_event_sent_again_has_no_effect_even_after_others() -> None:
    first = LabelEvent("labelled", A, "cat", event="from the browser")
    written = effective([first], [])
    written += effective([LabelEvent("corrected", A, "dog", event="second")], written)
    assert effective([first], written) == []
    assert fold(written).labels == {A: "dog"}


def test_a_correction_keeps_the_first_label_beside_it() -> None:
    written = effective([SAID["cat"]], [])
    written += effective([SAID["dog"]], written)
    assert [event.label for event in written] == ["cat", "dog"]


def test_the_cycle_is_the_latest_batch_that_got_an_answer() -> None:
    events = [LabelEvent("labelled", str(n), "cat", batch=batch) for n, batch in enumerate([0, None, 2, 1])]
    assert fold(events).cycle == 2
    assert fold(events, through=1).cycle == 1
    assert set(fold(events, through=0).labels) == {"0", "1"}
    assert set(fold(events, through=-1).labels) == {"1"}


said = st.sampled_from(["cat", "dog", "declined", "withdrawn"])


@given(st.lists(st.tuples(said, st.sampled_from("abc")), max_size=12))
def test_folding_agrees_with_remembering_the_last_word_on_each_image(words: list[tuple[str, str]]) -> None:
    written: list[LabelEvent] = []
    last: dict[str, str] = {}
    for word, image in words:
        kind, label = ("labelled", word) if word in ("cat", "dog") else (word, None)
        written += effective([LabelEvent(kind, image, label)], written)  # type: ignore[arg-type]
        last[image] = word
    standing = fold(written)
    assert dict(standing.labels) == {i: word for i, word in last.items() if word in ("cat", "dog")}
    assert standing.declined == {i for i, word in last.items() if word == "declined"}


def test_the_key_changes_with_labels_refusals_and_cycle_but_not_with_the_order_of_events() -> None:
    one = [LabelEvent("labelled", "a", "cat"), LabelEvent("labelled", "b", "dog")]
    keys = {
        fold(one).key,
        fold(one[:1]).key,
        fold([*one, LabelEvent("declined", "c")]).key,
        fold([*one, LabelEvent("labelled", "d", "dog", batch=3)]).key,
    }
    assert len(keys) == 4
    assert fold(one[::-1]).key == fold(one).key


def test_events_survive_the_file_with_every_field(tmp_path: Path) -> None:
    events = [
        LabelEvent("labelled", A, "cat", batch=0, by="ann", at="2026-01-01T00:00:00Z", seconds=1.5, event="e1"),
        LabelEvent("declined", A, event="e2"),
    ]
    EventFile(tmp_path / "e.jsonl").append(events)
    assert EventFile(tmp_path / "e.jsonl").read() == tuple(events)


@pytest.mark.parametrize(("kind", "label"), [("labelled", None), ("declined", "cat"), ("asked", None)])
def test_an_event_that_makes_no_sense_is_refused(kind: str, label: str | None) -> None:
    with pytest.raises(InputError):
        LabelEvent(kind, A, label)  # type: ignore[arg-type]
