"""POST /api/events: what somebody said is stored, and answered for, event by event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
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

    Args:
        store: where to.
        sent: events as the page sent them.
        by: who says it.

    Returns:
        ``stored`` and ``repeated`` with ids, ``refused`` with id and words; each event stands in one of them.
    """
    outcome = _Outcome(store)
    fit: list[ProjectEvent] = []
    for one in sent:
        try:
            fit.append(sent_event(one, by))
        except InputError as error:
            outcome.refuse(id_of(one), error)
    outcome.append(fit, now())
    return {"stored": outcome.stored, "repeated": outcome.repeated, "refused": outcome.refused}


class _Outcome:
    """What became of events that were sent together."""

    def __init__(self, store: Store) -> None:
        self.stored: list[str] = []
        self.repeated: list[str] = []
        self.refused: list[dict[str, str]] = []
        self._store = store

    def refuse(self, event: str, error: InputError) -> None:
        self.refused.append({"event": event, "error": str(error)})

    def append(self, events: Sequence[ProjectEvent], received: str) -> None:
        """Append all; where the store refuses, the halves by themselves, so that one bad event stops no other."""
        if not events:
            return
        try:
            receipt = self._store.append(events, received)
        except InputError as error:
            if len(events) > 1:
                half = len(events) // 2
                self.append(events[:half], received)
                self.append(events[half:], received)
            elif self._said_before(events[0]):
                self.repeated.append(events[0].event)
            else:
                self.refuse(events[0].event, error)
            return
        self.stored.extend(receipt.stored)
        self.repeated.extend(receipt.repeated)

    def _said_before(self, event: ProjectEvent) -> bool:
        """Whether it is stored but for who said it: the page sends again what it sent before its name was changed."""
        stored = self._by_id.get(event.event)
        return stored is not None and replace(stored, by=event.by, sequence=0, received="") == event

    @cached_property
    def _by_id(self) -> dict[str, ProjectEvent]:
        return {event.event: event for event in self._store.events()}
