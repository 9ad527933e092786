"""How many images are without an answer: the one count that the page, its report and the status show."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from swither.project.ledger import Ledger
from swither.project.records import ImageFile


def not_shown(files: Iterable[ImageFile]) -> frozenset[str]:
    """Ids of the images of which no file is there that can be shown.

    Args:
        files: all that the store knows.

    Example:
        >>> not_shown([ImageFile("a", 1, 0, "one"), ImageFile("b", 1, 0, "two", present=False)])
        frozenset({'two'})
    """
    known: set[str] = set()
    shown: set[str] = set()
    for file in files:
        if file.image is not None:
            (shown if file.present and file.problem is None else known).add(file.image)
    return frozenset(known - shown)


def images_left(images: int, ledger: Ledger, hidden: Collection[str]) -> int:
    """How many images can be shown and have no answer.

    Args:
        images: how many can be shown; a file that was not read yet counts as one.
        ledger: what was answered.
        hidden: as `not_shown` gives it: their answers take nothing from what is left.
    """
    answered = len(ledger.labels) + len(ledger.declined_images)
    unseen = sum(image in ledger.labels or image in ledger.declined_images for image in hidden)
    return max(0, images - (answered - unseen))
