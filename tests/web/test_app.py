"""What one visitor waits for holds up nobody who presses keys."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from starlette.testclient import TestClient

from swither.web.workspace import Workspace


def test_an_answer_to_a_key_never_waits_for_images_that_are_decoded(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, workspace: Workspace
) -> None:
    items = client.get("/api/next?count=8").json()["items"]
    go_on, decoding = threading.Event(), threading.Semaphore(0)

    def slow(project: Any, image: str) -> bytes:
        decoding.release()
        go_on.wait(30)
        return b"jpeg"

    monkeypatch.setattr("swither.project.previews.preview", slow)
    waiting = [threading.Thread(target=client.get, args=(item["preview"],)) for item in items]
    for thread in waiting:
        thread.start()
    try:
        for _ in range(int(workspace.images.total_tokens)):
            assert decoding.acquire(timeout=20), "as many as may are being decoded"
        begun = time.monotonic()
        event = {"event": "e", "kind": "skipped", "at": "2026-03-01T12:00:00Z", "image": items[0]["image"]}
        assert client.post("/api/events", json={"events": [event]}).json()["stored"] == ["e"]
        assert client.get("/api/next?count=1").status_code == 200
        assert client.get("/api/state").status_code == 200
        assert time.monotonic() - begun < 15, "they waited for the images"
        assert not go_on.is_set()
    finally:
        go_on.set()
        for thread in waiting:
            thread.join(timeout=30)


def test_many_who_answer_at_once_lose_nothing(client: TestClient, workspace: Workspace) -> None:
    image = client.get("/api/next?count=1").json()["items"][0]["image"]
    at = "2026-03-01T12:00:00Z"
    added = {"event": "c", "kind": "class_added", "at": at, "class_id": "c", "text": "c"}
    client.post("/api/events", json={"events": [added]})

    def answer(who: int) -> None:
        for number in range(10):
            event = {"event": f"{who}-{number}", "kind": "labelled", "at": at, "image": image, "class_id": "c"}
            for _ in range(2):  # each is sent again, as after a connection that broke
                client.post("/api/events", json={"events": [event]})

    threads = [threading.Thread(target=answer, args=(who,)) for who in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stored = [event.event for event in workspace.project.store.events()]
    assert len(stored) == len(set(stored)) == 61
