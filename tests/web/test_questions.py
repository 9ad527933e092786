"""The page is given images it can show, and what it asks for by itself never stands in the way of the queue."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from swither.project.clock import now
from swither.project.records import ImageFile
from swither.web.workspace import Workspace

ITEM = {"token", "image", "width", "height", "preview", "thumbnail", "name", "copies", "near", "label"}


def test_an_item_says_what_the_page_needs_and_not_why_it_was_chosen(client: TestClient) -> None:
    items = client.get("/api/next?count=4").json()["items"]
    assert len(items) == 4
    for item in items:
        assert set(item) == ITEM
        assert (item["width"], item["height"]) == (64, 48)
    assert len({item["image"] for item in items}) == 4


def test_what_the_page_has_is_not_given_again(client: TestClient) -> None:
    first = client.get("/api/next?count=3").json()["items"]
    have = ",".join(item["token"] for item in first)
    more = client.get(f"/api/next?count=3&have={have}").json()["items"]
    assert not {item["image"] for item in first} & {item["image"] for item in more}


def test_an_answer_waits_while_images_are_decoded_for_many_pages(
    client: TestClient, send: Callable[..., dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()
    monkeypatch.setattr("swither.project.queue.next_questions", lambda *_: [] if go_on.wait(30) else None)
    pages = [threading.Thread(target=client.get, args=("/api/next?count=1",)) for _ in range(12)]
    for page in pages:
        page.start()
    try:
        assert send({"kind": "class_added", "class_id": "c", "text": "cat"})["stored"]
        assert not go_on.is_set()
    finally:
        go_on.set()
        for page in pages:
            page.join()


@pytest.mark.parametrize("query", ["count=-1", "count=65", "count=x", "count=1e3", "count=٣", "count=" + "9" * 50])
def test_a_count_that_makes_no_sense_is_refused_in_words(client: TestClient, query: str) -> None:
    answer = client.get(f"/api/next?{query}")
    assert answer.status_code == 400
    assert "count" in answer.json()["error"]


def test_images_are_found_by_a_part_of_their_path(client: TestClient, workspace: Workspace) -> None:
    client.get("/api/next?count=12")
    found = client.get("/api/find?text=LATE/").json()["items"]
    assert found
    assert all(item["name"].startswith("late/") for item in found)
    assert client.get("/api/find?text=nowhere").json() == {"items": []}
    assert client.get("/api/find?text=").status_code == 400
    workspace.project.store.put_files([ImageFile("late/new.jpg", 1, 1)])
    assert client.get("/api/find?text=late/n").json() == {
        "items": [],
        "words": "One file with this in the name has not been read yet.",
    }
    assert client.get("/api/find?text=" + "x" * 300).status_code == 400


def test_to_count_what_is_to_be_reviewed_leaves_questions_behind(
    client: TestClient, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.get("/api/next?count=3")
    image = client.get("/api/find?text=jpg").json()["items"][0]["image"]
    found = {"image": image, "class_id": "c", "suggested": "d", "reason": "suspect", "words": "why"}
    monkeypatch.setattr("swither.project.review.review_queue", lambda _: [found])
    before = workspace.project.store.changes()
    assert client.get("/api/review?tally=1").json() == {"items": [], "total": 1}
    assert workspace.project.store.changes() == before
    assert client.get("/api/review").json()["items"][0]["suggested"] == "d"


def test_searching_leaves_the_queue_as_it_is(client: TestClient) -> None:
    client.get("/api/next?count=12")
    for _ in range(3):
        client.get("/api/find?text=jpg")
    assert len(client.get("/api/next?count=12").json()["items"]) == 12


def test_before_a_training_grid_and_review_are_empty_and_not_broken(client: TestClient) -> None:
    assert client.get("/api/grid").json() == {"class_id": None, "items": []}
    assert client.get("/api/grid?class_id=unknown").json()["items"] == []
    assert client.get("/api/review").json() == {"items": []}


def test_before_embeddings_nothing_is_similar(client: TestClient) -> None:
    image = client.get("/api/next?count=1").json()["items"][0]["image"]
    assert client.get(f"/api/similar?image={image}").json()["items"] == []
    assert client.get("/api/similar?image=unknown").status_code in (200, 400, 404)


def test_a_found_image_brings_its_label(client: TestClient, send: Callable[..., Any], workspace: Workspace) -> None:
    item = client.get("/api/next?count=1").json()["items"][0]
    send(
        {"kind": "class_added", "class_id": "c", "text": "cat"},
        {"kind": "labelled", "image": item["image"], "class_id": "c", "query": item["token"]},
    )
    found = client.get("/api/find", params={"text": item["name"]}).json()["items"][0]
    assert found["label"] == "c"
    (question,) = workspace.project.store.questions([found["token"]]).values()
    assert question.source == "search"


def test_what_the_page_still_has_is_kept_for_it_without_asking_for_more(
    client: TestClient, workspace: Workspace
) -> None:
    token = client.get("/api/next?count=1").json()["items"][0]["token"]
    store = workspace.project.store
    before = store.questions([token])[token].until
    assert client.get(f"/api/next?count=0&have={token}").json()["items"] == []
    assert store.questions([token])[token].until > before
    assert len(store.open_questions(now())) == 1
