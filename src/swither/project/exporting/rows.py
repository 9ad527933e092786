"""What every export is made of: each answered image with its label, its part and who said so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from swither.data.identity import content_id
from swither.project.accuracy import counted_labels
from swither.project.ledger import Ledger

if TYPE_CHECKING:
    from swither.project.project import Project

TRAIN, TEST, NEITHER = "train", "test", "neither"

NEITHER_BECAUSE = "a near copy, or not drawn"

GONE = "its file is gone"


@dataclass(frozen=True)
class Answer:
    """What was said of one image, as it stands.

    Attributes:
        image: id of its content.
        paths: of its files, relative to the folder of images; those that are there, or the last known ones.
        label: name of the class; None where it was declined.
        declined: why it has no label; None where it has one.
        part: ``train`` where it is trained on, ``test`` where it counts in the accuracy, else ``neither``: held out,
            and a near copy of an image of either part, or beyond the beginning of the random order that counts, or
            without a file that is there, or declined.
        by: who said so.
        at: when.
        seconds: how long it took; None where nobody measured.
        gone: whether none of its files is there any more.
    """

    image: str
    paths: tuple[str, ...]
    label: str | None
    declined: str | None
    part: str
    by: str
    at: str
    seconds: float | None
    gone: bool = False


@dataclass(frozen=True)
class Answers:
    """All answers of a project.

    Attributes:
        rows: in the order of their first paths.
        class_names: distinct names of all classes, in the order of adding.
    """

    rows: tuple[Answer, ...]
    class_names: tuple[str, ...]

    @property
    def labelled(self) -> tuple[Answer, ...]:
        """Those with a label."""
        return tuple(row for row in self.rows if row.label is not None)

    def without(self) -> list[str]:
        """What a format with two parts leaves out, and why, a line for each image."""
        lines = []
        for row in self.rows:
            name = row.paths[0] if row.paths else row.image
            if row.label is None:
                lines.append(f"{name}: declined ({row.declined or 'no reason'})")
            elif row.part == NEITHER and row.gone:
                lines.append(f"{name}: {GONE}")
            elif row.part == NEITHER:
                lines.append(f"{name}: never trained on, and not counted as a test image ({NEITHER_BECAUSE})")
        return lines


@dataclass(frozen=True)
class Exported:
    """What an export wrote.

    Attributes:
        out: the file or folder.
        train: images with a label that were written as the train part.
        test: likewise as the test part.
        declined: images without a label that were listed.
        neither: images with a label that were listed as of neither part.
        left_out: what is not in it, in words, one for each image.
    """

    out: Path
    train: int
    test: int
    declined: int = 0
    neither: int = 0
    left_out: tuple[str, ...] = ()


def answers_of(project: Project) -> Answers:
    """The answers of a project as they stand now.

    Args:
        project: whose.
    """
    ledger, held = project.ledger(), project.store.held_out()
    trained = [image for image in ledger.labels if image not in held]
    tests = counted_labels(project, ledger, trained)[0]
    names = class_names(ledger)
    there: dict[str, list[str]] = {}
    gone: dict[str, list[str]] = {}
    for file in project.store.files():
        if file.image is not None:
            (there if file.present else gone).setdefault(file.image, []).append(file.path)
    rows = []
    for image in {*ledger.labels, *ledger.declined_images}:
        event = ledger.standing_event(image)
        assert event is not None, image
        label = ledger.label_of(image)
        rows.append(
            Answer(
                image,
                tuple(there.get(image) or gone.get(image) or ()),
                None if label is None else names[label],
                ledger.declined(image),
                TEST if image in tests else NEITHER if image in held or label is None else TRAIN,
                event.by,
                event.at,
                event.seconds,
                image not in there,
            )
        )
    return Answers(tuple(sorted(rows, key=lambda row: (row.paths, row.image))), tuple(names.values()))


def class_names(ledger: Ledger) -> dict[str, str]:
    """Class id -> name, of the classes that stand for themselves; equal names get ``(2)``, ``(3)`` behind.

    Args:
        ledger: of a project.
    """
    names: dict[str, str] = {}
    taken: set[str] = set()
    for one in ledger.active_classes():
        name, number = one.name, 1
        while name in taken:
            number += 1
            name = f"{one.name} ({number})"
        taken.add(name)
        names[one.id] = name
    return names


def contents(project: Project, rows: tuple[Answer, ...], left_out: list[str]) -> Iterator[tuple[Answer, Path, bytes]]:
    """The bytes of each answer's image, from a file that still holds them.

    Args:
        project: whose.
        rows: which.
        left_out: takes a line for each image that no file holds any more.

    Yields:
        The answer, the file and its bytes.
    """
    root = project.images.resolve()
    for row in rows:
        why = GONE
        for name in row.paths:
            path = (root / name).resolve()
            if root not in path.parents:
                why = "its file lies outside the folder of images"
                continue
            try:
                content = path.read_bytes()
            except FileNotFoundError:
                why = GONE
                continue
            except OSError as error:
                why = error.strerror or str(error)
                continue
            if content_id(content) == row.image:
                yield row, path, content
                break
            why = "the file was changed since it was labelled"
        else:
            left_out.append(f"{row.paths[0] if row.paths else row.image}: {why}")
