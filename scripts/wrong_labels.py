"""Plant wrong labels and look for them: swither's check beside cleanlab's, on the same networks.

    .venv/bin/python scripts/wrong_labels.py cifar10=PATH mnist=PATH [--seeds 10] [--out results/wrong-labels]

For each seed 2,000 of 5,000 training images are drawn, 5 % of them get another label at random, and heads on features
(EfficientNet-Lite0) are cross-validated five-fold on the result. Nothing is tuned here: every rule has the
settings that it has elsewhere. The embeddings are computed once and kept in the cache.
"""

from __future__ import annotations

import argparse
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from cleanlab import __version__ as cleanlab_version
from cleanlab.filter import find_label_issues

from swither.data import DataSettings, ImageSet, open_dataset
from swither.dynamics import wrong_labels
from swither.loop import Execution, LabelCheck, LearnerSettings, check_labels
from swither.models import ModelSettings
from swither.randomness import generator
from swither.statistics import auroc, student_interval
from swither.training import circumstances, recipe_for
from swither.training.embedding import embedded

IMAGES, DRAWN, PLANTED = 5_000, 2_000, 0.05

Found = Callable[[LabelCheck], Any]
RULES: dict[str, Found] = {
    "swither: mean over the epochs": lambda check: check.found.suspect,
    "swither's rule, last epoch": lambda check: wrong_labels(check.last, check.given).suspect,
    "cleanlab, last epoch": lambda check: find_label_issues(check.given, check.last, n_jobs=1),
    "cleanlab, mean over the epochs": lambda check: find_label_issues(check.given, check.probabilities, n_jobs=1),
}
RANKINGS: dict[str, Found] = {
    "doubt, left out, mean over the epochs": lambda check: check.found.doubt,
    "doubt, left out, last epoch": lambda check: wrong_labels(check.last, check.given).doubt,
    "area under the margin, trained on": lambda check: -check.aum,
    "cartography's confidence, trained on": lambda check: -check.confidence,
    "forgetting events, trained on": lambda check: check.forgotten,
}


def planted(images: ImageSet, seed: int) -> tuple[ImageSet, Any]:
    """A draw of the images with some labels changed, and which ones were."""
    draws = generator(seed, "planted")
    taken = images.take(np.sort(draws.choice(len(images), DRAWN, replace=False)))
    wrong = np.zeros(DRAWN, dtype=bool)
    wrong[draws.choice(DRAWN, round(DRAWN * PLANTED), replace=False)] = True
    labels = taken.labels.copy()
    labels[wrong] = (labels[wrong] + draws.integers(1, images.classes, size=wrong.sum())) % images.classes
    return taken.labelled(taken.ids, labels), wrong  # drawn in id order, so the rows stay


def measured(images: ImageSet, seed: int) -> dict[str, dict[str, float]]:
    """What each rule finds and each ranking separates, with one seed."""
    noisy, wrong = planted(images, seed)
    settings = LearnerSettings("random", model=ModelSettings("features"), recipe=recipe_for("features"), seed=seed)
    check = check_labels(noisy, settings, execution=Execution("cpu"))
    row: dict[str, dict[str, float]] = {}
    for name, rule in RULES.items():
        found = np.asarray(rule(check), dtype=bool)
        right = int((found & wrong).sum())
        row[name] = {
            "named": int(found.sum()),
            "precision": right / max(1, int(found.sum())),
            "recall": right / int(wrong.sum()),
        }
    for name, ranking in RANKINGS.items():
        row[name] = {"auroc": auroc(ranking(check), wrong)}
    row["the network"] = {"accuracy, left out": float((check.last.argmax(axis=1) == noisy.labels)[~wrong].mean())}
    return row


def main() -> None:
    """Measure, print, and write after each seed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="+", metavar="NAME=PATH")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--out", type=Path, default=Path("results/wrong-labels"))
    arguments = parser.parse_args()
    tables: dict[str, list[dict[str, dict[str, float]]]] = {}
    for name, path in (given.split("=", 1) for given in arguments.data):
        images = embedded(open_dataset(DataSettings(path, train_images=IMAGES)).train)
        for seed in range(arguments.seeds):
            tables.setdefault(name, []).append(measured(images, seed))
            write(arguments.out, tables)
        print(f"\n{name}")
        for what, figures in summary(tables[name]).items():
            print(f"  {what:40s}", "   ".join(f"{key} {value}" for key, value in figures.items()))


def summary(rows: list[dict[str, dict[str, float]]]) -> dict[str, dict[str, str]]:
    """Mean and 95 % interval over seeds, for people."""
    words: dict[str, dict[str, str]] = {}
    for what in rows[0]:
        for figure in rows[0][what]:
            values = [row[what][figure] for row in rows]
            interval = student_interval(values)
            spread = f" ({interval.low:.3f} to {interval.high:.3f})" if interval else ""
            words.setdefault(what, {})[figure] = f"{np.mean(values):.3f}{spread}"
    return words


def write(folder: Path, tables: dict[str, Any]) -> None:
    """Everything measured so far, with its circumstances."""
    folder.mkdir(parents=True, exist_ok=True)
    asked = subprocess.run(["git", "describe", "--always", "--dirty=+"], capture_output=True, text=True)
    content = {
        "command": "python scripts/wrong_labels.py cifar10=PATH mnist=PATH",
        "commit": asked.stdout.strip(),
        "circumstances": {**circumstances("cpu"), "cleanlab": cleanlab_version},
        "images": DRAWN,
        "planted": PLANTED,
        "summary": {name: summary(rows) for name, rows in tables.items()},
        "seeds": tables,
    }
    (folder / "measured.json").write_text(json.dumps(content, indent=1) + "\n")


if __name__ == "__main__":
    main()
