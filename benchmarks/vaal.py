"""What a query of VAAL costs: seconds of an iteration, by width, on random pixels of 32 x 32 x 3.

Run: python benchmarks/vaal.py [--device NAME] [--full] [--json FILE]. One thread; --full adds the authors' width, 128.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np

from swither.data import ImageSet
from swither.training import choose_device, circumstances, use_threads
from swither.training.vaal import fit_vaal
from swither.training.vaal_settings import VaalSettings

SHAPE = (32, 32, 3)
REDUCED = 300  # iterations of a small one
ITERATIONS = {16: 20, 32: 8, 128: 2}


def random_images(count: int, name: str) -> ImageSet:
    pixels = np.random.default_rng(0).integers(256, size=(count, *SHAPE), dtype=np.uint8)
    ids = np.array([f"{name}{number:05}" for number in range(count)])
    return ImageSet(pixels, np.arange(count), ids, np.zeros(count, dtype=np.int64), ("a", "b"), ids)


def measured(width: int, iterations: int, device: str) -> dict[str, float | int]:
    """Of a training that was warmed up by one iteration; its first is no part of it."""
    sides = random_images(1000, "labelled"), random_images(2000, "pool")
    once = VaalSettings(width, 1)
    fit_vaal(*sides, once, seed=0, device=device)
    processor = time.process_time()
    seconds = fit_vaal(*sides, VaalSettings(width, iterations), seed=0, device=device).seconds
    processor = time.process_time() - processor
    return {
        "width": width,
        "iterations": iterations,
        "seconds_an_iteration": seconds / iterations,
        "processor_seconds_an_iteration": processor / iterations,
        "processor_seconds_of_300": processor / iterations * REDUCED,
        "hours_of_39062": seconds / iterations * VaalSettings().iterations / 3600,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", help="cpu, cuda or mps; else the best there is")
    parser.add_argument("--full", action="store_true", help="the authors' width of 128 too")
    parser.add_argument("--json", type=Path, help="write the rows here as well")
    arguments = parser.parse_args()
    device = choose_device(arguments.device)
    rows = []
    with use_threads(1):
        where = circumstances(device)
        for width in (16, 32, 128) if arguments.full or device.type != "cpu" else (16, 32):
            iterations = ITERATIONS[width] * (1 if device.type == "cpu" else 20)
            rows.append(row := measured(width, iterations, str(device)))
            print(
                f"width {width}: {row['seconds_an_iteration']:.3f} s an iteration, "
                f"{row['processor_seconds_an_iteration']:.3f} s of a processor core; "
                f"{row['processor_seconds_of_300']:.0f} s of a core for 300, "
                f"{row['hours_of_39062']:.1f} h for 39,062",
                flush=True,
            )
    if arguments.json:
        arguments.json.write_text(json.dumps({"circumstances": where, "rows": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
