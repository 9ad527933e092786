"""Why an image was asked, what was said of it, and how the model came along."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request

from swither.project.ledger import Ledger
from swither.project.records import Cycle, ProjectEvent
from swither.web.images import path_of
from swither.web.summary import superseded
from swither.web.workspace import in_thread, workspace_of

router = APIRouter()


@router.get("/api/why/{image}")
async def get_why(request: Request, image: str) -> Any:
    """Why this image was asked: what the network made of it while it learned."""
    from swither.project.why import why

    workspace = workspace_of(request)

    def explain() -> Any:
        path_of(workspace, image)
        return why(workspace.project, image)

    return await in_thread(workspace.thoughts, explain)


@router.get("/api/image/{image}/events")
async def get_events(request: Request, image: str) -> dict[str, Any]:
    """What was ever said of an image, oldest first, with what was undone."""
    workspace = workspace_of(request)

    def read() -> dict[str, Any]:
        ledger = workspace.project.ledger()
        return {"events": [said_of(event, ledger) for event in ledger.of_image(image)]}

    return await in_thread(workspace.answers, read)


def said_of(event: ProjectEvent, ledger: Ledger) -> dict[str, Any]:
    """An event with the name that its class has now; which queue it came from stays out of sight."""
    names = {one.id: one.name for one in ledger.classes}
    value = asdict(event)
    del value["query"]
    name = names.get(ledger.resolve(event.class_id)) if event.class_id else None
    return {**value, "class_name": name}


@router.get("/api/curve")
async def get_curve(request: Request) -> dict[str, Any]:
    """What each training reached, in order; ``superseded`` are those that knew more labels than a later one."""
    workspace = workspace_of(request)
    cycles, (number, now) = await in_thread(
        workspace.thoughts, lambda: (workspace.project.store.cycles(), workspace.tested())
    )
    points = [point_of(cycle, now if cycle.number == number else None) for cycle in cycles]
    old = superseded([cycle.labelled for cycle in cycles])
    return {"cycles": [{**point, "superseded": left} for point, left in zip(points, old, strict=True)]}


def point_of(cycle: Cycle, now: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """One training as a point of the learning curve; without a held-out label it has no accuracy.

    Args:
        cycle: the training.
        now: its accuracy on the test images that are labelled by now, where that is known.
    """
    accuracy = now or cycle.facts.get("accuracy") or {}
    counted = accuracy.get("counted", 0)
    return {
        "number": cycle.number,
        "labelled": cycle.labelled,
        "accuracy": accuracy["right"] / counted if counted else None,
        "low": accuracy.get("low") if counted else None,
        "high": accuracy.get("high") if counted else None,
        "counted": counted,
        "dispersion": cycle.facts.get("dispersion"),
        "at": cycle.at,
    }
