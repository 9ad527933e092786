"""What a project's report says, gathered from its events and cycles."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from swither.project.ledger import Ledger
from swither.project.records import Cycle, ProjectEvent


def classes_of(ledger: Ledger, accuracy: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """Each class that is in use with its images, and how many of its test images the model finds.

    Args:
        ledger: knows the labels.
        accuracy: as a cycle's facts hold it; None before there is one.
    """
    tested = {one["class_id"]: one for one in (accuracy or {}).get("per_class", ())}
    rows = []
    for one in ledger.classes:
        if one.merged_into is not None:
            continue
        found = tested.get(one.id)
        rows.append({"name": one.name, "labels": one.labels, "recall": _recall(found) if found else None})
    return sorted(rows, key=lambda row: -row["labels"])


def people_of(events: Sequence[ProjectEvent]) -> list[dict[str, Any]]:
    """How much each person answered, and how long an answer took in the middle."""
    seconds: dict[str, list[float]] = defaultdict(list)
    answers: Counter[str] = Counter()
    for event in events:
        if event.kind in ("labelled", "declined", "skipped"):
            answers[event.by] += 1
            if event.seconds is not None:
                seconds[event.by].append(event.seconds)
    return [
        {"by": by, "answers": count, "seconds": median(seconds[by]) if seconds[by] else None}
        for by, count in answers.most_common()
    ]


def decisions_of(events: Sequence[ProjectEvent]) -> list[tuple[str, int]]:
    """How often what was decided: also what was taken back or changed later."""
    counts: Counter[str] = Counter()
    said: set[str] = set()
    for event in events:
        if event.kind == "labelled":
            counts["labels changed later" if event.image in said else "labels given first"] += 1
            said.add(event.image or "")
        elif event.kind == "declined":
            counts[f"declined: {event.text or 'no reason'}"] += 1
        elif event.kind == "skipped":
            counts["skipped for later"] += 1
        elif event.kind == "undone":
            counts["taken back"] += 1
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))


def class_history(events: Sequence[ProjectEvent]) -> list[dict[str, str]]:
    """What was done to the classes, in order."""
    names: dict[str, str] = {}
    undone = {event.undoes for event in events if event.kind == "undone"}
    rows = []
    for event in events:
        name = names.get(event.class_id or "", "")
        if event.kind == "class_added":
            words = f"added {event.text}"
        elif event.kind == "class_renamed":
            words = f"renamed {name} to {event.text}"
        elif event.kind == "class_merged":
            words = f"merged {name} into {names.get(event.into or '', '')}"
        else:
            continue
        taken_back = event.event in undone
        if event.text is not None and event.class_id is not None and not taken_back:
            names[event.class_id] = event.text
        rows.append({"at": event.at, "by": event.by, "words": words + (", taken back" if taken_back else "")})
    return rows


def cycles_of(cycles: Sequence[Cycle], latest: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """Each training with what it reached; the latest with the test images that were labelled since.

    A training that knew more labels than a later one is marked as ``superseded``.

    Args:
        cycles: all that finished, in order.
        latest: accuracy of the last one by now; None where there is none.
    """
    rows: list[dict[str, Any]] = []
    for cycle in cycles:
        accuracy = latest if latest and cycle is cycles[-1] else cycle.facts.get("accuracy")
        rows.append(
            {
                "number": cycle.number,
                "at": cycle.at,
                "labelled": cycle.labelled,
                "accuracy": _share(accuracy) if accuracy and accuracy["counted"] else None,
                "acquisition": cycle.facts.get("acquisition") or cycle.facts.get("source", ""),
                "changing": cycle.facts.get("changing"),
                "seconds": (cycle.facts.get("seconds") or {}).get("all"),
            }
        )
    for row, old in zip(rows, superseded([row["labelled"] for row in rows]), strict=True):
        row["superseded"] = old
    return rows


def superseded(labelled: Sequence[int]) -> list[bool]:
    """Which trainings knew more labels than a later one, because labels were taken back since.

    They are no points of a curve of accuracy against labels: it would turn back on itself.

    Args:
        labelled: how many images each training was on, in their order in time.

    Example:
        >>> superseded([14, 25, 56, 45])
        [False, False, True, False]
    """
    return [any(later < count for later in labelled[place + 1 :]) for place, count in enumerate(labelled)]


def _share(accuracy: Mapping[str, Any]) -> dict[str, float]:
    right, counted = accuracy["right"], accuracy["counted"]
    return {
        "share": right / counted,
        "right": right,
        "counted": counted,
        "low": accuracy["low"],
        "high": accuracy["high"],
    }


def _recall(found: Mapping[str, Any]) -> dict[str, float]:
    from swither.statistics.proportion import wilson_interval

    right, counted = found["right"], found["counted"]
    low, high, _ = wilson_interval(right, counted)
    return {"share": right / counted, "right": right, "counted": counted, "low": low, "high": high}
