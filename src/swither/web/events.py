"""POST /api/events: what somebody said is stored, and answered for, event by event."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Request

from swither.errors import InputError
from swither.project.clock import now
from swither.project.contract import Store
from swither.project.records import ProjectEvent
from swither.web.requests import json_body
from swither.web.sent_events import MOST_EVENTS, id_of, sent_event
from swither.web.training import train_when_due
from swither.web.workspace import in_thread, workspace_of

router = APIRouter()


@router.post("/api/events")
async def post_events(request: Request) -> dict[str, Any]:
    """Store events, durably before the answer; sent again they count as repeated."""
    workspace = workspace_of(request)
    sent = (await json_body(request)).get("events")
    if not isinstance(sent, list) or len(sent) > MOST_EVENTS:
        raise InputError(f"Expected events as a list of at most {MOST_EVENTS}.")
    by = workspace.by(request)
    answer = await in_thread(workspace.answers, lambda: store_events(workspace.project.store, sent, by))
    if answer["stored"]:
        workspace.later(lambda: train_when_due(workspace.project))
    return answer


def store_events(store: Store, sent: Sequence[object], by: str) -> dict[str, Any]:
    """Store what can be stored of `sent`, in its order.

    Returns:
        ``stored`` and ``repeated`` with ids, ``refused`` with id and words; each event stands in one of them.
    """
    refused: list[dict[str, str]] = []
    fit: list[ProjectEvent] = []
    for one in sent:
        try:
            fit.append(sent_event(one, by))
        except InputError as error:
            refused.append({"event": id_of(one), "error": str(error)})
    stored: list[str] = []
    repeated: list[str] = []
    _append(store, fit, now(), stored, repeated, refused)
    return {"stored": stored, "repeated": repeated, "refused": refused}


def _append(
    store: Store,
    events: Sequence[ProjectEvent],
    received: str,
    stored: list[str],
    repeated: list[str],
    refused: list[dict[str, str]],
) -> None:
    """Append all; where the store refuses, the halves by themselves, so that one bad event stops no other."""
    if not events:
        return
    try:
        receipt = store.append(events, received)
    except InputError as error:
        if len(events) == 1:
            refused.append({"event": events[0].event, "error": str(error)})
            return
        half = len(events) // 2
        _append(store, events[:half], received, stored, repeated, refused)
        _append(store, events[half:], received, stored, repeated, refused)
        return
    stored.extend(receipt.stored)
    repeated.extend(receipt.repeated)
