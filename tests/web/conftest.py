"""A small folder of images, a project on it, and a client of the page's interface."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from starlette.testclient import TestClient

from swither.project.project import Project
from swither.web.app import make_app
from swither.web.workspace import Workspace

SIZE = (64, 48)


@pytest.fixture
def photographs(tmp_path: Path) -> Path:
    """Twelve different JPEG files, in two folders."""
    folder = tmp_path / "photographs"
    generator = np.random.default_rng(0)
    for number in range(12):
        place = folder / ("early" if number < 6 else "late")
        place.mkdir(parents=True, exist_ok=True)
        coarse = generator.integers(0, 255, (6, 8, 3), dtype=np.uint8)
        Image.fromarray(coarse).resize(SIZE, Image.Resampling.NEAREST).save(place / f"{number:03}.jpg")
    return folder


@pytest.fixture
def workspace(photographs: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    """The project behind the client; no worker is started."""
    monkeypatch.setattr("swither.web.training.start_worker", lambda project: None)
    found = Workspace(Project.open_or_create(photographs), "Ailsa")
    yield found
    found.close()


@pytest.fixture
def client(workspace: Workspace) -> Iterator[TestClient]:
    """A browser that has opened the page."""
    headers = {"X-Swither": "1", "Sec-Fetch-Site": "same-origin"}
    with TestClient(make_app(workspace), base_url="http://127.0.0.1:8421", headers=headers) as opened:
        yield opened


@pytest.fixture
def send(client: TestClient) -> Callable[..., dict[str, Any]]:
    """Send events, each given as kind and values; an id and a time are made where they are not given."""
    sent = 0

    def post(*events: dict[str, Any]) -> dict[str, Any]:
        nonlocal sent
        whole = []
        for event in events:
            sent += 1
            whole.append({"event": f"e{sent}", "at": f"2026-03-01T12:00:{sent % 60:02d}.000Z", **event})
        answer = client.post("/api/events", json={"events": whole})
        assert answer.status_code == 200, answer.text
        value: dict[str, Any] = answer.json()
        return value

    return post
