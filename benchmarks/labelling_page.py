"""The labelling page in a browser: from the command to the first image, and from a key to the next one.

Run: python benchmarks/labelling_page.py [--count N] [--keys K] [--rate R] [--json FILE]. Chromium opens the page of
``swither label`` on a folder of 20,000 small JPEG files, each of other bytes, and presses class keys at five a second
while the worker reads, hashes and embeds behind it. Both times end when the browser has drawn the image.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

COUNT, KEYS, RATE, WIDTH, HEIGHT, PICTURES = 20_000, 200, 5.0, 640, 480, 100
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
GOAL = "first image within 3 s of the command; key to next image under 50 ms at the 95th percentile"

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
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        raise SystemExit("Expected chromium on the path.")
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


def main() -> dict[str, Any]:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=COUNT, help="files in the folder")
    parser.add_argument("--keys", type=int, default=KEYS, help="labels given")
    parser.add_argument("--rate", type=float, default=RATE, help="labels a second")
    parser.add_argument("--json", type=Path, help="write the figures here as well")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "photographs"
        write_files(folder, arguments.count)
        row = measure(folder, arguments.count, arguments.keys, arguments.rate)
    print(
        f"{row['files']:,} files: first image after {row['seconds_to_first_image']} s (address after "
        f"{row['seconds_to_address']} s); key to next image {row['milliseconds_to_next_median']} ms, 95th percentile "
        f"{row['milliseconds_to_next_p95']} ms, most {row['milliseconds_to_next_most']} ms over {row['timed']} keys at "
        f"{row['keys_per_second']:g} a second; {row['late']} images came late"
    )
    circumstances = {
        "browser": "chromium, no window",
        "python": platform.python_version(),
        "processor": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
    }
    measured = {"benchmark": "labelling_page", "goal": GOAL, "circumstances": circumstances, "rows": [row]}
    if arguments.json:
        arguments.json.write_text(json.dumps(measured, indent=1) + "\n")
    return row


if __name__ == "__main__":
    main()
