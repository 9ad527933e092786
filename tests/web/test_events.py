"""What the page says is stored once, in its order, and one bad event stops no other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.testclient import TestClient

from swither.web.sent_events import MOST_EVENTS
from swither.web.workspace import Workspace

AT = "2026-03-01T12:00:00.000Z"
CAT = {"kind": "class_added", "class_id": "c-cat", "text": "cat"}


def first_image(client: TestClient) -> dict[str, Any]:
    """The first question."""
    item: dict[str, Any] = client.get("/api/next?count=1").json()["items"][0]
    return item


def test_a_label_is_there_once_it_is_answered(
    client: TestClient, send: Callable[..., Any], workspace: Workspace
) -> None:
    item = first_image(client)
    label = {"kind": "labelled", "image": item["image"], "class_id": "c-cat", "query": item["token"], "seconds": 1.5}
    answer = send(CAT, label)
    assert answer == {"stored": ["e1", "e2"], "repeated": [], "refused": []}
    stored = workspace.project.store.events()
    assert [(event.kind, event.by) for event in stored] == [("class_added", "Ailsa"), ("labelled", "Ailsa")]
    assert stored[1].query == item["token"]
    assert stored[1].seconds == 1.5
    assert workspace.project.ledger().label_of(item["image"]) == "c-cat"


def test_sent_again_nothing_is_stored_twice(client: TestClient, workspace: Workspace) -> None:
    event = {"event": "same", "at": AT, **CAT}
    for expected in (("stored", ["same"]), ("repeated", ["same"])):
        answer = client.post("/api/events", json={"events": [event]}).json()
        assert answer[expected[0]] == expected[1]
    assert len(workspace.project.store.events()) == 1


def test_sent_again_under_another_name_it_is_still_the_same(client: TestClient, workspace: Workspace) -> None:
    event = {"event": "same", "at": AT, **CAT}
    client.post("/api/events", json={"events": [event]})
    client.post("/api/name", json={"name": "Iain"})
    answer = client.post("/api/events", json={"events": [event, {**event, "event": "new", "class_id": "c2"}]}).json()
    assert answer == {"stored": ["new"], "repeated": ["same"], "refused": []}
    assert [event.by for event in workspace.project.store.events()] == ["Ailsa", "Iain"]


def test_an_id_used_for_something_else_is_refused(client: TestClient) -> None:
    event = {"event": "same", "at": AT, **CAT}
    client.post("/api/events", json={"events": [event]})
    answer = client.post("/api/events", json={"events": [{**event, "text": "dog"}]}).json()
    assert [one["event"] for one in answer["refused"]] == ["same"]


def test_bad_events_are_refused_by_themselves_and_the_rest_stored_in_order(
    client: TestClient, send: Callable[..., Any], workspace: Workspace
) -> None:
    image = first_image(client)["image"]
    label = {"kind": "labelled", "image": image, "class_id": "c-cat"}
    answer = send(
        CAT,
        {**label, "class_id": "c-unknown"},
        label,
        {**label, "image": "f" * 32},
        {"kind": "nonsense"},
        {"kind": "undone", "undoes": "nothing"},
        {"kind": "undone", "undoes": "e3"},
        {"kind": "class_added", "class_id": "c-dog", "text": "dog"},
    )
    assert answer["stored"] == ["e1", "e3", "e7", "e8"]
    assert sorted(one["event"] for one in answer["refused"]) == ["e2", "e4", "e5", "e6"]
    assert all(one["error"] for one in answer["refused"])
    assert [event.event for event in workspace.project.store.events()] == ["e1", "e3", "e7", "e8"]
    assert workspace.project.ledger().label_of(image) is None


def test_what_is_no_list_of_events_is_refused_whole(client: TestClient) -> None:
    for body in (b"{", b"[]", b'{"events": 3}', b"{}", b"[" * 100_000):
        headers = {"Content-Type": "application/json"}
        answer = client.post("/api/events", content=body, headers=headers)
        assert answer.status_code == 400, body[:20]
        assert set(answer.json()) == {"error"}


def test_more_events_than_the_limit_are_refused_whole(client: TestClient, workspace: Workspace) -> None:
    events = [
        {"event": f"e{n}", "at": AT, "kind": "class_added", "class_id": f"c{n}", "text": f"n{n}"}
        for n in range(MOST_EVENTS + 1)
    ]
    assert client.post("/api/events", json={"events": events}).status_code == 400
    assert client.post("/api/events", json={"events": events[:-1]}).status_code == 200
    assert len(workspace.project.store.events()) == MOST_EVENTS


def test_without_the_pages_header_nothing_is_stored(client: TestClient, workspace: Workspace) -> None:
    event = {"event": "e", "at": AT, **CAT}
    assert client.post("/api/events", json={"events": [event]}, headers={"X-Swither": "0"}).status_code == 403
    assert not workspace.project.store.events()
