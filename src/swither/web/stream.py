"""GET /api/stream: the state again whenever something changed, at most twice a second."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator

from fastapi import APIRouter, Request
from starlette.responses import StreamingResponse

from swither.web.answers import as_json
from swither.web.state import state_of
from swither.web.workspace import Workspace, in_thread, workspace_of

router = APIRouter()
_log = logging.getLogger(__name__)

BETWEEN_STATES = 0.5
BETWEEN_PINGS = 15.0


@router.get("/api/stream")
async def get_stream(request: Request) -> StreamingResponse:
    """Server-sent events ``state``, until the page or the server goes."""
    workspace = workspace_of(request)
    events = state_events(workspace, workspace.by(request))
    return StreamingResponse(events, media_type="text/event-stream", headers={"cache-control": "no-store"})


async def state_events(workspace: Workspace, by: str) -> AsyncIterator[str]:
    """The state at once, then after each change; a comment now and then, so that a dead connection is noticed."""
    seen: int | None = None
    said = time.monotonic()
    yield "retry: 2000\n\n"
    while not workspace.stopping.is_set():
        changes = await in_thread(workspace.answers, workspace.project.store.changes)
        if changes != seen:
            seen, said = changes, time.monotonic()
            try:
                state = await in_thread(workspace.answers, lambda: state_of(workspace, by))
            except Exception:
                _log.exception("the state could not be told; it is tried again after the next change")
            else:
                yield f"event: state\ndata: {as_json(state)}\n\n"
        elif time.monotonic() - said > BETWEEN_PINGS:
            said = time.monotonic()
            yield ": still here\n\n"
        await asyncio.sleep(BETWEEN_STATES)
