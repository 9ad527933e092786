"""A made-up experiment of the size of the demo: six methods, three seeds, six trainings, digits-like images."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from swither.report import REFERENCE, MontageImage, ReportData

METHODS = {
    "random": ("Random", 0.0, "Draws at random.", ""),
    "margin": ("Margin", 0.010, "The two most probable classes lie close together.", "Brust et al. (2019)"),
    "bald": ("BALD", 0.008, "Networks drawn by dropout disagree.", "Gal et al. (2017)"),
    "dispersion": ("Dispersion", 0.014, "The predicted label kept changing.", "Zolfaghari Bengar et al. (2021)"),
    "kcenter": ("k-center greedy", 0.004, "Far from everything labelled.", "Sener & Savarese (2018)"),
    "entropy": ("Entropy", 0.006, "The predicted probabilities are spread out.", "Shannon (1948)"),
}
SEEDS = (0, 1, 2)
CYCLES = 6
POOL = 40_000
CLASSES = tuple("0123456789")
CIRCUMSTANCES = {
    "device": "cpu",
    "precision": "float32",
    "threads": 1,
    "torch": "2.13.0",
    "deterministic": True,
    "machine": "x86_64",
    "numpy": "2.4.6",
    "python": "3.11.9",
}


def labelled(cycle: int) -> int:
    return 250 * (cycle + 1)


def result(method: str, seed: int, cycle: int, generator: np.random.Generator) -> dict[str, Any]:
    gain = METHODS[method][1] * (1 - np.exp(-cycle / 1.5))
    shared = 0.004 * np.sin(7.0 * seed + cycle)
    accuracy = 0.985 - 0.16 * labelled(cycle) ** -0.45 * 6 + gain + shared + generator.normal(0, 0.0015)
    recall = np.clip(accuracy + np.linspace(-0.06, 0.02, len(CLASSES)) + generator.normal(0, 0.01, len(CLASSES)), 0, 1)
    return {
        "method": method, "seed": seed, "cycle": cycle, "labelled": labelled(cycle), "accuracy": float(accuracy),
        "balanced_accuracy": float(recall.mean()), "macro_f1": float(recall.mean() - 0.003), "recall": recall.tolist(),
        "seconds_training": 4.0 + 1.5 * cycle + 0.2 * seed,
        "seconds_recording": (5.1 if method == "dispersion" and cycle < CYCLES - 1 else 0.0),
        "seconds_selecting": {"random": 0.001, "kcenter": 1.4, "bald": 0.7}.get(method, 0.2) * (cycle < CYCLES - 1),
        **CIRCUMSTANCES,
    }  # fmt: skip


def digit(generator: np.random.Generator, side: int = 8) -> np.ndarray:
    """A stroke or two on a dark ground."""
    image = np.zeros((side, side), dtype=float)
    for _ in range(2):
        row, column = generator.integers(1, side - 1, 2)
        image[1:-1, column] = np.maximum(image[1:-1, column], generator.uniform(0.4, 1))
        image[row, 2:-2] = np.maximum(image[row, 2:-2], generator.uniform(0.4, 1))
    return (255 * image).astype(np.uint8)[:, :, None]


def montage(generator: np.random.Generator, each: int = 12) -> tuple[MontageImage, ...]:
    images = []
    for position in range(2 * each):
        most = position < each
        true = str(generator.integers(10))
        labels = tuple(str(generator.integers(10)) if most and generator.random() < 0.6 else true for _ in range(5))
        images.append(
            MontageImage(
                digit(generator), f"{position:032x}", true, labels,
                float(generator.uniform(0.6, 1) if most else generator.uniform(0.97, 1)),
                float(0.72 - 0.02 * position if most else 0.0), "most" if most else "least",
            )
        )  # fmt: skip
    return tuple(images)


def report_data(**changes: Any) -> ReportData:
    """The whole experiment; `changes` replace fields."""
    generator = np.random.default_rng(7)
    results = [result(m, s, c, generator) for m in METHODS for s in SEEDS for c in range(CYCLES)]
    results += [
        {"method": REFERENCE, "seed": seed, "cycle": -1, "labelled": POOL, "accuracy": 0.9885 + 0.0006 * seed,
         "recall": [0.98 + 0.001 * k for k in range(10)], "seconds_training": 210.0, **CIRCUMSTANCES}
        for seed in SEEDS
    ]  # fmt: skip
    informativeness = [
        {"method": m, "seed": s, "portion": p, "images": round(p * (POOL - 250)),
         "accuracy": float(0.84 - (5 * METHODS[m][1] + 0.4 * (m != "random")) * (1 - p) ** 2 * (m in METHODS)
                           + generator.normal(0, 0.008 * (1 - p)))}
        for m in METHODS for s in SEEDS for p in (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0)
    ]  # fmt: skip
    informativeness += [
        {"method": "oracle", "seed": s, "portion": p, "accuracy": max(0.0, (p - 0.16) / p)}
        for s in SEEDS for p in (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0)
    ]  # fmt: skip
    weights = np.linspace(0.7, 1.4, 10)
    selected = [
        {"method": m, "seed": s, "cycle": c, "class_name": name, "count": int(generator.poisson(
            25 * (weights[k] / weights.mean() if m != "random" else 1)))}
        for m in METHODS for s in SEEDS for c in range(CYCLES - 1) for k, name in enumerate(CLASSES)
    ]  # fmt: skip
    largest = [
        {"method": "dispersion", "seed": s, "cycle": c, "epoch": e,
         "share": float(0.112 + 0.7 * np.exp(-e / 4) + 0.05 * np.exp(-e / 15) * generator.random())}
        for s in SEEDS for c in range(CYCLES - 1) for e in range(1, 61)
    ]  # fmt: skip
    methods = [
        {"name": name, "title": title, "summary": summary, "paper": paper}
        for name, (title, _, summary, paper) in METHODS.items()
    ] + [{"name": "oracle", "title": "Oracle", "summary": "Knows the labels: misclassified images first.", "paper": ""}]
    data = ReportData(
        title="Digits: six methods, three seeds",
        results=results,
        command="swither compare digits --methods random,margin,bald,dispersion,kcenter,entropy --seeds 3",
        created="2026-11-22 12:00 UTC",
        informativeness=informativeness,
        montage=montage(generator),
        selected_classes=selected,
        pool_classes=dict.fromkeys(CLASSES, POOL // 10),
        pool_largest_class=largest,
        class_names=CLASSES,
        settings={
            "data": {"source": "digits", "test": "20 % drawn by seed 0", "image size": "8 x 8 x 1"},
            "protocol": {"initial": 250, "per cycle": 250, "cycles": CYCLES - 1},
            "model": {"name": "resnet8", "width": 16, "dropout": 0.5},
            "recipe": {"epochs": 60, "learning rate": 0.02, "batch size": 32},
            "execution": {"jobs": 2, "device": "cpu"},
        },
        data_notes=("Split by seed 0.", "3 exact copies, none across the split.", "No file was skipped."),
        methods=methods,
        planned=[(m, s) for m in (*METHODS, REFERENCE) for s in SEEDS],
        versions={"swither": "0.1.0", "torch": "2.13.0", "numpy": "2.4.6", "python": "3.11.9"},
    )
    return replace(data, **changes)
