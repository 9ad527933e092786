"""Review, search and what is shown beside an image, with the server's word on them put in its mouth."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

OURS = {"Content-Type": "application/json", "X-Swither": "1"}


def test_review_search_copies_and_the_timeline(
    serve: Callable[..., Any],
    photographs: Callable[..., Path],
    annotator: Any,
    another_page: Callable[[], Any],
    stored: Callable[[Path], dict[str, str]],
) -> None:
    folder = photographs(16, 96)
    shutil.copy(folder / "roll 0" / "disc-0000.jpg", folder / "disc-again.jpg")
    served, page = serve(folder), annotator.page
    annotator.open(served.url)
    annotator.add_classes("disc", "stripes")
    for _ in range(6):
        annotator.label()
    annotator.wait_until_sent()
    classes = {one["name"]: one["id"] for one in served.get("/api/state")["classes"]}

    # Found by its path, and given another label; then back to the list.
    twice = {"disc-0000.jpg", "disc-again.jpg"}  # found under the first name that was read by then
    name = next(one for one in annotator.said if one not in twice)
    page.click("#mode-find")
    page.keyboard.type(name)
    page.locator("#find-cells .cell", has_text=name).first.click()  # not one found while the name was typed
    annotator.wait("document.getElementById('found-bar').hidden === false")
    assert annotator.name() == name
    annotator.label("2" if annotator.said[name] == "disc" else "1")
    page.wait_for_selector("#find:not([hidden])")
    annotator.wait_until_sent()
    with pytest.raises(AssertionError, match="labelled twice"):
        stored(folder)  # two labels were given, and the last one stands
    assert page.locator("#find-cells .tag").first.text_content() is not None

    # Every image gets an answer; the two files of one image are asked once, and said to be the same.
    page.keyboard.press("Escape")
    page.locator("#find-text").blur()
    page.click("#mode-one")
    while len(annotator.said) < 16:
        annotator.label()
    assert len(twice & annotator.said.keys()) == 1, "two files of one image were asked apart"
    page.wait_for_selector("#nothing:not([hidden])")

    # After a reload the session can still be taken back; what is not said is not known.
    page.wait_for_timeout(600)
    page.reload()
    page.wait_for_selector("body[data-ready]")
    page.keyboard.press("Escape")
    page.keyboard.press("u")
    assert annotator.name() in annotator.said
    annotator.label()
    annotator.wait_until_sent()

    (image,) = {item["image"] for item in served.get("/api/find?text=disc-again")["items"]}
    page.click("#mode-find")
    page.keyboard.type("disc-again")
    page.locator("#find-cells .cell:only-child").click()
    annotator.wait("document.getElementById('copies').textContent === '1 exact copy'")
    assert page.locator("#frame img").get_attribute("data-image") == image

    # Review: the reason in words, one key keeps, one takes the suggestion.
    items = served.get("/api/find?text=stripes")["items"][:2]
    other = {"reason": "suspect", "class_id": classes["stripes"], "suggested": classes["disc"], "words": "Looks odd."}
    answer = json.dumps({"items": [{**item, **other} for item in items]})
    labels = [classes["disc"], classes["stripes"], classes["disc"], classes["disc"]]
    story = {
        "epochs": [1, 2, 3, 4],
        "labels": labels,
        "confidence": [0.5, 0.6, 0.7, 0.9],
        "dispersion": 0.25,
        "nearest": [{"image": items[0]["image"], "class_id": classes["stripes"], "distance": 0.1}],
        "words": "It changed its mind twice.",
    }
    looker = another_page()
    there = looker.page
    there.route("**/api/review*", lambda route: route.fulfill(body=answer, headers=OURS))
    there.route("**/api/why/*", lambda route: route.fulfill(body=json.dumps(story), headers=OURS))
    there.goto(served.url)
    there.wait_for_selector("body[data-ready]")
    there.wait_for_selector("#review-count:not([hidden])")
    assert there.locator("#review-count").text_content() == "2"
    there.keyboard.press("r")
    looker.wait("document.getElementById('review-reason').textContent === 'Looks odd.'")
    there.keyboard.press("w")
    there.wait_for_selector("#why-body svg.timeline rect")
    assert there.locator("#why-body svg.timeline rect").count() == 4
    words = there.locator("#why-body svg").get_attribute("aria-label")
    assert words == "Over 4 recorded epochs the predicted label changed 2 times; at the end: disc, 90 % sure."
    assert there.locator("#why-body .nearest li").count() == 1
    looker.name()
    there.keyboard.press("ArrowLeft")
    looker.name()
    there.keyboard.press("ArrowRight")
    looker.wait_until_sent()
    kept, taken = (served.get(f"/api/image/{item['image']}/events")["events"][-1] for item in items)
    assert (kept["kind"], kept["class_name"]) == ("labelled", "stripes")
    assert (taken["kind"], taken["class_name"]) == ("labelled", "disc")
    assert annotator.complaints == looker.complaints == []


def test_a_grid_gives_its_class_to_all_but_those_that_were_picked(
    serve: Callable[..., Any], photographs: Callable[..., Path], annotator: Any, stored: Callable[..., dict[str, str]]
) -> None:
    folder = photographs(30, 96)
    served, page = serve(folder), annotator.page
    annotator.open(served.url)
    annotator.add_classes("disc", "stripes")
    annotator.wait("document.getElementById('reading-bar').hidden", 120)
    disc = served.get("/api/state")["classes"][0]["id"]
    items = served.get("/api/find?text=-00")["items"][:12]
    answer = json.dumps({"class_id": disc, "items": [{**i, "predicted": disc, "confidence": 0.9} for i in items]})
    page.route("**/api/grid*", lambda route: route.fulfill(body=answer, headers=OURS))
    page.keyboard.press("g")
    page.wait_for_selector("#grid-cells .cell.in")
    assert page.locator("#grid-cells .cell.in").count() == 12
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.keyboard.press(" ")  # the fourth is left out
    page.keyboard.press("ArrowRight")
    page.keyboard.press("2")  # the fifth is something else, and the focus goes on
    page.locator("#grid-cells .cell").nth(11).click()  # the last one is left out by a click
    assert "Label 9 images" in page.locator("#grid-confirm").inner_text()
    page.keyboard.press("Enter")
    annotator.wait_until_sent()
    names = [item["name"].split("/")[-1] for item in items]
    expected = {name: "disc" for place, name in enumerate(names) if place not in (3, 4, 11)} | {names[4]: "stripes"}
    assert stored(folder) == expected
    page.keyboard.press("u")
    annotator.wait_until_sent()
    assert stored(folder) == {}
    assert annotator.complaints == []
