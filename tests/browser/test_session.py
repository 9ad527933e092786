"""A whole session in a browser: start, classes, labels, a lost connection, a training, review, grid, report."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow


def test_a_session_from_an_empty_project_to_a_report(
    serve: Callable[..., Any],
    photographs: Callable[..., Path],
    annotator: Any,
    context: Any,
    stored: Callable[[Path], dict[str, str]],
) -> None:
    folder = photographs(260, 160)
    served, page = serve(folder), annotator.page
    annotator.open(served.url)
    annotator.add_classes("disc", "stripes")
    for _ in range(10):
        annotator.label()

    # A wrong key, taken back: the same image is shown again, and only the second answer stands.
    wrong = annotator.name()
    annotator.label("2" if wrong.startswith("disc") else "1")
    page.keyboard.press("u")
    assert annotator.name() == wrong
    annotator.label()

    # The connection goes; labelling does not.
    annotator.wait_until_sent()
    annotator.wait_for_images(9)
    before = len(annotator.said)
    context.set_offline(True)
    for _ in range(8):
        annotator.label()
    page.wait_for_selector("#connection[data-kind=lost]")
    assert annotator.unsent() == 8
    assert "8 answers are kept in this browser" in page.locator("#connection").inner_text()
    context.set_offline(False)
    annotator.wait_until_sent()
    page.wait_for_selector("#connection", state="hidden")
    assert len(annotator.said) == before + 8

    for _ in range(30):
        annotator.label()
    annotator.wait_until_sent()
    assert stored(folder) == annotator.said

    # Both classes have labels: with the folder read, a training says how good it is, always with its interval.
    annotator.wait("document.getElementById('reading-bar').hidden")
    annotator.wait("document.getElementById('training-bar').hidden", 150)
    if page.locator("#accuracy-number").is_hidden():  # the first one came before there were embeddings
        page.click("#train")
    page.wait_for_selector("#accuracy-number:not([hidden])", timeout=150_000)
    assert "%" in page.locator("#accuracy-value").inner_text()
    assert " to " in page.locator("#accuracy-interval").inner_text()
    page.keyboard.press("w")
    annotator.wait("document.getElementById('why-body').textContent.length > 20")
    if not page.locator("#why-body svg.timeline").count():  # embedded after the training: told with the next
        annotator.wait("!document.getElementById('train').disabled", 150)
        page.click("#train")
    page.wait_for_selector("#why-body svg.timeline", timeout=150_000)
    assert "recorded epoch" in str(page.locator("#why-body svg").get_attribute("aria-label"))

    # The grid: all are taken for what the model says; one is left out, the rest confirmed with one key.
    page.keyboard.press("g")
    page.wait_for_selector("#grid-cells .cell")
    cells = page.locator("#grid-cells .cell").count()
    shown = page.locator("#grid-cells .cell.in").count()
    assert cells == shown > 1
    page.keyboard.press("ArrowRight")
    page.keyboard.press(" ")
    assert page.locator("#grid-cells .cell.in").count() == cells - 1
    total = len(stored(folder))
    page.keyboard.press("Enter")
    annotator.wait_until_sent()
    assert len(stored(folder)) == total + cells - 1
    page.keyboard.press("u")  # one step back for all of them
    annotator.wait_until_sent()
    assert stored(folder) == annotator.said

    # More like this one, and back.
    page.keyboard.press("Escape")
    annotator.name()
    page.keyboard.press("l")
    page.wait_for_selector("#grid-cells.picking .cell")
    page.keyboard.press("Escape")

    # A class that comes late; the review says in words why an image stands there, and one key answers.
    page.keyboard.press("+")
    page.keyboard.type("something else")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    page.wait_for_selector("#mode-review[aria-pressed=true]")
    page.keyboard.press("Escape")

    page.goto(f"{served.url}/report")
    assert "disc" in page.locator("body").inner_text()
    assert annotator.complaints == []
    assert annotator.hosts == {served.url.split("//")[1]}
