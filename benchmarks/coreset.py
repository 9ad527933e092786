"""CoreSet to its proven optimum; beside it, one step of the plain binary program and greedy's radius.

Run: python benchmarks/coreset.py [--full] [--features FILE.npy] [--json FILE]. Threads: set OMP_NUM_THREADS before.

Without a file the features are made: clusters of low rank, as a trained network's, and the hard case, a Gaussian. A
file holds (images, width) embeddings, in an order drawn at random; its first rows are the pool, the next are labelled.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import scipy
from _inputs import clustered, gaussian
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from swither.acquisition import coreset
from swither.arrays import FloatArray

PLAIN = (2_000, 200, 100)  # pool, labelled, picks
SIZES = {"default": (10_000, 1_000, 500), "full": (45_000, 5_000, 2_500)}
PLAIN_SECONDS = 120.0


def radius_left(points: FloatArray, centres: FloatArray, outliers: int) -> float:
    """The radius from scratch, in float64, from the positions alone."""
    points, centres = points.astype(np.float64), centres.astype(np.float64)
    squared = np.full(len(points), np.inf)
    norms = np.square(centres).sum(axis=1)
    for start in range(0, len(points), 500):  # the nearest by a quick product, then its distance by the definition
        some = points[start : start + 500]
        nearest = centres[(norms - 2 * some @ centres.T).argmin(axis=1)]
        squared[start : start + 500] = np.square(some - nearest).sum(axis=1)
    return float(np.sqrt(np.sort(squared)[-1 - outliers]))


def plain_step(both: FloatArray, row: dict[str, Any]) -> tuple[float, str]:
    """The radius found, by the binary program as it stands in the paper, over all points: seconds, and the answer."""
    start = time.perf_counter()
    everyone = both.astype(np.float64)
    limit = row["radius"] ** 2 * (1 + 1e-12)
    near = np.stack([np.square(everyone - point).sum(axis=1) <= limit for point in everyone[: row["pool"]]])
    samples, total = near.shape
    taken = np.concatenate([np.zeros(samples), np.ones(total - samples), np.zeros(samples)])  # labelled are centres
    is_centre = np.concatenate([np.ones(total), np.zeros(samples)])
    found = milp(
        np.zeros(total + samples),
        integrality=np.ones(total + samples),
        bounds=Bounds(taken, 1),
        constraints=[
            LinearConstraint(sparse.csr_array(np.hstack([near, np.eye(samples)])), 1, np.inf),
            LinearConstraint(is_centre[None], -np.inf, total - samples + row["picks"]),
            LinearConstraint((1 - is_centre)[None], -np.inf, row["outliers_allowed"]),
        ],
        options={"time_limit": PLAIN_SECONDS},
    )
    answer = "yes" if found.x is not None else "no" if found.status == 2 else "open"
    return time.perf_counter() - start, answer


def measure(name: str, both: FloatArray, size: tuple[int, int, int]) -> dict[str, Any]:
    """One query, and once more where memory is traced, which takes time of its own."""
    pool, labelled, picks = size
    points, centres = both[:pool], both[pool : pool + labelled]
    start, worked = time.perf_counter(), time.process_time()
    chosen = coreset(points, centres, picks)
    seconds, worked = time.perf_counter() - start, time.process_time() - worked
    tracemalloc.start()
    coreset(points, centres, picks)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    said = chosen.diagnostics
    again = radius_left(points, np.concatenate([centres, points[chosen.positions]]), said["outliers_allowed"])
    return {
        "features": name,
        "pool": pool,
        "labelled": labelled,
        "width": both.shape[1],
        "picks": picks,
        "seconds": seconds,
        "processor_seconds": worked,
        "mebibytes_over_input": most / 2**20,
        **said,
        "radius_from_scratch": again,
    }


def show(row: dict[str, Any]) -> None:
    print(
        f"{row['features']}: {row['pool']:,} x {row['width']}, {row['labelled']:,} labelled, {row['picks']:,} picks: "
        f"{row['seconds']:.1f} s ({row['processor_seconds']:.1f} s of the processor), {row['status']}, radius "
        f"{row['radius']:.4g} (bound {row['lower_bound']:.4g}, greedy {row['greedy_radius']:.4g}), "
        f"{row['radii_tried']} radii, {row['nodes']} nodes, {row['mebibytes_over_input']:.0f} MiB"
        + ("" if abs(row["radius_from_scratch"] / row["radius"] - 1) < 1e-6 else "; FROM SCRATCH IT DIFFERS"),
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="also 45,000 x 512, 5,000 labelled, 2,500 picks")
    parser.add_argument("--features", type=Path, help="embeddings to measure on, instead of made ones")
    parser.add_argument("--json", type=Path, help="write the rows here as well")
    arguments = parser.parse_args()
    circumstances = {
        "threads": os.environ.get("OMP_NUM_THREADS", "all"),
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "python": platform.python_version(),
        "processor": platform.processor() or platform.machine(),
    }
    makers: list[tuple[str, Callable[..., FloatArray]]] = [("clustered", clustered), ("gaussian", gaussian)]
    if arguments.features:
        given: FloatArray = np.load(arguments.features)
        makers = [(arguments.features.stem, lambda samples, _: given[:samples])]
    rows = []
    for size in (PLAIN, SIZES["default"], *([SIZES["full"]] if arguments.full else [])):
        for name, make in makers:
            rows.append(measure(name, make(size[0] + size[1], np.random.default_rng(0)), size))
            show(rows[-1])
    name, make = makers[0]
    seconds, answer = plain_step(make(PLAIN[0] + PLAIN[1], np.random.default_rng(0)), rows[0])
    rows[0] |= {"plain_step_seconds": seconds, "plain_step": answer}
    print(f"{name}: one step of the plain program at {PLAIN[0]:,} and that radius: {seconds:.1f} s, {answer}")
    if arguments.json:
        arguments.json.write_text(json.dumps({"circumstances": circumstances, "rows": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
