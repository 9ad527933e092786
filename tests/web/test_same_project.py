"""What is for another project is neither answered nor stored; whoever asks which one it is gets an answer."""

from __future__ import annotations

from pathlib import Path

from starlette.testclient import TestClient

from swither.project.project import Project
from swither.web.app import make_app
from swither.web.workspace import Workspace

ADDED = {"event": "e1", "kind": "class_added", "at": "2026-03-01T12:00:00Z", "class_id": "c", "text": "cat"}


def test_events_of_another_project_are_not_stored(client: TestClient, workspace: Workspace) -> None:
    for named, status in (("0" * 32, 409), ("", 409), (workspace.identity, 200)):
        answer = client.post("/api/events", json={"events": [ADDED]}, headers={"X-Swither-Project": named})
        assert answer.status_code == status
        assert len(workspace.project.store.events()) == (status == 200)
        if status == 409:
            assert "photographs" in answer.json()["error"]


def test_the_page_of_another_project_is_given_no_images_and_may_ask_which_project_it_is(
    client: TestClient, workspace: Workspace
) -> None:
    other = {"X-Swither-Project": "0" * 32}
    assert client.get("/api/next", headers=other).status_code == 409
    assert client.post("/api/train", json={}, headers=other).status_code == 409
    assert not workspace.project.store.jobs()
    assert client.get("/api/state", headers=other).json()["project"]["id"] == workspace.identity


def test_a_project_keeps_its_id_through_restarts_and_shares_it_with_no_other(
    client: TestClient, workspace: Workspace, tmp_path: Path
) -> None:
    first = client.get("/api/state").json()["project"]["id"]
    (tmp_path / "other").mkdir()
    again = Workspace(Project.open(workspace.project.folder))
    other = Workspace(Project.create(tmp_path / "other"))
    try:
        headers = {"X-Swither": "1"}
        with TestClient(make_app(other), base_url="http://127.0.0.1:8421", headers=headers) as opened:
            assert opened.get("/api/state").json()["project"]["id"] != first
        assert again.identity == first
    finally:
        again.close()
        other.close()


def test_every_answer_is_known_to_be_ours(client: TestClient) -> None:
    for path in ("/", "/api/state", "/nothing", "/static/page.js"):
        assert client.get(path).headers["x-swither"] == "1"
    assert client.post("/api/events", content=b"{", headers={"Host": "elsewhere"}).headers["x-swither"] == "1"
