"""Folders of photographs: packing and embedding, with JPEG decoding at a reduced scale and without.

Run: python benchmarks/photographs.py [--count N] [--json FILE]. 2,000 JPEG files of 4,000 x 3,000 pixels, each of other
bytes: a few dozen drawn pictures (smooth colour, edges and the noise of a sensor) at several qualities, with a comment
of its own in every file. Each measurement is a process of its own with an empty cache; what decodes at full scale gets
a quarter of the files. About 5 GB in the folder for temporary files.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import platform
import resource
import shutil
import sys
import tempfile
import time
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import PIL
import torch
from PIL import Image, ImageDraw, JpegImagePlugin

WIDTH, HEIGHT, COUNT, PICTURES, CLASSES = 4000, 3000, 2000, 24, 6
QUALITIES = (80, 88, 94)
PIXELS, EMBEDDED = 64, 128  # what --model tiny and --model features pack at by themselves


def picture(number: int) -> Image.Image:
    """Something that costs a decoder what a photograph costs: smooth, with edges, with noise everywhere."""
    draw = np.random.default_rng(number)
    coarse = draw.integers(0, 256, (30, 40, 3), dtype=np.uint8)
    image = Image.fromarray(coarse).resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)
    pen = ImageDraw.Draw(image)
    for _ in range(60):
        left, top = int(draw.integers(WIDTH)), int(draw.integers(HEIGHT))
        box = (left, top, left + int(draw.integers(20, 900)), top + int(draw.integers(20, 900)))
        colour = tuple(int(value) for value in draw.integers(0, 256, 3))
        (pen.ellipse if draw.random() < 0.5 else pen.rectangle)(box, fill=colour)
    noise = draw.normal(0, 5, (HEIGHT, WIDTH, 1)).astype(np.float32)
    return Image.fromarray(np.clip(np.asarray(image) + noise, 0, 255).astype(np.uint8))


def write_photographs(folder: Path, count: int) -> int:
    """`count` files in six classes of unequal size; the answer is their bytes together."""
    contents = []
    for number in range(min(PICTURES, count)):
        image = picture(number)
        for quality in QUALITIES:
            file = BytesIO()
            image.save(file, "JPEG", quality=quality)
            contents.append(file.getvalue())
    total = 0
    for number in range(count):
        content, comment = contents[number % len(contents)], f"photograph {number}".encode()
        marked = content[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + content[2:]
        path = folder / f"class {min(CLASSES - 1, (number % 63).bit_length() - 1 if number % 63 else 0)}"
        path.mkdir(parents=True, exist_ok=True)
        (path / f"{number:05}.jpg").write_bytes(marked)
        total += len(marked)
    return total


def most_memory() -> float:
    """The most memory that this process has held so far, in MiB."""
    if sys.platform == "linux":  # getrusage answers for the process that started this one, too
        status = Path("/proc/self/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2


def work(folder: Path, side: int, embed: bool, reduced: bool, answer: Any) -> None:
    """To run in a fresh process: pack, maybe embed, and say what it took."""
    from swither.data import DataSettings, open_dataset
    from swither.training import embedded

    if not reduced:
        JpegImagePlugin.JpegImageFile.draft = lambda *_: None  # type: ignore[assignment,method-assign]
    cache = tempfile.mkdtemp(dir=folder.parent)
    before, start, used = most_memory(), time.perf_counter(), time.process_time()
    data = open_dataset(DataSettings(str(folder), cache=cache), largest=side)
    packed, cpu = time.perf_counter() - start, time.process_time() - used
    if embed:
        for images in (data.train, data.test):
            embedded(images, cache=cache)
    images = len(data.train) + len(data.test)
    row = {
        "work": "packing and embedding" if embed else "packing",
        "decoding": "reduced scale" if reduced else "full scale",
        "pixels": side,
        "images": images,
        "seconds_packing": packed,
        "cpu_milliseconds_packing_an_image": 1000 * cpu / images,
        "seconds": time.perf_counter() - start,
        "cpu_seconds": time.process_time() - used,
        "mebibytes_before": before,
        "mebibytes_at_most": most_memory(),
    }
    shutil.rmtree(cache)
    answer.send(row)


def measured(folder: Path, side: int, embed: bool, reduced: bool) -> dict[str, Any]:
    here, there = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("spawn").Process(target=work, args=(folder, side, embed, reduced, there))
    process.start()
    there.close()
    row: dict[str, Any] = here.recv()
    process.join()
    return row


def measure(count: int) -> list[dict[str, Any]]:
    rows = []
    with tempfile.TemporaryDirectory() as name:
        whole, quarter = Path(name) / "photographs", Path(name) / "quarter"
        size = write_photographs(whole, count)
        for path in sorted(whole.rglob("*.jpg"))[::4]:
            link = quarter / path.relative_to(whole)
            link.parent.mkdir(parents=True, exist_ok=True)
            os.link(path, link)
        print(f"{count:,} JPEG files of {WIDTH} x {HEIGHT} pixels, {size / 1e6 / count:.1f} MB each")
        for side, embed in ((PIXELS, False), (EMBEDDED, True)):
            for folder, reduced in ((whole, True), (quarter, True), (quarter, False)):
                row = measured(folder, side, embed, reduced)
                rows.append(row | {"megabytes_a_file": size / 1e6 / count})
                print(
                    f"{row['work']} at {side} pixels, {row['decoding']}: {row['images']:,} images in "
                    f"{row['seconds']:.1f} s ({row['cpu_seconds']:.1f} s of CPU; packing {row['seconds_packing']:.1f} "
                    f"s, {row['cpu_milliseconds_packing_an_image']:.0f} ms of CPU an image), at most "
                    f"{row['mebibytes_at_most']:.0f} MiB, of which {row['mebibytes_before']:.0f} before",
                    flush=True,
                )
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=COUNT, help="photographs")
    parser.add_argument("--json", type=Path, help="write the rows here as well")
    arguments = parser.parse_args()
    rows = measure(arguments.count)
    if arguments.json:
        circumstances = {
            "torch": torch.__version__,
            "numpy": np.__version__,
            "pillow": PIL.__version__,
            "python": platform.python_version(),
            "processor": platform.processor() or platform.machine(),
        }
        arguments.json.write_text(json.dumps({"circumstances": circumstances, "rows": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
