"""One image as the page is given it: where to fetch it, how large it is, what is known of it."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from typing import Any

from swither.project.clock import now
from swither.project.ledger import Ledger
from swither.project.project import Project
from swither.project.records import Question


def item(project: Project, ledger: Ledger, question: Question, near: Mapping[str, list[str]]) -> dict[str, Any]:
    """A question as the page shows it; nothing in it says why the image was chosen.

    Args:
        project: holds the files.
        ledger: knows the label.
        question: which image, under which token.
        near: image -> its near copies.
    """
    files = [file for file in project.store.files_of(question.image) if file.present]
    shown = files[0] if files else None
    return {
        "token": question.token,
        "image": question.image,
        "width": shown.width if shown else 0,
        "height": shown.height if shown else 0,
        "preview": f"/images/{question.image}/preview",
        "thumbnail": f"/images/{question.image}/thumbnail",
        "name": shown.path if shown else "",
        "copies": [file.path for file in files[1:]],
        "near": near.get(question.image, []),
        "label": ledger.label_of(question.image),
    }


def questions_for(images: Iterable[str], source: str, by: str, *, minutes: float = 0.0) -> list[Question]:
    """Questions for images that the page asked to see itself, as in the grid.

    Args:
        images: ids.
        source: as in `Question`.
        by: who sees them.
        minutes: for how long nobody else is asked them.
    """
    at = now()
    until = now(later=60 * minutes) if minutes else at
    return [Question(secrets.token_hex(12), image, source, by, at, until) for image in images]
