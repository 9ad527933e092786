"""What is done is said and can be taken back, wherever it was done; and nothing leaves the screen unasked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow


def test_a_label_given_in_find_is_taken_back_by_its_key(
    serve: Callable[..., Any],
    photographs: Callable[..., Path],
    annotator: Any,
    stored: Callable[[Path], dict[str, str]],
) -> None:
    folder = photographs(8, 96)
    served, page = serve(folder, worker=False), annotator.page
    annotator.open(served.url)
    annotator.add_classes("disc", "stripes")
    page.click("#mode-find")
    page.keyboard.type("disc-0002")
    page.locator("#find-cells .cell:only-child").click()
    annotator.name()
    page.keyboard.press("1")
    page.wait_for_selector("#find-cells .cell .tag")
    annotator.wait("document.activeElement.matches('#find-cells .cell')")  # and not in the field for the search
    assert "Labelled disc. Take back (u)" in " ".join(page.locator("#notice").inner_text().split())
    annotator.wait_until_sent()
    assert stored(folder) == {"disc-0002.jpg": "disc"}
    page.keyboard.press("u")
    assert annotator.name() == "disc-0002.jpg"
    assert page.locator("#find-text").input_value() == "disc-0002"
    annotator.wait_until_sent()
    assert stored(folder) == {}
    assert annotator.complaints == []


def test_a_key_without_a_class_is_said_and_labels_nothing(
    serve: Callable[..., Any],
    photographs: Callable[..., Path],
    annotator: Any,
    stored: Callable[[Path], dict[str, str]],
) -> None:
    folder = photographs(4, 96)
    served, page = serve(folder, worker=False), annotator.page
    annotator.open(served.url)
    annotator.add_classes("disc", "stripes")
    name = annotator.name()
    page.keyboard.press("9")
    assert page.locator("#notice").inner_text() == "No class has the key 9."
    annotator.wait("document.getElementById('live').textContent === 'No class has the key 9.'")
    assert annotator.name() == name
    page.keyboard.press("b")
    assert page.locator("#notice").inner_text() == "No class has the key B."
    annotator.wait_until_sent()
    assert stored(folder) == {}
    assert annotator.complaints == []


def test_on_a_phone_the_image_stays_in_sight_of_nine_classes_and_the_grid_opens_at_its_top(
    serve: Callable[..., Any], photographs: Callable[..., Path], annotator: Any
) -> None:
    served, page = serve(photographs(4, 96), worker=False), annotator.page
    page.set_viewport_size({"width": 360, "height": 740})
    annotator.open(served.url)
    annotator.add_classes("disc", "stripes", "three", "four", "five", "six", "seven", "eight", "nine")
    name = annotator.name()
    last = page.locator("#class-list .class").nth(8)
    assert page.evaluate("innerHeight") == 740
    page.evaluate("scrollBy(0, document.querySelector('#class-form').getBoundingClientRect().top - 735)")
    image, button = page.locator("#frame").bounding_box(), last.bounding_box()
    assert page.evaluate("scrollY") > 0
    assert image["y"] >= 0, "the image went out of sight"
    assert image["y"] + image["height"] <= button["y"], "the image lies on the button"
    assert button["y"] + button["height"] <= 740
    last.click()
    assert annotator.name() != name
    page.keyboard.press("g")
    page.wait_for_selector("#grid:not([hidden])")
    assert page.evaluate("scrollY") == 0
    page.evaluate("scrollTo(0, 500)")
    page.keyboard.press("Escape")
    assert page.evaluate("scrollY") == 0
    assert annotator.complaints == []


def test_the_page_says_after_how_many_labels_the_first_training_comes(
    serve: Callable[..., Any], photographs: Callable[..., Path], annotator: Any
) -> None:
    served, page = serve(photographs(4, 96), worker=False), annotator.page
    annotator.open(served.url)
    said = page.locator("#accuracy-words").text_content()
    assert said.startswith("First training after 20 more labels, with two classes or more;")
    words = page.evaluate(
        "import('/static/curve.js').then(({ untilFirst }) => [[1, 0], [0, 1], [0, 0]]"
        ".map(([labels, classes]) => untilFirst({ labels, classes })))"
    )
    assert words[0].startswith("First training after 1 more label;")
    assert words[1] == "First training once two classes have labels."
    assert words[2].startswith("There are labels enough")
    assert annotator.complaints == []


def test_an_empty_grid_says_why_and_offers_nothing_to_label(
    serve: Callable[..., Any], photographs: Callable[..., Path], annotator: Any
) -> None:
    served, page = serve(photographs(4, 96), worker=False), annotator.page
    annotator.open(served.url)
    annotator.add_classes("disc", "stripes")
    annotator.wait_until_sent()
    disc = served.get("/api/state")["classes"][0]["id"]
    page.keyboard.press("g")
    annotator.wait(
        "document.getElementById('grid-cells').textContent.startsWith('Nothing to show yet. After the first')"
    )
    assert page.locator("#grid-confirm").is_hidden()
    page.evaluate(
        "(id) => import('/static/grid.js').then(({ Grid }) => {"
        " const disc = { id, name: 'disc', hue: 0 };"
        " const classes = { active: [disc], get: () => disc, name: () => 'disc', addEventListener: () => {} };"
        " new Grid(classes, {}, () => {}, () => true).ofClass(id); })",
        disc,
    )
    annotator.wait("document.getElementById('grid-cells').textContent.startsWith('The model takes no other image')")
    assert "for disc." in page.locator("#grid-cells").inner_text()
    assert page.locator("#grid-confirm").is_hidden()
    assert annotator.complaints == []
