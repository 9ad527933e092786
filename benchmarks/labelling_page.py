"""The labelling page in a browser: from the command to the first image, and from a key to the next one.

Chromium opens the page of ``swither label`` on a folder of 20,000 small JPEG files, each of other bytes, and presses
class keys at five a second while the worker reads, hashes and embeds behind it. Both times end when the browser has
drawn the image. There is nobody to compare with: others import all files first. Without chromium or playwright the
row says so.

Run: python benchmarks/labelling_page.py [--quick] [--images N] [--keys K] [--rate R] [--json FILE].
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from _measure import CannotRun, Row, main
from PIL import Image

COUNT, KEYS, RATE, WIDTH, HEIGHT, PICTURES = 20_000, 200, 5.0, 640, 480, 100
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
FIRST, NEXT = 3.0, 100.0
STATED = "first image within 3 s of the command; next image within 100 ms of a key at the 95th percentile"

# Notes when a class key goes down, and when the browser has drawn the image that came after it.
WATCH = """() => {
  window.took = []; let pressed = 0;
  const frame = document.getElementById('frame');
  addEventListener('keydown', (event) => { if ('12'.includes(event.key)) pressed = event.timeStamp; }, true);
  const drawn = () => {
    const image = frame.querySelector('img');
    if (!pressed || !image || !image.src.endsWith('/preview')) return;
    const from = pressed; pressed = 0;
    requestAnimationFrame(() => { const c = new MessageChannel();
      c.port1.onmessage = () => took.push(performance.now() - from); c.port2.postMessage(0); });
  };
  new MutationObserver(drawn).observe(frame, { childList: true });
}"""
SHARP = "Boolean([...document.querySelectorAll('#frame img')].find((i) => i.src.endsWith('/preview') && i.complete))"
SEEN = "Boolean([...document.querySelectorAll('#frame img')].find((i) => i.complete && i.naturalWidth))"


def write_files(folder: Path, count: int) -> None:
    """`count` JPEG files in a hundred folders, none with the bytes of another."""
    generator, contents = np.random.default_rng(0), []
    for _ in range(PICTURES):
        coarse = Image.fromarray(generator.integers(0, 256, (12, 16, 3), dtype=np.uint8))
        file = BytesIO()
        coarse.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC).save(file, "JPEG", quality=88)
        contents.append(file.getvalue())
    for number in range(count):
        place = folder / f"{number % 100:02d}"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{number:05d}.jpg").write_bytes(contents[number % PICTURES] + number.to_bytes(4, "big"))


def start(folder: Path) -> tuple[subprocess.Popen[str], str, float]:
    """The server, its address, and when the command was given."""
    begun = time.perf_counter()
    command = [sys.executable, "-m", "swither", "label", str(folder), "--no-browser", "--port", "0"]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "COLUMNS": "200"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    assert process.stdout is not None
    for line in process.stdout:
        if found := re.search(r"http://[^\s/]+", line):
            return process, found[0], begun
    raise SystemExit("The server did not start.")


def wait(page: Any, expression: str, seconds: float = 120.0) -> None:
    until = time.perf_counter() + seconds
    while not page.evaluate(expression):
        if time.perf_counter() > until:
            raise SystemExit(f"{seconds:.0f} s went by without {expression}")
        time.sleep(0.005)


def press(page: Any, keys: int, rate: float) -> int:
    """Press class keys at an even pace; how often the next image was not there when it was due."""
    late, due = 0, time.perf_counter()
    for number in range(keys):
        if not page.evaluate(SEEN):
            late += 1
            wait(page, SEEN)
            due = time.perf_counter()
        page.keyboard.press("12"[number % 2])
        due += 1 / rate
        time.sleep(max(0.0, due - time.perf_counter()))
    wait(page, SHARP)
    return late


def measure(folder: Path, count: int, keys: int, rate: float) -> dict[str, Any]:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None or find_spec("playwright") is None:
        raise CannotRun("needs chromium on the path and the package playwright")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        process, address, begun = start(folder)
        try:
            answered = time.perf_counter() - begun
            page.goto(address, wait_until="commit")
            wait(page, SEEN)
            first = time.perf_counter() - begun
            page.keyboard.type("one, two")
            page.keyboard.press("Enter")
            page.keyboard.press("Escape")
            page.evaluate(WATCH)
            late = press(page, keys, rate)
            took = sorted(page.evaluate("took"))
        finally:
            browser.close()
            process.send_signal(signal.SIGINT)
            process.wait(timeout=60)
            stop_worker(folder)
    return {
        "files": count,
        "keys": keys,
        "keys_per_second": rate,
        "seconds_to_address": round(answered, 2),
        "seconds_to_first_image": round(first, 2),
        "milliseconds_to_next_median": round(statistics.median(took), 1),
        "milliseconds_to_next_p95": round(took[int(0.95 * (len(took) - 1))], 1),
        "milliseconds_to_next_most": round(took[-1], 1),
        "timed": len(took),
        "late": late,
    }


def stop_worker(folder: Path) -> None:
    """End the worker, which outlives its server."""
    from swither.project.project import Project
    from swither.project.worker_process import stop_worker as ask
    from swither.project.worker_process import worker_lives

    with Project.open(folder) as project:
        ask(project)
        until = time.monotonic() + 30
        while worker_lives(project) and time.monotonic() < until:
            time.sleep(0.1)


def rows(quick: bool, images: int, keys: int, rate: float) -> Iterator[Row]:
    images, keys = (200, 10) if quick else (images, keys)
    kept: Row = {"work": "the labelling page", "browser": "chromium, no window", "goal": {}, "reached": {}}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "photographs"
        write_files(folder, images)
        try:
            kept |= measure(folder, images, keys, rate)
        except CannotRun as problem:
            yield {**kept, "failed": {"swither": str(problem)}}
            return
    first, after = kept["seconds_to_first_image"], kept["milliseconds_to_next_p95"]
    kept["goal"] = {"seconds to the first image": FIRST, "milliseconds to the next at the 95th percentile": NEXT}
    kept["reached"] = dict(zip(kept["goal"], (first <= FIRST, after <= NEXT), strict=True))
    yield kept


if __name__ == "__main__":
    options = {"images": COUNT, "keys": KEYS, "rate": RATE}
    main(__doc__, "labelling_page", STATED, rows, packages=("playwright", "pillow"), options=options)
