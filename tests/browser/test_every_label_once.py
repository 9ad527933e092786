"""Every label is stored exactly once, at speed, and through deaths of the server and the worker."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow


@pytest.mark.timeout(600)
def test_five_hundred_labels_at_five_a_second_are_stored_once_each(
    serve: Callable[..., Any],
    photographs: Callable[..., Path],
    annotator: Any,
    stored: Callable[[Path], dict[str, str]],
) -> None:
    folder = photographs(520, 96)
    served = serve(folder)
    annotator.open(served.url)
    annotator.add_classes("disc", "stripes")
    due = time.monotonic()
    for _ in range(500):
        annotator.label()
        due = max(due + 0.2, time.monotonic() - 0.2)  # five a second; late ones are not made up for by bursts
        time.sleep(max(0.0, due - time.monotonic()))
    annotator.wait_until_sent()
    assert len(annotator.said) == 500
    assert stored(folder) == annotator.said
    assert annotator.complaints == []


@pytest.mark.timeout(600)
def test_nothing_is_lost_or_doubled_when_server_and_worker_are_killed_while_labelling(
    serve: Callable[..., Any],
    photographs: Callable[..., Path],
    annotator: Any,
    another_page: Callable[[], Any],
    stored: Callable[[Path], dict[str, str]],
    kill_worker: Callable[[Path], bool],
) -> None:
    folder = photographs(200, 96)
    served = serve(folder)
    port = int(served.url.rsplit(":", 1)[1])
    annotator.open(served.url)
    annotator.add_classes("disc", "stripes")
    for turn in range(3):
        for number in range(25):
            annotator.label()
            if number == 12:
                annotator.wait_for_images(10)
                kill_worker(folder)
                served.kill()
            if number == 20:  # images at hand went on being labelled; now it comes back at the same address
                served = serve(folder, port=port)
        if turn == 1:  # closed and opened again while answers wait: they were kept in the browser
            annotator.wait_for_images(3)
            served.kill()
            annotator.label()
            annotator.label()
            annotator.wait("Number(document.getElementById('connection').dataset.unsent) >= 2")
            annotator.page.close()
            served = serve(folder, port=port)
            said = annotator.said
            annotator = another_page()
            annotator.said = said
            annotator.open(served.url)
    annotator.wait_until_sent()
    assert len(annotator.said) == 77
    assert stored(folder) == annotator.said
    annotator.page.wait_for_selector("#accuracy-number:not([hidden])", timeout=150_000)
    assert annotator.complaints == []
