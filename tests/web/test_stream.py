"""The stream tells each change soon, never more than twice a second, and ends with the server."""

from __future__ import annotations

import asyncio
import json
import time
from itertools import pairwise
from typing import Any

import pytest

from swither.web import stream
from swither.web.stream import BETWEEN_STATES, state_events
from swither.web.workspace import Workspace


async def told(workspace: Workspace, seconds: float, meanwhile: Any = None) -> list[tuple[float, str]]:
    """What the stream says in so many seconds, each with its time."""
    heard: list[tuple[float, str]] = []

    async def listen() -> None:
        async for message in state_events(workspace, "Ailsa"):
            heard.append((time.monotonic(), message))  # noqa: PERF401

    listening = asyncio.create_task(listen())
    if meanwhile is not None:
        await asyncio.to_thread(meanwhile)
    await asyncio.sleep(seconds)
    workspace.stopping.set()
    await asyncio.wait_for(listening, 10)
    return heard


def states(heard: list[tuple[float, str]]) -> list[tuple[float, dict[str, Any]]]:
    """The states among what was heard."""
    return [
        (at, json.loads(message.split("data: ", 1)[1])) for at, message in heard if message.startswith("event: state\n")
    ]


def test_it_begins_with_the_state_and_tells_changes_at_most_twice_a_second(workspace: Workspace) -> None:
    def change() -> None:
        for number in range(60):
            workspace.project.store.set_note("counted", number)
            time.sleep(0.02)

    found = states(asyncio.run(told(workspace, 1.2, change)))
    assert found[0][1]["by"] == "Ailsa"
    assert len(found) >= 2
    assert found[-1][1]["version"] == workspace.project.store.changes()
    gaps = [after - before for (before, _), (after, _) in pairwise(found)]
    assert min(gaps) >= BETWEEN_STATES * 0.95


def test_without_a_change_it_says_only_that_it_is_there(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "BETWEEN_PINGS", 0.4)
    heard = asyncio.run(told(workspace, 1.8))
    assert len(states(heard)) == 1
    assert any(message.startswith(": ") for _, message in heard)


def test_a_state_that_cannot_be_told_once_does_not_end_the_stream(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    real, calls = stream.state_of, []

    def state_of(*given: Any) -> Any:
        calls.append(1)
        if len(calls) == 1:
            raise RuntimeError("once")
        return real(*given)

    monkeypatch.setattr(stream, "state_of", state_of)
    heard = asyncio.run(told(workspace, 1.2, lambda: (time.sleep(0.3), workspace.project.store.set_note("n", 1))))
    assert len(states(heard)) == 1
    assert "once" in caplog.text
