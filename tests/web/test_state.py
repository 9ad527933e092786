"""The state says what is stored: classes with their keys, counts, the job, the training and what it measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from starlette.testclient import TestClient

from swither.project.clock import now
from swither.project.due import reason_for_cycle
from swither.project.indexing import NOTE as INDEXING
from swither.project.notes import WALKED
from swither.project.records import Cycle, Job
from swither.web.state import cycle_of, job_of
from swither.web.workspace import Workspace

PARTS = {
    "project",
    "by",
    "classes",
    "counts",
    "indexing",
    "job",
    "cycle",
    "first_training",
    "advice",
    "pace",
    "model",
    "version",
    "swither",
}
ACCURACY = {"right": 8, "counted": 10, "low": 0.49, "high": 0.94}


def test_a_new_project_has_every_part(client: TestClient, workspace: Workspace) -> None:
    state = client.get("/api/state").json()
    assert set(state) == PARTS
    assert state["by"] == "Ailsa"
    assert state["project"]["name"] == "photographs"
    assert (state["classes"], state["job"], state["cycle"]) == ([], None, None)
    assert state["advice"]["words"]
    assert state["pace"] == {"per_minute": None, "seconds_left": None}


def test_counts_and_classes_follow_the_answers(
    client: TestClient, send: Callable[..., Any], workspace: Workspace
) -> None:
    items = client.get("/api/next?count=12").json()["items"]
    workspace.files_and_images._good_until = 0.0
    assert client.get("/api/state").json()["counts"] == {
        "files": 12, "images": 12, "labelled": 0, "declined": 0, "left": 12,
    }  # fmt: skip
    send(
        {"kind": "class_added", "class_id": "c", "text": "cat"},
        {"kind": "class_added", "class_id": "d", "text": "dog"},
        {"kind": "labelled", "image": items[0]["image"], "class_id": "c", "seconds": 1},
        {"kind": "labelled", "image": items[1]["image"], "class_id": "d", "seconds": 1},
        {"kind": "declined", "image": items[2]["image"], "text": "cannot tell", "seconds": 1},
        {"kind": "skipped", "image": items[3]["image"]},
        {"kind": "class_merged", "class_id": "d", "into": "c"},
    )
    state = client.get("/api/state").json()
    assert state["counts"]["labelled"] == 2
    assert state["counts"]["declined"] == 1
    assert state["counts"]["left"] == 9
    assert state["classes"] == [
        {"id": "c", "name": "cat", "key": "1", "labels": 2, "merged_into": None},
        {"id": "d", "name": "dog", "key": "2", "labels": 0, "merged_into": "c"},
    ]


def test_it_says_what_the_first_training_waits_for(
    client: TestClient, send: Callable[..., Any], workspace: Workspace
) -> None:
    def waits() -> Any:
        return client.get("/api/state").json()["first_training"]

    assert waits() == {"labels": 20, "classes": 2}
    workspace.project.change(retrain_after=4)
    items = client.get("/api/next?count=12").json()["items"]
    held = workspace.project.store.held_out()
    asked = [item["image"] for item in items if item["image"] not in held]
    send(
        {"kind": "class_added", "class_id": "c", "text": "cat"},
        {"kind": "class_added", "class_id": "d", "text": "dog"},
        *({"kind": "labelled", "image": image, "class_id": "d"} for image in held),
        {"kind": "labelled", "image": asked[0], "class_id": "c"},
    )
    assert waits() == {"labels": 3, "classes": 1}, "a label of a test image was counted"
    send(
        {"kind": "labelled", "image": asked[1], "class_id": "c"},
        {"kind": "declined", "image": asked[2], "text": "cannot tell"},
        {"kind": "labelled", "image": asked[3], "class_id": "c"},
    )
    assert waits() == {"labels": 0, "classes": 1}
    assert reason_for_cycle(workspace.project) is None
    send({"kind": "labelled", "image": asked[3], "class_id": "d"})
    assert waits() == {"labels": 0, "classes": 0}
    workspace.project.store.set_note(WALKED, "")
    workspace.project.store.set_note(INDEXING, {"running": False})  # nothing is embedded, and nothing will be
    assert reason_for_cycle(workspace.project) == "4 images were answered since"


def test_labels_of_images_that_are_gone_take_nothing_from_what_is_left(
    client: TestClient, send: Callable[..., Any], workspace: Workspace
) -> None:
    items = client.get("/api/next?count=3").json()["items"]
    send({"kind": "class_added", "class_id": "c", "text": "cat"})
    for item in items:
        send({"kind": "labelled", "image": item["image"], "class_id": "c"})
    store = workspace.project.store
    store.put_files([replace(file, present=False) for file in store.files_of(items[0]["image"])])
    for remembered in (workspace.files_and_images, workspace.gone):
        remembered._good_until = 0.0
    counts = client.get("/api/state").json()["counts"]
    assert (counts["images"], counts["labelled"], counts["left"]) == (11, 3, 9)


def test_every_write_is_another_version(client: TestClient, send: Callable[..., Any]) -> None:
    before = client.get("/api/state").json()["version"]
    assert client.get("/api/state").json()["version"] == before
    send({"kind": "class_added", "class_id": "c", "text": "cat"})
    assert client.get("/api/state").json()["version"] > before


def test_a_name_is_kept_for_what_comes_after_it(
    client: TestClient, send: Callable[..., Any], workspace: Workspace
) -> None:
    assert client.post("/api/name", json={"name": " Iain Mòr "}).json() == {"by": "Iain Mòr"}
    assert client.get("/api/state").json()["by"] == "Iain Mòr"
    send({"kind": "class_added", "class_id": "c", "text": "cat"})
    assert workspace.project.store.events()[-1].by == "Iain Mòr"
    assert client.post("/api/name", json={"name": ""}).status_code == 400


def test_the_button_asks_for_one_training(client: TestClient, workspace: Workspace) -> None:
    first, second = (client.post("/api/train", json={}).json() for _ in range(2))
    assert first == second
    assert client.get("/api/state").json()["job"]["state"] == "waiting"
    assert len(workspace.project.store.jobs()) == 1


def test_labels_ask_for_a_training_by_themselves(
    client: TestClient, send: Callable[..., Any], workspace: Workspace
) -> None:
    workspace.project.change(retrain_after=4)
    items = [item for _ in range(1) for item in client.get("/api/next?count=12").json()["items"]]
    workspace.project.store.set_note(WALKED, "")
    workspace.project.store.set_note(INDEXING, {"running": False})
    send({"kind": "class_added", "class_id": "c", "text": "c"}, {"kind": "class_added", "class_id": "d", "text": "d"})
    for place, item in enumerate(items):
        send({"kind": "labelled", "image": item["image"], "class_id": "cd"[place % 2], "query": item["token"]})
    workspace._background.submit(lambda: None).result()
    assert [job.kind for job in workspace.project.store.jobs()] == ["cycle"]


def test_the_job_is_told_as_people_read_it() -> None:
    job = Job(3, "cycle", "running", progress={"what": "training", "done": 2, "of": 9})
    assert job_of((job,)) == {"number": 3, "state": "running", "what": "training", "done": 2, "of": 9, "error": None}
    assert (job_of((Job(3, "cycle", "failed", error="no disk"),)) or {})["error"] == "no disk"
    assert job_of(()) is None


def test_an_accuracy_stands_only_beside_the_training_that_it_is_of() -> None:
    cycle = Cycle(1, 0, 5, 20, ("c",), (), "key", {"accuracy": None}, now(), number=2)
    assert (cycle_of((cycle,), 2, ACCURACY) or {})["accuracy"] == ACCURACY
    assert (cycle_of((cycle,), 1, ACCURACY) or {})["accuracy"] is None
    assert cycle_of((), 0, None) is None


@pytest.mark.parametrize(
    "path", ["/nothing", "/api/nothing", "/static/nothing.js", "/images/x", "/docs", "/openapi.json"]
)
def test_what_is_not_there_is_answered_in_words(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert set(answer.json()) == {"error"}


def test_a_wrong_method_is_answered_in_words(client: TestClient) -> None:
    answer = client.get("/api/train")
    assert answer.status_code == 405
    assert set(answer.json()) == {"error"}


def test_an_error_that_nobody_expected_is_words_to_the_page_and_a_traceback_to_the_terminal(
    client: TestClient, workspace: Workspace, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> int:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(workspace.project.store, "changes", broken)
    answer = client.get("/api/state")
    assert answer.status_code == 500
    assert set(answer.json()) == {"error"}
    assert "secret" not in answer.text
    assert "secret detail" in caplog.text
