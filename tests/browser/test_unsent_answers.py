"""Answers that the server does not have are kept for their own project, whatever answers at its address meanwhile."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

OURS = {"Content-Type": "application/json", "X-Swither": "1"}


def answering(status: int, body: str) -> Callable[[Any], None]:
    """What a program that is not swither answers to everything."""
    return lambda route: route.fulfill(status=status, body=body)


@pytest.mark.timeout(300)
def test_answers_for_one_project_are_kept_while_another_is_served_at_its_address(
    serve: Callable[..., Any],
    photographs: Callable[..., Path],
    draw: Callable[..., Path],
    tmp_path: Path,
    annotator: Any,
    stored: Callable[[Path], dict[str, str]],
) -> None:
    folder, other = photographs(40, 96), draw(tmp_path / "other photographs", 10, 96)
    served, page = serve(folder, worker=False), annotator.page
    port = int(served.url.rsplit(":", 1)[1])
    annotator.open(served.url)
    annotator.add_classes("disc", "stripes")
    for _ in range(3):
        annotator.label()
    annotator.wait_until_sent()
    annotator.wait("document.getElementById('done').textContent === '3 labelled'")
    annotator.wait_for_images(5)
    served.kill()
    for _ in range(3):
        annotator.label()
    page.wait_for_selector("#connection[data-kind=lost]")
    annotator.wait("document.getElementById('done').textContent === '3 labelled, 3 unsent'")

    elsewhere = serve(other, port=port, worker=False)
    page.wait_for_selector("#elsewhere[open]")
    words = page.locator("#elsewhere").inner_text()
    assert "“other photographs” is labelled at this address now" in words
    assert f"3 answers for {folder} are kept" in words
    for key in ("Escape", "Escape", "1", "u"):  # behind it nothing is said any more
        page.keyboard.press(key)
    page.wait_for_selector("#elsewhere[open]")
    kept = "Object.keys(localStorage).filter((key) => key.startsWith('swither.unsent.')).length"
    page.wait_for_timeout(1500)
    assert page.evaluate(kept) == 3
    assert elsewhere.get("/api/state")["classes"] == []
    elsewhere.stop()

    serve(folder, port=port, worker=False)
    page.click("#elsewhere-open")
    page.wait_for_selector("body[data-ready]")
    annotator.wait_until_sent()
    assert stored(folder) == annotator.said
    assert annotator.complaints == []


@pytest.mark.timeout(300)
def test_what_is_refused_or_met_by_another_program_stays_in_the_browser(
    serve: Callable[..., Any], photographs: Callable[..., Path], annotator: Any, stored: Callable[..., dict[str, str]]
) -> None:
    folder = photographs(30, 96)
    served, page = serve(folder, worker=False), annotator.page
    annotator.open(served.url)
    annotator.add_classes("disc", "stripes")
    annotator.label()
    annotator.wait_until_sent()

    # Another program at the address: nothing that it says makes the page let go.
    html, error = "<h1>404</h1>", json.dumps({"error": "unknown route"})
    for status, body in ((404, html), (200, html), (400, error), (405, error), (409, error), (421, error)):
        page.route("**/api/events", answering(status, body))
        annotator.label()
        page.wait_for_selector("#connection[data-kind=lost]")
        assert "Another program answers" in page.locator("#connection-words").inner_text()
        page.unroute("**/api/events")
        page.reload()
        page.wait_for_selector("body[data-ready]")
        page.keyboard.press("Escape")
        annotator.wait_until_sent()
        page.wait_for_selector("#connection", state="hidden")
        assert stored(folder) == annotator.said, (status, body)

    # A refusal of ours is kept beside the others, also when the page is loaded again, until somebody decides.
    def refuse(route: Any) -> None:
        events = json.loads(route.request.post_data)["events"]
        refused = [{"event": event["event"], "error": "There is no such image."} for event in events]
        route.fulfill(headers=OURS, body=json.dumps({"stored": [], "repeated": [], "refused": refused}))

    page.route("**/api/events", refuse)
    annotator.label()
    page.wait_for_selector("#connection[data-kind=bad]")
    page.reload()
    page.wait_for_selector("#connection[data-kind=bad]")
    assert "1 answer refused: There is no such image." in page.locator("#connection-words").inner_text()
    page.unroute("**/api/events")
    page.click("#connection-again")
    annotator.wait_until_sent()
    page.wait_for_selector("#connection", state="hidden")
    assert stored(folder) == annotator.said
    page.reload()
    page.wait_for_selector("body[data-ready]")
    assert page.locator("#connection").is_hidden()
    assert annotator.complaints == []


def test_only_whole_answers_of_the_same_project_are_taken_up_again(
    serve: Callable[..., Any], photographs: Callable[..., Path], annotator: Any
) -> None:
    page = annotator.open(serve(photographs(6, 96), worker=False).url).page
    time = "0" * 15 + ".00000000"
    kept = {
        f"swither.unsent.photos.{time}.a": '{"event": "a", "kind": "skipped"',  # cut off
        f"swither.unsent.photos.{time}.b": "null",
        f"swither.unsent.photos.{time}.c": '{"event": "c", "kind": "skipped"}',
        f"swither.unsent.photos.old.{time}.d": '{"event": "d", "kind": "skipped"}',
        f"swither.unsent.photos2.{time}.e": '{"event": "e", "kind": "skipped"}',
    }
    unsent = page.evaluate(
        "async (kept) => { const { Outbox } = await import('/static/outbox.js');"
        " const storage = Object.assign(Object.create({ getItem(k) { return this[k]; }, setItem(k, v) { this[k] = v; },"
        " removeItem(k) { delete this[k]; } }), kept);"
        " const box = new Outbox('photos', storage);"
        " return [box.unsent.map((event) => event.event), box.kept, Object.keys(storage).length]; }",
        kept,
    )
    assert unsent == [["c"], True, 5]
