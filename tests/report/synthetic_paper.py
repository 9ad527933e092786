"""A made-up folder that repeats the paper: the eight methods, the all-data reference, any number of seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from swither.report import REFERENCE, ReportData
from swither.report.paper_figures import ORACLE, PAPER_METHODS, TABLE_1, TITLES
from swither.report.paper_study import PaperStudy, SettingsGrid

ALL = (*PAPER_METHODS, ORACLE)
PORTIONS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0)
AREAS = {"dispersion": 0.84, "least-confidence": 0.82, "margin": 0.81, "entropy": 0.815}


def paper_data(
    dataset: str = "cifar10",
    scale: str = "full",
    *,
    methods: Sequence[str] = ALL,
    seeds: Mapping[str, int] | int = 3,
    noise: float = 0.0005,
    final: Mapping[str, float] | None = None,
    informative: Mapping[str, float] | None = None,
    areas: Mapping[str, float] = AREAS,
    whole: float | None = None,
    images: int = 50_000,
    **changes: Any,
) -> ReportData:
    """Rows whose last cycle is the paper's Table 1, or `final`, and whose earlier cycles lead up to it.

    `informative` says for each method which share of its first picks the model gets right.
    """
    generator = np.random.default_rng(3)
    printed = {m: row.accuracy / 100 for m, row in TABLE_1[dataset].items()}
    last = {m: printed.get(m, printed["dispersion"]) for m in ALL} | dict(final or {})
    right = {m: 0.30 + 0.04 * n for n, m in enumerate(PAPER_METHODS)} | {ORACLE: 0.0} | dict(informative or {})
    have = {m: seeds if isinstance(seeds, int) else seeds.get(m, 3) for m in (*methods, REFERENCE)}
    planned = [(m, s) for m in (*methods, REFERENCE) for s in range(3)]
    shared = generator.normal(0, 2 * noise, 100)
    results = []
    first = printed["random"] - 0.12
    for method in methods:
        for seed in range(have[method]):
            for cycle in range(5):
                height = first + (last[method] - first) * (1 - (1 - cycle / 4) ** 2)
                own = generator.normal(0, noise) if cycle else 0.0
                results.append(
                    {"method": method, "seed": seed, "cycle": cycle, "labelled": images // 10 + cycle * images // 20,
                     "accuracy": float(height + shared[seed] + own)}
                )  # fmt: skip
    results += [
        {"method": REFERENCE, "seed": s, "cycle": 0, "labelled": images,
         "accuracy": (whole or TABLE_1[dataset]["all-data"].accuracy / 100) + float(shared[s])}
        for s in range(have[REFERENCE])
    ]  # fmt: skip
    curves = [
        {"method": m, "seed": s, "portion": p, "images": round(0.9 * p * images),
         "accuracy": float(0.8 - (0.8 - right[m]) * (1 - p) ** 2 + generator.normal(0, noise) * (p < 1))}
        for m in methods for s in range(have[m]) for p in PORTIONS
        if m != "coreset" or p <= 0.2 or p == 1
    ]  # fmt: skip
    found = [
        {"method": "dispersion", "seed": s, "cycle": 0, "measure": m,
         "auroc": area + float(shared[s] + generator.normal(0, noise))}
        for m, area in areas.items() for s in range(have.get("dispersion", 0))
    ]  # fmt: skip
    reduced = () if scale == "full" else ("10,000 of 50,000 training images", "a tiny network", "30 epochs of 100")
    study = PaperStudy(
        dataset,  # type: ignore[arg-type]
        scale,  # type: ignore[arg-type]
        methods={m: m for m in methods},
        reduced=reduced,
        training_images=images,
    )
    data = ReportData(
        title=f"The paper's protocol on {dataset}",
        results=results,
        command=f"swither paper {dataset}",
        informativeness=curves,
        wrong_predictions=found,
        methods=[{"name": m, "title": "VAAL (reduced)" if m == "vaal" and reduced else TITLES[m]} for m in methods],
        planned=planned,
        paper=study,
        choice=grid(),
    )
    return replace(data, **changes)


def grid() -> SettingsGrid:
    """The declared grid, with the default chosen."""
    rows = [
        {
            "weight_decay": decay,
            "batch_size": batch,
            "nesterov": nesterov,
            "accuracy": 0.930 - 0.004 * n - 0.003 * (batch == 256) - 0.001 * (not nesterov),
            "epochs": 100,
            "seconds_training": 900.0,
            "training": "0" * 24,
            "circumstances": {"device": "cuda"},
        }
        for n, decay in enumerate((5e-4, 1e-4, 0.0))
        for batch in (128, 256)
        for nesterov in (True, False)
    ]
    return SettingsGrid(rows, {"weight_decay": 5e-4, "batch_size": 128, "nesterov": True}, 45_000, 5_000)
