"""The only accuracy that is shown: on images drawn uniformly, never trained on, with its interval."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from swither.project.held_out import answered, counted_images
from swither.project.ledger import Ledger
from swither.project.near_copies import near_copies
from swither.project.records import Cycle
from swither.statistics.proportion import wilson_interval

if TYPE_CHECKING:
    from swither.project.project import Project


@dataclass(frozen=True)
class Accuracy:
    """How often a network was right on the held-out part.

    Attributes:
        right: test images that it was right on.
        counted: test images with a label.
        low: lower end of Wilson's 95 % interval of the share.
        high: upper end.
        per_class: class id -> (right, counted).
        left_out: test images with a label that are not counted, because a near copy was trained on.
    """

    right: int
    counted: int
    low: float
    high: float
    per_class: Mapping[str, tuple[int, int]]
    left_out: int = 0

    @property
    def facts(self) -> dict[str, Any]:
        """The same as JSON values."""
        classes = [{"class_id": c, "right": r, "counted": n} for c, (r, n) in self.per_class.items()]
        return {
            "right": self.right,
            "counted": self.counted,
            "low": self.low,
            "high": self.high,
            "per_class": classes,
            "left_out": self.left_out,
        }


def measured(truth: Mapping[str, str], predicted: Mapping[str, str], left_out: int = 0) -> Accuracy | None:
    """Right and counted over the images that have both a label and a prediction; None where there is none.

    Args:
        truth: test image -> class id.
        predicted: image -> class id that the network gives.
        left_out: test images that may not be counted.

    Example:
        >>> accuracy = measured({"a": "cat", "b": "dog"}, {"a": "cat", "b": "cat", "c": "dog"})
        >>> accuracy.right, accuracy.counted, round(accuracy.low, 2), round(accuracy.high, 2)
        (1, 2, 0.09, 0.91)
    """
    both = sorted(truth.keys() & predicted.keys())
    if not both:
        return None
    counted = Counter(truth[image] for image in both)
    right = Counter(truth[image] for image in both if truth[image] == predicted[image])
    low, high, _ = wilson_interval(right.total(), len(both))
    per_class = {name: (right[name], number) for name, number in sorted(counted.items())}
    return Accuracy(right.total(), len(both), low, high, per_class, left_out)


def counted_labels(project: Project, ledger: Ledger, trained: Collection[str]) -> tuple[dict[str, str], int]:
    """The labels of the test images that count, and how many may not.

    Test images are asked in the order of their priority. One that got its label in another way, such as by a search,
    counts only once the asking has come past it: so what counts is the beginning of a uniform order, whatever
    somebody looked for.

    Args:
        project: whose.
        ledger: what was answered.
        trained: images that the network was trained on.

    Returns:
        Test image -> class id, and the number of test images with a near copy among `trained`.
    """
    order = counted_images(project)
    groups = near_copies(project)
    spoilt = {groups[image] for image in trained if image in groups}
    labels: dict[str, str] = {}
    left_out = 0
    for image in order[: _frontier(project, ledger, order)]:
        label = ledger.label_of(image)
        if label is None:
            continue
        if groups.get(image) in spoilt:
            left_out += 1
        else:
            labels[image] = label
    return labels, left_out


def live(project: Project, cycle: Cycle) -> Accuracy | None:
    """The accuracy of a cycle's network on the test images that have a label by now, later ones too.

    Args:
        project: whose.
        cycle: a finished one.
    """
    if cycle.training is None:
        return None
    note = project.store.note(note_of(cycle.training))
    if note is None:
        return None
    ledger = project.ledger()
    truth, left_out = counted_labels(project, ledger, trained_near_copies(project, ledger, cycle))
    return measured(truth, {i: ledger.resolve(c) for i, c in note["predicted"].items()}, left_out)


def accuracy_by_now(project: Project, cycle: Cycle) -> Mapping[str, Any] | None:
    """The accuracy of a cycle that is shown everywhere: live, or as it was measured where that cannot be had.

    Args:
        project: whose.
        cycle: a finished one.
    """
    accuracy = live(project, cycle)
    return cycle.facts.get("accuracy") if accuracy is None else accuracy.facts


def trained_near_copies(project: Project, ledger: Ledger, cycle: Cycle) -> list[str]:
    """The images with near copies that a cycle was trained on, by the events that it knew.

    One whose label was taken back before that is among them too, so that rather less is counted than more.

    Args:
        project: whose.
        ledger: what was answered.
        cycle: a finished one.
    """
    held = project.store.held_out_after()
    return [
        image
        for image in near_copies(project)
        if held.get(image, cycle.events + 1) > cycle.events
        and any(event.kind == "labelled" and event.sequence <= cycle.events for event in ledger.of_image(image))
    ]


def note_of(training: str) -> str:
    """The name of the note that keeps what a network predicted for the held-out part."""
    return f"tested/{training}"


def _frontier(project: Project, ledger: Ledger, order: tuple[str, ...]) -> int:
    """How far the asking has come: behind the last image that was asked as a test, or the first without an answer."""
    tokens = {
        event.query: place
        for place, image in enumerate(order)
        for event in ledger.of_image(image)
        if event.query is not None
    }
    questions = project.store.questions(tokens)
    asked = max((place + 1 for token, place in tokens.items() if _is_test(questions.get(token))), default=0)
    whole = next((place for place, image in enumerate(order) if not answered(ledger, image)), len(order))
    return max(asked, whole)


def _is_test(question: Any) -> bool:
    return question is not None and question.source == "test"
