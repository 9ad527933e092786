"""The report says what was stored, and nothing that somebody typed becomes markup."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.testclient import TestClient

from swither.project.clock import now
from swither.project.records import Cycle
from swither.web.workspace import Workspace

EVIL = '<script>alert("1")</script>'


def publish(workspace: Workspace, labelled: int, facts: dict[str, Any]) -> None:
    """A finished training."""
    store = workspace.project.store
    store.request_job("cycle", now())
    job = store.take_job("worker", now(), now(30))
    assert job is not None
    events = workspace.project.ledger().sequence
    assert store.publish(Cycle(job.number, 0, events, labelled, ("c",), (), None, facts, now()), "worker")


def test_an_empty_project_has_a_report_that_says_so(client: TestClient) -> None:
    answer = client.get("/report")
    assert answer.status_code == 200
    assert "No accuracy has been measured yet" in answer.text
    assert "<svg" not in answer.text


def test_it_shows_the_curve_the_classes_the_work_and_the_decisions(
    client: TestClient, send: Callable[..., Any], workspace: Workspace
) -> None:
    items = client.get("/api/next?count=3").json()["items"]
    send(
        {"kind": "class_added", "class_id": "c", "text": EVIL},
        {"kind": "labelled", "image": items[0]["image"], "class_id": "c", "seconds": 1.5},
        {"kind": "labelled", "image": items[0]["image"], "class_id": "c", "seconds": 2.5},
        {"kind": "declined", "image": items[1]["image"], "text": "cannot tell", "seconds": 2},
        {"kind": "undone", "undoes": "e3"},
        {"kind": "class_renamed", "class_id": "c", "text": "wild cat"},
    )
    for labelled, right in ((20, 5), (40, 9)):
        accuracy = {"right": right, "counted": 10, "low": 0.2, "high": 0.95, "left_out": 0}
        accuracy["per_class"] = [{"class_id": "c", "right": right, "counted": 10}]  # type: ignore[assignment]
        publish(workspace, labelled, {"accuracy": accuracy, "acquisition": "dispersion", "changing": 0.25})
    workspace.tested._good_until = 0.0
    page = client.get("/report").text
    assert EVIL not in page
    assert "&lt;script&gt;" in page
    assert "wild cat" in page
    assert "90\u00a0% (20 to 95; 9 of 10)" in page
    assert page.count('class="point"') == 2
    assert "declined: cannot tell" in page
    assert "labels changed later" in page
    assert "Ailsa" in page
    assert "style=" not in page, "the policy allows no inline style"
    assert "http" not in page.replace("http://www.w3.org", ""), "nothing is asked of anybody else"
