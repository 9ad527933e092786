"""A real server: quick to begin, without torch, and what it acknowledged survives its death."""

from __future__ import annotations

import ipaddress
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from swither.errors import InputError
from swither.project.project import Project
from swither.web.server import DEFAULT_PORT, address, address_in_figures, listen, served_at


def test_neither_the_server_nor_the_first_image_imports_torch(photographs: Path) -> None:
    program = f"""
import sys
from starlette.testclient import TestClient
from swither.project.project import Project
from swither.web.app import make_app
from swither.web.server import serve
from swither.web.workspace import Workspace
import swither.cli.app, swither.cli.label
swither.cli.app.make_app()
workspace = Workspace(Project.open_or_create({str(photographs)!r}))
with TestClient(make_app(workspace), base_url="http://localhost", headers={{"X-Swither": "1"}}) as client:
    item = client.get("/api/next").json()["items"][0]
    assert client.get(item["preview"]).status_code == 200
    assert client.get("/api/state").status_code == 200
    assert client.get("/report").status_code == 200
    event = dict(event="e", kind="skipped", at="2026-03-01T12:00:00Z", image=item["image"])
    assert client.post("/api/events", json=dict(events=[event])).json()["stored"] == ["e"]
heavy = [name for name in ("torch", "matplotlib", "sklearn", "pyarrow", "pandas") if name in sys.modules]
assert not heavy, heavy
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=120)


def test_a_taken_port_is_passed_over_unless_it_was_asked_for() -> None:
    with listen("127.0.0.1", None) as first, listen("127.0.0.1", None) as second:
        ports = [one.getsockname()[1] for one in (first, second)]
        assert ports[0] != ports[1]
        assert all(DEFAULT_PORT <= port < DEFAULT_PORT + 100 for port in ports)
        with pytest.raises(InputError, match="--port"):
            listen("127.0.0.1", ports[0])


def test_an_address_that_is_not_of_this_machine_is_refused_in_words() -> None:
    with pytest.raises(InputError, match="Cannot listen"):
        listen("203.0.113.7", 0)


def test_the_printed_address_can_be_opened() -> None:
    assert address("127.0.0.1", 80, None) == "http://127.0.0.1:80/"
    assert address("::1", 80, None) == "http://[::1]:80/"
    assert address("0.0.0.0", 80, "a/b") == f"http://{socket.gethostname()}:80/?token=a%2Fb"


def test_an_address_of_all_is_printed_in_figures_too_and_any_other_once() -> None:
    assert address_in_figures("127.0.0.1", 80, None) is None
    assert address_in_figures("192.168.0.7", 80, "x") is None
    figures = address_in_figures("0.0.0.0", 80, "a/b")  # None in no network
    if figures is not None:
        host, _, query = figures.removeprefix("http://").partition(":80/")
        assert not ipaddress.ip_address(host).is_loopback
        assert query == "?token=a%2Fb"


def test_the_note_for_a_second_server_holds_no_token_and_an_address_that_this_machine_reaches() -> None:
    with listen("0.0.0.0", 0) as listening:
        served = served_at(listening, "0.0.0.0")
        assert "token" not in served.url
        assert socket.gethostname() in served.url
        assert served.host == "127.0.0.1"
        assert served.answers()


def test_labels_acknowledged_before_a_kill_are_there_and_those_on_their_way_are_whole(
    photographs: Path, serve: Callable[..., Any]
) -> None:
    served = serve(photographs, worker=False)
    image = served.get("/api/next?count=1")["items"][0]["image"]
    at = "2026-03-01T12:00:00Z"
    added = {"event": "c", "kind": "class_added", "at": at, "class_id": "cat", "text": "cat"}
    assert served.post("/api/events", {"events": [added]})["stored"] == ["c"]
    acknowledged: list[str] = []

    def label() -> None:
        for number in range(10_000):
            event = {"event": f"e{number}", "kind": "labelled", "at": at, "image": image, "class_id": "cat"}
            try:
                acknowledged.extend(served.post("/api/events", {"events": [event]})["stored"])
            except (urllib.error.URLError, ConnectionError, OSError):
                return

    labelling = threading.Thread(target=label)
    labelling.start()
    while len(acknowledged) < 20:
        time.sleep(0.01)
    served.kill()
    labelling.join(timeout=30)
    with Project.open(photographs) as project:
        stored = [event.event for event in project.store.events()]
    assert stored[: len(acknowledged) + 1] == ["c", *acknowledged]
    assert len(stored) <= len(acknowledged) + 2, "at most the one that was on its way"
    again = serve(photographs, worker=False)
    assert again.get("/api/state")["counts"]["labelled"] == 1


def test_stopped_with_an_open_stream_it_ends_soon_and_says_what_is_stored(
    photographs: Path, serve: Callable[..., Any]
) -> None:
    served = serve(photographs, worker=False)
    heard: list[bytes] = []
    stream = threading.Thread(target=lambda: heard.append(served.bytes("/api/stream")), daemon=True)
    stream.start()
    time.sleep(1)
    begun = time.monotonic()
    said = served.stop()
    assert time.monotonic() - begun < 15
    assert served.process.returncode == 0
    assert "Stopped. 0 images labelled" in said
    assert "Traceback" not in said
    stream.join(timeout=10)
    assert b"event: state" in heard[0], "a stream is ended in order, not cut off"


def test_elsewhere_than_on_loopback_it_prints_a_token_and_refuses_without_it(
    photographs: Path, serve: Callable[..., Any]
) -> None:
    served = serve(photographs, "--host", "0.0.0.0", worker=False)
    said = "\n".join(served.lines)
    token = said.partition("?token=")[2].split()[0]
    port = served.url.rpartition(":")[2]
    served.url = f"http://127.0.0.1:{port}"
    with pytest.raises(urllib.error.HTTPError) as refused:
        served.get("/api/state")
    assert refused.value.code == 401
    refused.value.close()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    with browser.open(f"{served.url}/?token={token}", timeout=30) as page:
        assert page.url == f"{served.url}/"
    with browser.open(f"{served.url}/api/state", timeout=30) as state:
        assert state.status == 200


def test_two_servers_of_one_project_share_its_labels(photographs: Path, serve: Callable[..., Any]) -> None:
    first, second = serve(photographs, worker=False), serve(photographs, worker=False)
    added = {"event": "c", "kind": "class_added", "at": "2026-03-01T12:00:00Z", "class_id": "cat", "text": "cat"}
    first.post("/api/events", {"events": [added]})
    assert [one["name"] for one in second.get("/api/state")["classes"]] == ["cat"]
    assert second.post("/api/events", {"events": [added]})["repeated"] == ["c"]
