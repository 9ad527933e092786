"""A real browser, a real server, and photographs that were drawn here, whose file names say what they show."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
KINDS = ("disc", "stripes")


def draw_photographs(folder: Path, count: int, side: int = 240) -> Path:
    """`count` JPEG files of discs and of stripes in turn, in sub-folders that say nothing.

    Each has clouds of its own behind it, so that none is a near copy of another.
    """
    generator = np.random.default_rng(0)
    for number in range(count):
        kind, size = KINDS[number % 2], (side * 4 // 3, side)
        clouds = Image.fromarray(generator.integers(0, 200, (9, 12, 3), dtype=np.uint8))
        picture = clouds.resize(size, Image.Resampling.BICUBIC)
        pen, ink = ImageDraw.Draw(picture), tuple(int(c) for c in generator.integers(200, 256, 3))
        x, y = (float(place) for place in generator.uniform(0.3, 0.7, 2) * size)
        if kind == "disc":
            radius = float(generator.uniform(0.15, 0.25)) * side
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=ink)
        else:
            slant, step = float(generator.uniform(-0.6, 0.6)) * side, float(generator.uniform(0.1, 0.16)) * side
            for k in range(-8, 9):
                pen.line((x + k * step - slant, 0, x + k * step + slant, side), fill=ink, width=max(2, side // 50))
        place = folder / f"roll {number % 3}"
        place.mkdir(parents=True, exist_ok=True)
        picture.save(place / f"{kind}-{number:04d}.jpg", quality=88)
    return folder


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Any]:
    """Chromium without a window; ended with the module, since its event loop would be in the way of others."""
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as play:
        started = play.chromium.launch(executable_path=chromium, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def context(browser: Any) -> Iterator[Any]:
    """A browser profile of its own, with room as on a laptop."""
    made = browser.new_context(viewport={"width": 1280, "height": 800})
    made.set_default_timeout(60_000)
    yield made
    made.close()


@pytest.fixture(scope="session")
def draw() -> Callable[..., Path]:
    """Draw photographs: `draw(folder, count, side)`."""
    return draw_photographs


@pytest.fixture(scope="session")
def meet() -> Callable[[Any], Any]:
    """Somebody at a page of a browser profile: `meet(context)`."""
    return lambda context: Annotator(context.new_page())


@pytest.fixture
def photographs(tmp_path: Path) -> Callable[..., Path]:
    """Draw a folder of photographs: `photographs(60)`."""
    return lambda count, side=240: draw_photographs(tmp_path / "photographs", count, side)


class Annotator:
    """Somebody at the page who sees the file's name and presses the key of what it says.

    Attributes:
        page: of Playwright.
        said: name of the file -> class, as this person gave it last.
        complaints: what the browser reported: errors of scripts, breaches of the content security policy.
        hosts: every host that the page asked for anything.
    """

    def __init__(self, page: Any) -> None:
        self.page = page
        self.said: dict[str, str] = {}
        self.complaints: list[str] = []
        self.hosts: set[str] = set()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda line: self._console(line))
        page.on("request", lambda request: self.hosts.add(request.url.split("/")[2]))

    def _console(self, line: Any) -> None:
        if line.type == "error" and "Failed to load resource" not in line.text:
            self.complaints.append(line.text)

    def wait(self, expression: str, seconds: float = 60.0) -> None:
        """Wait until a JavaScript expression holds; asked from outside, since the page allows no evaluation inside."""
        until = time.monotonic() + seconds
        while not self.page.evaluate(expression):
            assert time.monotonic() < until, f"{seconds} s went by without {expression}"
            self.page.wait_for_timeout(10)

    def open(self, url: str) -> Annotator:
        """Open the page and wait until an image can be seen."""
        self.page.goto(url)
        self.page.wait_for_selector("body[data-ready]")
        self.wait(SEEN)
        return self

    def add_classes(self, *names: str) -> None:
        """Type names into the field that has the focus on the first start; then to the images."""
        self.page.wait_for_selector("#class-add:focus")
        for name in names:
            self.page.keyboard.type(name)
            self.page.keyboard.press("Enter")
        self.page.keyboard.press("Enter")

    def name(self) -> str:
        """Name of the file that is shown, once it can be seen."""
        self.wait(SEEN)
        return str(self.page.locator("#name").text_content()).split("/")[-1]

    def label(self, key: str | None = None) -> str:
        """Press the key of what is shown, or another one; the name of the file."""
        name = self.name()
        kind = name.split("-")[0]
        key = key or str(1 + KINDS.index(kind))
        self.page.keyboard.press(key)
        self.said[name] = KINDS[int(key) - 1]
        return name

    def wait_for_images(self, count: int) -> None:
        """Wait until so many images, the shown one first, are in the browser, whatever becomes of the connection."""
        self.wait(f"Number(document.body.dataset.here) >= {count}")

    def unsent(self) -> int:
        """How many answers the server does not have yet."""
        return int(self.page.locator("#connection").get_attribute("data-unsent") or 0)

    def wait_until_sent(self) -> None:
        """Wait until the server has everything."""
        self.wait("document.getElementById('connection').dataset.unsent === '0'")


SEEN = "(() => { const i = document.querySelector('#frame img'); return Boolean(i && i.complete && i.naturalWidth) })()"


@pytest.fixture
def annotator(context: Any) -> Annotator:
    """Somebody at a page of their own."""
    return Annotator(context.new_page())


@pytest.fixture
def stored() -> Callable[[Path], dict[str, str]]:
    """What the store has of a folder: `stored(folder)`."""
    return labels_of


@pytest.fixture
def kill_worker() -> Callable[[Path], bool]:
    """End the worker of a folder without warning: `kill_worker(folder)`."""
    return killed_worker


@pytest.fixture
def another_page(context: Any) -> Callable[[], Annotator]:
    """Somebody at a further page in the same browser."""
    return lambda: Annotator(context.new_page())


def labels_of(folder: Path) -> dict[str, str]:
    """Name of each labelled file -> name of its class, as the store has it; each labelled by one standing event.

    Raises:
        AssertionError: an image has more than one labelling event that nobody took back.
    """
    from swither.project.project import Project

    with Project.open(folder) as project:
        ledger = project.ledger()
        names = {one.id: one.name for one in ledger.classes}
        events = project.store.events()
        undone = {event.undoes for event in events if event.kind == "undone"}
        standing = [event.image for event in events if event.kind == "labelled" and event.event not in undone]
        assert len(standing) == len(set(standing)), "an image was labelled twice"
        assert len({event.event for event in events}) == len(events)
        leaf = {image: project.store.files_of(image)[0].path.split("/")[-1] for image in ledger.labels}
        return {leaf[image]: names[class_id] for image, class_id in ledger.labels.items()}


def killed_worker(folder: Path) -> bool:
    """End the project's worker as a power cut does; whether there was one."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if "swither.project.worker_process" in command and str(folder) in command:
            os.kill(int(process.name), signal.SIGKILL)
            return True
    return False
