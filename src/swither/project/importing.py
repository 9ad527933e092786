"""Labels that exist already, taken into a project as events.

The ids of the events follow from the images and the labels, so importing the same again adds nothing. A label that
stands is never replaced unless that is asked for; then it is a correction, and the first one is kept beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from swither.data.settings import DataSettings
from swither.errors import InputError, list_some, plural
from swither.files import key_of
from swither.project.clock import now
from swither.project.discovery import Discovery
from swither.project.held_out import settle
from swither.project.label_tables import Columns, read_table
from swither.project.ledger import Ledger, plain_name
from swither.project.matching import Matching, Progress, read_ids
from swither.project.records import ProjectEvent

if TYPE_CHECKING:
    from swither.project.project import Project

_AT_ONCE = 5000  # events stored together


@dataclass(frozen=True)
class Imported:
    """What an import did.

    Attributes:
        labelled: images that got a label.
        corrected: images whose label was replaced, because that was asked for.
        same: images that bore the label already.
        added: names of classes that are new.
        conflicts: images left as they are although the source says otherwise, in words.
        unknown: what no file of the project could be found for.
        without: rows without a label.
        note: how the source was read, for people.
        unreadable: files that cannot be shown, and so got no label, in words.
    """

    labelled: int
    corrected: int
    same: int
    added: tuple[str, ...]
    conflicts: tuple[str, ...]
    unknown: tuple[str, ...]
    without: int
    note: str
    unreadable: tuple[str, ...] = ()


def import_labels(
    project: Project,
    source: Path | str,
    *,
    columns: Columns | None = None,
    correct: bool = False,
    progress: Progress | None = None,
) -> Imported:
    """Take the labels of a source into a project.

    Args:
        project: which.
        source: a folder with one sub-folder a class, or a file: CSV, JSON lines, Parquet.
        columns: which columns to read.
        correct: replace labels that differ, each by an event of its own.
        progress: called while images are read.

    Returns:
        What was done, and what was not and why.

    Raises:
        InputError: the source is malformed, or names no image of the project; nothing was written.
    """
    source = Path(source).expanduser().absolute()
    if source.is_dir():
        if columns is not None and columns != Columns():
            raise InputError("A folder has no columns: leave --path-column, --id-column and --label-column away.")
        said = _from_folder(project, source, progress)
    else:
        said = _from_table(project, source, columns, progress)
    if not said.labels and not said.conflicts:
        raise InputError(_nothing(project, source, said))
    name = source.name.encode(errors="replace").decode()
    imported = _store(project, said, f"import {name}"[:200], correct)
    settle(project)
    return imported


@dataclass(frozen=True)
class _Said:
    """What a source says of the images of a project.

    Attributes:
        labels: image -> (class's name, where it stands).
        conflicts: images of which it says two things.
        unknown: references that lead to no image.
        without: rows without a label.
        note: how it was read.
        unreadable: files that cannot be shown, in words.
    """

    labels: Mapping[str, tuple[str, str]]
    conflicts: tuple[str, ...]
    unknown: tuple[str, ...]
    without: int
    note: str
    unreadable: tuple[str, ...] = ()


def _from_table(project: Project, source: Path, columns: Columns | None, progress: Progress | None) -> _Said:
    table = read_table(source, columns)
    _walk(project)
    by_id = any(row.is_id for row in table.rows)
    ids = read_ids(project, None, progress) if by_id else {}
    matching = Matching(project, source.parent)
    paths = {} if by_id else {row.reference: matching.find(row.reference) for row in table.rows}
    if not by_id:
        ids = read_ids(project, {path for path in paths.values() if path is not None}, progress)
    rows, unknown, unreadable, problems = [], [], [], _problems(project)
    for row in table.rows:
        path = paths.get(row.reference)
        image = (row.reference if matching.knows(row.reference) else None) if by_id else ids.get(path or "")
        if image is None and (problem := problems.get(row.reference if by_id else path or "")) is not None:
            unreadable.append(f"{row.where}: {row.reference}: {problem}")
        elif image is None:
            unknown.append(f"{row.where}: {row.reference}")
        else:
            rows.append((image, row.label, row.where))
    return _one_each(rows, unknown, unreadable, table.without, table.note)


def _from_folder(project: Project, source: Path, progress: Progress | None) -> _Said:
    from swither.data.sources.folder import open_folder

    contents = open_folder(source, DataSettings(str(source)))
    _walk(project)
    own = Matching(project, source)
    paths = {found.path: own.find(str(source / found.path)) for found in contents.images if found.label is not None}
    elsewhere = any(path is None or not _is(project, path, source / name) for name, path in paths.items())
    ids = read_ids(project, None if elsewhere else {path for path in paths.values() if path is not None}, progress)
    known = set(ids.values())
    rows, unknown, unreadable, without, problems = [], [], [], 0, _problems(project)
    for found in contents.images:
        if found.label is None:
            without += 1
            continue
        path = paths[found.path]
        image = ids.get(path) if path is not None and _is(project, path, source / found.path) else None
        image = image or _content(source / found.path, known)
        if image is None and path is not None and path in problems:
            unreadable.append(f"{found.path}: {problems[path]}")
        elif image is None:
            unknown.append(found.path)
        else:
            rows.append((image, found.label, found.path))
    return _one_each(rows, unknown, unreadable, without, "labels from the names of the sub-folders")


def _problems(project: Project) -> dict[str, str]:
    """Why a file cannot be shown, by its path and by the id of its content."""
    problems: dict[str, str] = {}
    for file in project.store.files():
        if file.present and file.problem is not None:
            problems[file.path] = file.problem
            if file.image is not None:
                problems.setdefault(file.image, file.problem)
    return problems


def _is(project: Project, path: str, other: Path) -> bool:
    """Whether a file of the project is this very file."""
    try:
        return (project.images / path).samefile(other)
    except OSError:
        return False


def _content(path: Path, known: set[str]) -> str | None:
    """The id of a file elsewhere, if the project has a copy of it."""
    from swither.files import file_checksum

    try:
        image = file_checksum(path)
    except OSError:
        return None
    return image if image in known else None


def _walk(project: Project) -> None:
    """List the files of the folder as they are now."""
    discovery = Discovery(project)
    discovery.run()
    if discovery.problem is not None:
        raise InputError(f"{discovery.problem} Nothing was imported.")


def _one_each(
    rows: Iterable[tuple[str, str, str]], unknown: list[str], unreadable: list[str], without: int, note: str
) -> _Said:
    """One label for each image; where a source gives two, to copies perhaps, it gives none."""
    labels: dict[str, tuple[str, str]] = {}
    conflicts: dict[str, str] = {}
    for image, label, where in rows:
        before = labels.setdefault(image, (label, where))
        if plain_name(before[0]) != plain_name(label):
            conflicts.setdefault(
                image, f"{before[1]} says {before[0]!r}, and {where} says {label!r}, of the same image"
            )
    left = {image: said for image, said in labels.items() if image not in conflicts}
    return _Said(left, tuple(conflicts.values()), tuple(unknown), without, note, tuple(unreadable))


def _store(project: Project, said: _Said, by: str, correct: bool) -> Imported:
    ledger, at = project.ledger(), now()
    added, classes = _classes(ledger, said, by, at)
    events, conflicts = list(added), list(said.conflicts)
    corrected = same = 0
    for image, (label, where) in said.labels.items():
        class_id = classes[plain_name(label)]
        event = key_of("import", image, plain_name(label))
        stands = ledger.label_of(image)
        if stands == class_id:
            same += 1
            continue
        if stands is not None or ledger.declined(image) is not None or ledger.event(event) is not None:
            if not correct:
                conflicts.append(f"{where}: {label!r} there, {_standing(ledger, image)} here")
                continue
            corrected += 1
            event = key_of("import", image, plain_name(label), ledger.of_image(image)[-1].event)
        events.append(ProjectEvent(event, "labelled", at, by=by, image=image, class_id=class_id))
    for start in range(0, len(events), _AT_ONCE):
        project.store.append(events[start : start + _AT_ONCE], now())
    names = tuple(event.text for event in added if event.text is not None)
    count = len(events) - len(added) - corrected
    left = tuple(conflicts), said.unknown, said.without, said.note, said.unreadable
    return Imported(count, corrected, same, names, *left)


def _standing(ledger: Ledger, image: str) -> str:
    names = {one.id: one.name for one in ledger.classes}
    label, reason = ledger.label_of(image), ledger.declined(image)
    if label is not None:
        return repr(names[label])
    return "taken back" if reason is None else f"declined ({reason or 'no reason'})"


def _classes(ledger: Ledger, said: _Said, by: str, at: str) -> tuple[list[ProjectEvent], dict[str, str]]:
    """The classes that are new, as events in the order of their names, and plain name -> class id of all."""
    classes = {plain_name(one.name): one.id for one in reversed(ledger.active_classes())}
    names: dict[str, str] = {}
    for label, _ in said.labels.values():
        names.setdefault(plain_name(label), label)
    events = []
    for plain, name in sorted(names.items(), key=lambda item: _natural(item[0])):
        if plain in classes:
            continue
        class_id, event = key_of("imported class", plain), key_of("import class", plain)
        classes[plain] = ledger.resolve(class_id)  # it may have been added, and renamed or merged since
        if ledger.event(event) is None:
            events.append(ProjectEvent(event, "class_added", at, by=by, class_id=class_id, text=name))
    return events, classes


def _natural(name: str) -> tuple[int, int, str]:
    """Numbers in their order, then texts."""
    return (0, int(name), name) if name.isascii() and name.isdigit() else (1, 0, name)


def _nothing(project: Project, source: Path, said: _Said) -> str:
    if said.unreadable and not said.unknown:
        return (
            f"{source} names {plural(len(said.unreadable), 'image')} with a label, and none of them can be read: "
            f"{list_some(said.unreadable, 3)}. Mend the files, or take others. Nothing was imported."
        )
    if said.unknown:
        return (
            f"{source} names {plural(len(said.unknown), 'image')}, and none of them is in {project.images}: "
            f"{list_some(said.unknown, 3)}. Expected paths relative to that folder, or ids of contents. Nothing was "
            "imported."
        )
    return f"{source} holds no labels ({plural(said.without, 'row')} without one). Nothing was imported."
