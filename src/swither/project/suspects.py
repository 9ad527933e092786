"""Labels of a project that are probably wrong: found by cross-validated trainings, and reviewed by a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from swither.errors import DamagedState, NewerFormat, SwitherError
from swither.files import key_of, read_json, write_json
from swither.project.embeddings import embedded_ids, image_set, pool_features
from swither.project.near_copies import near_copies

if TYPE_CHECKING:
    from swither.data.image_set import ImageSet
    from swither.loop.label_check import LabelCheck
    from swither.project.project import Project

LEAST = 40
"""With fewer labels than this a network contradicts too many right ones to be worth anybody's time."""

LEAST_OF_A_CLASS = 5
"""Classes with fewer labels are not checked: a network that hardly saw a class contradicts whoever names it."""

_KIND, _VERSION = "swither suspect labels", 1


@dataclass(frozen=True)
class Suspect:
    """A label that is probably wrong.

    Attributes:
        image: id.
        class_id: the label as it was when it was checked.
        suggested: the class that networks which never saw this label give the image.
        doubt: the suggested class's probability less the label's, -1..1, mean over the epochs.
        aum: area under the margin while the label was trained on, in logits; low is suspect.
        confidence: mean probability of the label while it was trained on, 0..1.
        forgotten: how often it was learned and lost again; -1 where it was never learned.
    """

    image: str
    class_id: str
    suggested: str
    doubt: float
    aum: float
    confidence: float
    forgotten: float

    @property
    def words(self) -> str:
        """What speaks against the label, for people."""
        learned = (
            "was never learned"
            if self.forgotten < 0
            else f"was learned late or lost again (mean probability {self.confidence:.0%})"
            if self.confidence < 0.5
            else "was learned by heart"
        )
        return f"Networks that did not see this label give another one; trained on, it {learned}."


class Interrupted(SwitherError):
    """A check was given up for something more urgent; nothing is kept of it."""


def suspects(project: Project) -> tuple[Suspect, ...]:
    """The labels that are still suspect, the most doubtful first. Imports no torch.

    A label that was changed since it was checked, or that a person confirmed in the review, is no longer among them.
    """
    found = _read(suspects_path(project))
    if found is None:
        return ()
    ledger, held = project.ledger(), project.store.held_out()
    confirmed = _confirmed(project)
    rows = (Suspect(**row) for row in found["suspects"])
    return tuple(
        replaced
        for row in rows
        if row.image not in held
        and ledger.label_of(row.image) == (label := ledger.resolve(row.class_id))
        and label != (suggested := ledger.resolve(row.suggested))
        and (row.image, label) not in confirmed
        and (replaced := Suspect(**{**asdict(row), "class_id": label, "suggested": suggested}))
    )


def check_due(project: Project) -> bool:
    """Whether labels have changed since the last check, and are enough to be checked. Imports no torch."""
    labels = _checkable(project)
    return _enough(labels) and _key(project, labels) != (_read(suspects_path(project)) or {}).get("key")


def find_suspects(project: Project, *, stop: Callable[[], bool] = lambda: False) -> tuple[Suspect, ...]:
    """Check all labels that are trained on, and keep what is found; test images are left alone.

    Correcting only those test labels that the network contradicts would flatter its accuracy.

    Args:
        project: whose labels.
        stop: asked after each training; True gives the check up.

    Returns:
        The suspect labels, the most doubtful first.

    Raises:
        Interrupted: `stop` said so.
    """
    from swither.loop.label_check import check_labels
    from swither.loop.settings import LearnerSettings
    from swither.models.settings import ModelSettings
    from swither.training.recipe import recipe_for

    labels = _checkable(project)
    key = _key(project, labels)
    rows: list[dict[str, Any]] = []
    if _enough(labels):
        model = project.settings.model
        settings = LearnerSettings(
            "random", model=ModelSettings(model), recipe=recipe_for(model), seed=project.settings.seed
        )
        images = _labelled(project, labels)
        rows = [asdict(suspect) for suspect in _rows(check_labels(images, settings, progress=_until(stop)), images)]
    write_json(suspects_path(project), _KIND, _VERSION, {"key": key, "checked": len(labels), "suspects": rows})
    return suspects(project)


def _until(stop: Callable[[], bool]) -> Callable[[int, int], None]:
    def progress(done: int, of: int) -> None:
        if done < of and stop():
            raise Interrupted(f"The check of labels was given up after {done} of {of} trainings.")

    return progress


def _rows(check: LabelCheck, images: ImageSet) -> list[Suspect]:
    names = images.class_names
    return [
        Suspect(
            image=str(check.ids[n]),
            class_id=names[check.given[n]],
            suggested=names[check.found.suggested[n]],
            doubt=float(check.found.doubt[n]),
            aum=float(check.aum[n]),
            confidence=float(check.confidence[n]),
            forgotten=float(check.forgotten[n]) if np.isfinite(check.forgotten[n]) else -1.0,
        )
        for n in check.ranked()
    ]


def _checkable(project: Project) -> dict[str, str]:
    """Image -> class of the labels that are trained on, of images that are embedded and classes that are not rare."""
    held, embedded = project.store.held_out(), set(embedded_ids(project))
    labels = {i: c for i, c in project.ledger().labels.items() if i in embedded and i not in held}
    count = Counter(labels.values())
    return {i: c for i, c in labels.items() if count[c] >= LEAST_OF_A_CLASS}


def _enough(labels: dict[str, str]) -> bool:
    return len(labels) >= LEAST and len(set(labels.values())) >= 2


def _labelled(project: Project, labels: dict[str, str]) -> ImageSet:
    present = set(labels.values())
    classes = [one.id for one in project.ledger().active_classes() if one.id in present]
    number = {name: n for n, name in enumerate(classes)}
    images = image_set(project, classes).labelled(labels, (number[label] for label in labels.values()))
    groups = near_copies(project)
    return replace(images, groups=np.array([groups.get(i, i) for i in map(str, images.ids)], dtype=np.str_))


def _key(project: Project, labels: dict[str, str]) -> str:
    there = pool_features(project)
    features = "" if there is None else there.features.key
    return key_of("suspects", 2, features, project.settings.model, project.settings.seed, sorted(labels.items()))


def _confirmed(project: Project) -> set[tuple[str, str]]:
    """(image, class) of labels that somebody gave again when asked whether they are right."""
    store, ledger = project.store, project.ledger()
    answers = [
        (image, event)
        for image in ledger.labels
        for event in ledger.of_image(image)
        if event.kind == "labelled" and event.query is not None and ledger.stands(event.event)
    ]
    asked = store.questions({event.query for _, event in answers if event.query is not None})
    return {
        (image, ledger.resolve(event.class_id))
        for image, event in answers
        if event.class_id is not None and event.query in asked and asked[event.query].source == "review"
    }


def suspects_path(project: Project) -> Path:
    """Where the suspect labels of a project lie, once they have been looked for."""
    return project.derived("suspects.json")


def _read(path: Path) -> dict[str, Any] | None:
    """What the last check found; None where there was none, or it does not read back: it is made again."""
    try:
        return dict(read_json(path, _KIND, _VERSION))
    except (OSError, DamagedState, NewerFormat):
        return None
