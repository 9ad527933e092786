"""The digits that scikit-learn ships, as a folder of image files with a project on it: something to label at once."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from swither.data.identity import content_id
from swither.errors import InputError
from swither.extras import require
from swither.files import make_folder
from swither.project.clock import now
from swither.project.discovery import Discovery
from swither.project.held_out import counted_images, settle
from swither.project.lots import lots_of
from swither.project.project import Project
from swither.project.records import ProjectEvent

if TYPE_CHECKING:
    from swither.arrays import ByteArray

IMAGES = 1797
SIDE, MARGIN = 224, 32
"""Pixels: a digit is drawn 20 times as large as it is, on paper with a margin, so that people can read it."""

CLASSES = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "0")
"""In the order of the keyboard: the n-th class has the n-th digit key, so every digit has its own."""

BY = "demo"

NOTICE = (
    "These are 1,797 handwritten digits. Press the key of the digit that you see; U takes the last one back. After "
    "every five labels a model is trained in the background: watch its accuracy in the panel. The labels of {tests} "
    "test digits come along here, so that there is an accuracy from the first training on; in your own project about "
    "every fifth image that you are asked is one of them, and you cannot tell which."
)


def digits_project(folder: Path | str) -> Project:
    """Write the digits and begin a project on them, or open the one that is there.

    Args:
        folder: where to; made where it is missing.

    Returns:
        The project: ten classes, labels of the test part, and a notice that says what to do.

    Raises:
        InputError: the folder holds something else.
    """
    folder = Path(folder).expanduser()
    if (folder / ".swither" / "project.json").is_file():
        project = Project.open(folder)
        if project.ledger().classes:
            return project
    else:
        write_digits(folder)
        project = Project.create(
            folder, name="Handwritten digits", seconds_per_cycle=20.0, batch=10, retrain_after=5, test_limit=250
        )
    _begin(project)
    return project


def write_digits(folder: Path) -> None:
    """Write each digit as a PNG file of black ink on white paper; no name tells what it is.

    Args:
        folder: where to.

    Raises:
        InputError: there is something else in it.
    """
    others = (
        [path.name for path in folder.iterdir() if not path.name.startswith(("digit-", "."))] if folder.is_dir() else []
    )
    if others:
        raise InputError(
            f"Expected a new folder for the digits, but {folder} holds {others[0]}. Give another with --out."
        )
    make_folder(folder)
    datasets = require("sklearn.datasets", "swither demo --label", "train")
    for number, ink in enumerate(datasets.load_digits().images):
        content = _picture(np.rint(ink * (255 / 16)).astype(np.uint8))
        path = folder / f"digit-{number:04}.png"
        if not path.exists() or path.stat().st_size != len(content):
            path.write_bytes(content)


def _picture(ink: ByteArray) -> bytes:
    """A PNG of (8, 8) ink, 0 to 255."""
    from PIL import Image

    side = SIDE - 2 * MARGIN
    paper = Image.new("L", (SIDE, SIDE), 255)
    paper.paste(Image.fromarray(255 - ink).resize((side, side), Image.Resampling.BICUBIC), (MARGIN, MARGIN))
    written = BytesIO()
    paper.save(written, "PNG", compress_level=1)
    return written.getvalue()


def _begin(project: Project) -> None:
    """Make all files known, and give the classes and the labels of the test part; all or nothing of the events."""
    datasets = require("sklearn.datasets", "swither demo --label", "train")
    targets = datasets.load_digits().target
    Discovery(project).run()
    known = []
    for file in project.store.files():
        content = (project.images / file.path).read_bytes()
        known.append(replace(file, image=content_id(content), width=SIDE, height=SIDE))
    project.store.put_files(known)
    settle(project, lots_of(project, fresh=True))
    digits = {str(file.image): str(targets[int(Path(file.path).stem.removeprefix("digit-"))]) for file in known}
    tested = counted_images(project)
    at = now()
    events = [
        ProjectEvent(f"demo-class-{name}", "class_added", at, BY, class_id=f"digit-{name}", text=name)
        for name in CLASSES
    ]
    events += [
        ProjectEvent(f"demo-{image}", "labelled", at, BY, image=image, class_id=f"digit-{digits[image]}")
        for image in tested
    ]
    project.store.set_note("notice", NOTICE.format(tests=len(tested)))
    project.store.append(events, at)
