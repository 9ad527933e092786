"""What is said of an image and of the trainings is what is stored."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.testclient import TestClient

from swither.project.clock import now
from swither.project.records import Cycle
from swither.web.explanations import point_of
from swither.web.workspace import Workspace


def publish(workspace: Workspace, labelled: int, facts: dict[str, Any]) -> None:
    """A finished training."""
    store = workspace.project.store
    store.request_job("cycle", now())
    job = store.take_job("worker", now(), now(30))
    assert job is not None
    assert store.publish(Cycle(job.number, 0, 0, labelled, ("c",), (), None, facts, now()), "worker")


def test_before_a_training_why_says_so_in_words(client: TestClient) -> None:
    image = client.get("/api/next?count=1").json()["items"][0]["image"]
    answer = client.get(f"/api/why/{image}").json()
    assert answer["words"]
    assert answer["epochs"] == []
    assert client.get("/api/why/" + "f" * 32).status_code == 404


def test_the_history_of_an_image_holds_what_was_undone_and_not_which_queue_it_came_from(
    client: TestClient, send: Callable[..., Any]
) -> None:
    item = client.get("/api/next?count=1").json()["items"][0]
    label = {"kind": "labelled", "image": item["image"], "class_id": "c", "query": item["token"]}
    send({"kind": "class_added", "class_id": "c", "text": "cat"}, label, {"kind": "undone", "undoes": "e2"})
    send({"kind": "class_renamed", "class_id": "c", "text": "lynx"})
    events = client.get(f"/api/image/{item['image']}/events").json()["events"]
    assert [(event["kind"], event["class_name"], event["by"]) for event in events] == [
        ("labelled", "lynx", "Ailsa"),
        ("undone", None, "Ailsa"),
    ]
    assert not any("query" in event for event in events)
    assert client.get("/api/image/unknown/events").json() == {"events": []}


def test_the_curve_has_a_point_for_each_training_and_no_accuracy_that_was_not_measured() -> None:
    accuracy = {"right": 3, "counted": 4, "low": 0.3, "high": 0.95}
    facts = {"accuracy": accuracy, "dispersion": 0.2}
    measured = point_of(Cycle(1, 0, 5, 20, ("a",), (), "key", facts, number=2))
    assert (measured["accuracy"], measured["low"], measured["high"], measured["counted"]) == (0.75, 0.3, 0.95, 4)
    unmeasured = point_of(Cycle(1, 0, 5, 20, (), (), None, {"accuracy": None}, number=1))
    assert (unmeasured["accuracy"], unmeasured["low"], unmeasured["counted"]) == (None, None, 0)


def test_the_curve_marks_trainings_on_labels_that_were_taken_back(client: TestClient, workspace: Workspace) -> None:
    for number, labelled in enumerate((14, 56, 45)):
        publish(workspace, labelled, {"accuracy": {"right": number, "counted": 4, "low": 0.0, "high": 1.0}})
    points = client.get("/api/curve").json()["cycles"]
    assert [(point["labelled"], point["superseded"]) for point in points] == [(14, False), (56, True), (45, False)]


def test_before_a_training_the_curve_is_empty(client: TestClient) -> None:
    assert client.get("/api/curve").json() == {"cycles": []}
