"""The page itself: keys, names, sizes, colours, and what it may not do."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

LONG = "A class whose name is really rather long, as people sometimes write them out in full, to the end"
HEBREW = "כלב ים אפור"


@pytest.fixture(scope="module")
def served(
    serving: Any, draw: Callable[..., Path], chromium: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Any]:
    """One server for all tests here; each uses images and classes that it finds."""
    running = serving.serve(draw(tmp_path_factory.mktemp("page") / "photographs", 150, 96))
    yield running
    running.stop()
    running.stop_worker()


def class_names(page: Any) -> list[str]:
    return [str(name) for name in page.locator("#class-list .class-name").all_text_contents()]


def last(page: Any) -> str:
    return str(page.locator("#last").text_content())


def test_keys_search_names_and_merges_do_what_the_help_says(
    serve: Callable[..., Any], photographs: Callable[..., Path], annotator: Any
) -> None:
    served = serve(photographs(40, 96), worker=False)  # of its own: it begins without classes and counts labels
    page = annotator.open(served.url).page
    page.wait_for_selector("#class-add:focus")
    page.keyboard.type(f"disc, stripes, {HEBREW}")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    annotator.wait("document.querySelectorAll('#class-list .class').length === 3")
    assert class_names(page) == ["disc", "stripes", HEBREW]

    # Search by some letters; Enter gives the first.
    name = annotator.name()
    page.keyboard.press("/")
    page.keyboard.type("srp")
    assert class_names(page) == ["stripes"]
    page.keyboard.press("Enter")
    assert last(page) == "stripes"
    assert annotator.name() != name

    # A skip is no label; what cannot be told is none either. Both are taken back in turn.
    for key, words in (("s", "Skipped"), ("x", "cannot tell"), ("m", "more than one")):
        page.keyboard.press(key)
        assert words in last(page)
        annotator.name()
    for _ in range(4):
        page.keyboard.press("Backspace")
    assert annotator.name() == name
    page.keyboard.press("u")
    annotator.wait("document.getElementById('notice').textContent.includes('Nothing left')")

    # Zoom by key, moved by arrows, whole again.
    page.keyboard.press("z")
    page.wait_for_selector("#frame.magnified")
    before = page.evaluate("document.querySelector('#frame img').style.transform")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.querySelector('#frame img').style.transform") != before
    page.keyboard.press("z")
    assert page.locator("#frame.magnified").count() == 0

    # A class is renamed, and merged; the keys of the others stay.
    page.click("#class-edit")
    page.fill(f"#class-rows input[value='{HEBREW}']", LONG)
    page.keyboard.press("Tab")
    annotator.wait(f"document.getElementById('class-list').textContent.includes({LONG!r})")
    page.locator("#class-rows li").nth(2).get_by_text("Merge into").click()
    page.locator("#class-rows select").select_option(label="disc")
    annotator.wait("document.querySelectorAll('#class-list .class').length === 2")
    page.click("#notice button")  # and taken back
    annotator.wait("document.querySelectorAll('#class-list .class').length === 3")
    page.keyboard.press("Escape")
    assert [key.text_content() for key in page.locator("#class-list kbd").all()] == ["1", "2", "3"]
    annotator.wait_until_sent()
    state = served.get("/api/state")
    assert [one["name"] for one in state["classes"] if not one["merged_into"]] == ["disc", "stripes", LONG]
    assert state["counts"]["labelled"] == 0

    # Who says it.
    page.click("#who")
    page.fill("#by", "Ailsa")
    page.keyboard.press("Enter")
    annotator.wait("document.getElementById('who').textContent === 'Ailsa'")
    assert annotator.complaints == []


def test_looking_closer_at_a_thumbnail_goes_on_when_its_preview_arrives(served: Any, annotator: Any) -> None:
    page, held = annotator.page, []
    page.route("**/images/*/preview", lambda route: held.append(route))
    annotator.open(served.url)
    annotator.wait("document.activeElement.id === 'class-add' || document.querySelector('#class-list .class') !== null")
    page.keyboard.press("Escape")
    page.keyboard.press("z")
    page.wait_for_selector("#frame.magnified.coming")
    page.keyboard.press("ArrowRight")
    moved = page.evaluate("document.querySelector('#frame img').style.transform")
    for route in held:
        route.continue_()
    page.unroute("**/images/*/preview")
    page.wait_for_selector("#frame.magnified:not(.coming)")
    assert "/preview" in page.locator("#frame img").get_attribute("src")
    assert page.evaluate("document.querySelector('#frame img').style.transform") == moved
    assert annotator.complaints == []


def test_every_button_has_a_name_and_answers_are_said_aloud(served: Any, annotator: Any) -> None:
    page = annotator.open(served.url).page
    if not class_names(page):
        annotator.add_classes("disc", "stripes")
    nameless = page.evaluate(
        "[...document.querySelectorAll('button, input, select, summary')].filter((e) => !(e.ariaLabel || e.title ||"
        " e.labels?.length || e.getAttribute('aria-labelledby') || e.textContent.trim())).map((e) => e.outerHTML)"
        ".filter((text) => !/grid-|review-|problems-open|class-edit|who/.test(text))"
    )
    assert nameless == []
    annotator.name()
    page.keyboard.press("1")
    annotator.wait("document.getElementById('live').textContent.startsWith('Labelled disc')")
    page.keyboard.press("u")
    annotator.wait("document.getElementById('live').textContent.startsWith('Took back disc')")
    page.keyboard.press("Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none", "focus cannot be seen"
    annotator.wait_until_sent()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(360, 740), (800, 600), (1440, 900)])
def test_the_page_fits_the_screen_and_takes_its_colours(
    served: Any, browser: Any, meet: Callable[[Any], Any], width: int, height: int, scheme: str
) -> None:
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    annotator = meet(context)
    page = annotator.open(served.url).page
    if not class_names(page):
        annotator.add_classes("disc", "stripes", LONG, HEBREW)
    for key in ("Escape", "g", "r"):
        page.keyboard.press(key)
        page.wait_for_timeout(150)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.keyboard.press("Escape")
    annotator.name()
    shade = {"light": "rgb(255, 255, 255)", "dark": "rgb(20, 22, 27)"}
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == shade[scheme]
    image = page.locator("#frame img").bounding_box()
    assert image["height"] > height * 0.3
    for _ in range(2):  # the switch goes from the system's to light to dark
        page.click("#theme")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == shade["dark"]
    context.close()
    assert annotator.complaints == []
    assert annotator.hosts == {served.url.split("//")[1]}


def test_two_hundred_classes_can_be_found_and_given(served: Any, browser: Any, meet: Callable[[Any], Any]) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740})
    annotator = meet(context)
    page = annotator.open(served.url).page
    page.fill("#class-add", ", ".join(f"species {number:03d}" for number in range(200)))
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    annotator.wait("document.querySelectorAll('#class-list .class').length >= 200")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    annotator.name()
    page.keyboard.press("/")
    page.keyboard.type("spe 137")
    page.keyboard.press("Enter")
    assert last(page) == "species 137"
    annotator.wait_until_sent()
    keys = [one["key"] for one in served.get("/api/state")["classes"] if one["key"]]
    assert len(keys) == len(set(keys)) == 27
    assert not set(keys) & set("glmrsuwxz"), "a class took a key of the page's own"
    context.close()
    assert annotator.complaints == []


def test_names_are_found_by_their_letters_and_the_best_stands_first(served: Any, annotator: Any) -> None:
    page = annotator.open(served.url).page
    scores = page.evaluate(
        "import('/static/classes.js').then(({ match }) => ['Ölpflanze', 'grey seal', 'seal', 'sea lion', 'dog']"
        ".map((name) => [match('seal', name), match('olp', name), match('gs', name)]))"
    )
    seal = [row[0] for row in scores]
    assert seal[2] == max(seal)
    assert seal[1] > seal[3] > 0
    assert seal[4] == 0
    assert scores[0][1] > 0, "letters with marks are found by those without"
    assert scores[1][2] > 0
    words = page.evaluate(
        "import('/static/classes.js').then(({ match }) => ['species 102', 'species 12', 'spider 34']"
        ".map((name) => match('12 spe', name)))"
    )
    assert words[1] > words[0] > 0 == words[2]


def test_ids_are_made_where_the_browser_offers_no_uuid(served: Any, annotator: Any) -> None:
    page = annotator.open(served.url).page
    made = page.evaluate(
        "import('/static/ids.js').then(({ newId }) => { const real = crypto.randomUUID;"
        " Object.defineProperty(crypto, 'randomUUID', { value: undefined, configurable: true });"
        " return Array.from({ length: 200 }, newId); })"
    )
    assert len(set(made)) == 200
    assert all(len(one) == 36 and one[14] == "4" and one[19] in "89ab" for one in made)


def test_an_answer_that_the_server_refuses_is_shown_and_stops_no_other(served: Any, annotator: Any) -> None:
    page = annotator.open(served.url).page
    outcome = page.evaluate(
        "import('/static/outbox.js').then(async ({ Outbox }) => { const box = new Outbox('elsewhere');"
        " const at = new Date().toISOString();"
        " box.add([{ event: 'wrong-1', kind: 'labelled', at, image: '0'.repeat(32), class_id: 'nobody' },"
        " { event: 'right-1', kind: 'class_added', at, class_id: 'late', text: 'late one' }]);"
        " for (let i = 0; i < 200 && box.unsent.length; i += 1) await new Promise((go) => setTimeout(go, 50));"
        " return [box.unsent.length, box.refused.map((one) => one.event.event)]; })"
    )
    assert outcome == [0, ["wrong-1"]]
    assert "late one" in [one["name"] for one in served.get("/api/state")["classes"]]


def test_answers_for_one_folder_are_not_sent_to_another_at_the_same_address(served: Any, annotator: Any) -> None:
    page = annotator.open(served.url).page
    page.evaluate('localStorage.setItem(\'swither.unsent./another/folder.0.0.x\', \'{"event":"x","kind":"skipped"}\')')
    page.reload()
    page.wait_for_selector("body[data-ready]")
    page.wait_for_timeout(500)
    assert page.evaluate("localStorage.getItem('swither.unsent./another/folder.0.0.x')") is not None


def test_the_story_of_an_image_is_shut_until_it_is_asked_for_and_with_every_next_image(
    served: Any, annotator: Any
) -> None:
    page, asked = annotator.page, []
    story = json.dumps({"epochs": [], "labels": [], "confidence": [], "nearest": [], "words": "It thinks of a disc."})

    def tell(route: Any) -> None:
        asked.append(route.request.url.split("/")[-1])
        route.fulfill(headers={"Content-Type": "application/json", "X-Swither": "1"}, body=story)

    page.route("**/api/why/*", tell)
    annotator.open(served.url)
    if not class_names(page):
        annotator.add_classes("disc", "stripes")
    page.keyboard.press("Escape")
    for _ in range(2):
        annotator.name()
        page.wait_for_timeout(500)
        assert page.locator("#why").get_attribute("open") is None, "the prediction is shown before the answer"
        assert page.locator("#why-body").text_content() == ""
        assert asked == []
        page.keyboard.press("w")
        annotator.wait("document.getElementById('why-body').textContent === 'It thinks of a disc.'")
        assert asked == [page.locator("#frame img").get_attribute("data-image")]
        asked.clear()
        page.keyboard.press("s")
    page.keyboard.press("u")
    annotator.name()
    assert page.locator("#why").get_attribute("open") is None
    annotator.wait_until_sent()
    assert annotator.complaints == []


def test_images_in_sight_stay_before_whoever_sees_them(served: Any, annotator: Any) -> None:
    page = annotator.page
    page.clock.install()
    annotator.open(served.url)
    annotator.wait_for_images(3)
    for _ in range(2):
        with page.expect_request(lambda request: "/api/next?count=0&have=" in request.url) as found:
            page.clock.fast_forward(121_000)
        assert found.value.response().json()["items"] == []
