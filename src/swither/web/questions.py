"""Which images come next, and images that the page asks to see: by class, by likeness, by path, for review."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fastapi import APIRouter, Request

from swither.errors import InputError
from swither.project.records import Question
from swither.web.items import item, questions_for
from swither.web.requests import number, text
from swither.web.workspace import Workspace, in_thread, workspace_of

router = APIRouter()

MOST_NEXT = 64
MOST_SHOWN = 200
MINUTES_OF_GRID = 5.0


@router.get("/api/next")
async def get_next(request: Request) -> dict[str, Any]:
    """The next images to label; `have` names the tokens that the page holds already, and keeps for a while longer."""
    from swither.project.queue import next_questions

    workspace, by = workspace_of(request), workspace_of(request).by(request)
    count = number(request, "count", 8, MOST_NEXT, least=0)
    have = [token for token in text(request, "have", 20_000).split(",") if token]

    def find() -> dict[str, Any]:
        return {"items": items(workspace, next_questions(workspace.project, by, count, have))}

    return await in_thread(workspace.asking, find)


@router.get("/api/grid")
async def get_grid(request: Request) -> dict[str, Any]:
    """Many images of one predicted class, the surest first."""
    from swither.project.grid import grid

    workspace, by = workspace_of(request), workspace_of(request).by(request)
    class_id, count = text(request, "class_id") or None, number(request, "count", 24, MOST_SHOWN)

    def find() -> dict[str, Any]:
        found = grid(workspace.project, class_id, count, by)
        more = {one["image"]: {"predicted": one["predicted"], "confidence": one["confidence"]} for one in found}
        shown = class_id or (found[0]["predicted"] if found else None)
        return {"class_id": shown, "items": shown_items(workspace, more, "grid", by, minutes=MINUTES_OF_GRID)}

    return await in_thread(workspace.thoughts, find)


@router.get("/api/similar")
async def get_similar(request: Request) -> dict[str, Any]:
    """Images like one."""
    from swither.project.similar import similar

    workspace, by = workspace_of(request), workspace_of(request).by(request)
    image, count = text(request, "image"), number(request, "count", 24, MOST_SHOWN)

    def find() -> dict[str, Any]:
        found = similar(workspace.project, image, count, by)
        return {"items": shown_items(workspace, {one: {} for one in found}, "similar", by, minutes=MINUTES_OF_GRID)}

    return await in_thread(workspace.thoughts, find)


@router.get("/api/review")
async def get_review(request: Request) -> dict[str, Any]:
    """Labelled images to look at again; with `tally` only how many there are, which leaves nothing in the store."""
    from swither.project.review import review_queue

    workspace, by = workspace_of(request), workspace_of(request).by(request)
    count = number(request, "count", MOST_SHOWN, MOST_SHOWN)

    tally = bool(text(request, "tally"))

    def find() -> dict[str, Any]:
        found = review_queue(workspace.project)[:count]
        if tally:
            return {"items": [], "total": len(found)}
        more = {one["image"]: one for one in found}
        return {"items": shown_items(workspace, more, "review", by)}

    return await in_thread(workspace.thoughts, find)


@router.get("/api/find")
async def get_find(request: Request) -> dict[str, Any]:
    """Images whose path holds a text."""
    workspace, by = workspace_of(request), workspace_of(request).by(request)
    wanted, count = text(request, "text"), number(request, "count", 48, MOST_SHOWN)
    if not wanted:
        raise InputError("Expected text to look for in the paths of the images.")

    def find() -> dict[str, Any]:
        found, unread = workspace.project.store.images_named(wanted, count)
        items = shown_items(workspace, {image: {} for image in found}, "search", by)
        if not unread:
            return {"items": items}
        files = "One file" if unread == 1 else f"{unread:,} files"
        return {
            "items": items,
            "words": f"{files} with this in the name {'has' if unread == 1 else 'have'} not been read yet.",
        }

    return await in_thread(workspace.thoughts, find)


def shown_items(
    workspace: Workspace, more: Mapping[str, Mapping[str, Any]], source: str, by: str, *, minutes: float = 0.0
) -> list[dict[str, Any]]:
    """Items for images that the page asked to see, each with what is said of it in `more`."""
    questions = questions_for(more, source, by, minutes=minutes)
    workspace.project.store.put_questions(questions)
    return [{**more[one["image"]], **one} for one in items(workspace, questions)]


def items(workspace: Workspace, questions: Iterable[Question]) -> list[dict[str, Any]]:
    """Questions as the page shows them."""
    ledger, near = workspace.project.ledger(), workspace.near()
    return [item(workspace.project, ledger, question, near) for question in questions]
