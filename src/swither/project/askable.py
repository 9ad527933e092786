"""Which images may be put before somebody outside the queue: in the grid, and as similar ones."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from swither.project.clock import now
from swither.project.held_out import answered, kept_back

if TYPE_CHECKING:
    from swither.project.project import Project


def askable(project: Project, images: Iterable[str], by: str | None = None) -> set[str]:
    """Those of `images` without an answer that are not before somebody else and do not test.

    Args:
        project: whose images.
        images: ids to choose among.
        by: who asks; what is open before the same person may be shown to them again. None leaves out all that is open.
    """
    ledger = project.ledger()
    testing = kept_back(project)
    shown = {question.image for question in project.store.open_questions(now()) if by is None or question.by != by}
    return {i for i in images if i not in testing and i not in shown and not answered(ledger, i)}
