"""What the report is told of an experiment on an imbalanced folder of photographs."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from swither.data import DataSettings
from swither.experiment import CompareSettings, compare, contents
from swither.experiment.cells import Cell
from swither.experiment.contents import report_data
from swither.experiment.results import results_table, selected_table
from swither.training import Recipe

SIZES = {"ant": 60, "bee": 24, "cow": 10, "dog": 4}


@pytest.fixture
def photographs(tmp_path: Path) -> Path:
    """JPEG files of two shapes, some turned by EXIF, in classes of unequal size."""
    draw = np.random.default_rng(0)
    for number, (name, count) in enumerate(SIZES.items()):
        folder = tmp_path / "photographs" / name
        folder.mkdir(parents=True)
        for position in range(count):
            coarse = np.clip(draw.normal(60 * number + 30, 30, (6, 8, 3)), 0, 255).astype(np.uint8)
            image = Image.fromarray(coarse).resize((320, 240) if position % 2 else (240, 320), Image.Resampling.BICUBIC)
            exif = Image.Exif()
            exif[0x0112] = 6 if position % 3 == 0 else 1
            image.save(folder / f"{position}.jpg", exif=exif)
    return tmp_path / "photographs"


def test_the_report_counts_the_labels_of_every_class_from_the_first_set_on(
    photographs: Path, quick: CompareSettings, tmp_path: Path
) -> None:
    settings = replace(
        quick,
        data=DataSettings(str(photographs), image_size=16, cache=str(tmp_path / "cache")),
        recipe=Recipe(epochs=3, least_steps=3, class_weights="balanced"),
        acquisitions=("random", "margin"),
        cycles=2,
        reference=False,
    )
    out = tmp_path / "out"
    compare(settings, out)
    data = report_data(out, results_table(out), selected_table(out))
    for method in ("random", "margin"):
        lines = (out / "cells" / f"{method}--seed0" / "events.jsonl").read_text().splitlines()
        events = [json.loads(line) for line in lines]
        wanted = Counter(event["label"] for event in events)
        rows = [row for row in (*data.initial_classes, *data.selected_classes) if row["method"] == method]
        told: Counter[str] = Counter()
        for row in rows:
            told[row["class_name"]] += row["count"]
        assert told == wanted
        assert sum(row["count"] for row in data.initial_classes if row["method"] == method) == 20
    assert list(data.pool_classes.values()) == sorted(data.pool_classes.values(), reverse=True)
    page = (out / "report.html").read_text()
    assert "Did rare classes get labels?" in page
    assert "times as many training images as the rarest, dog" in page
    assert json.loads((out / "experiment.json").read_text())["protocol"]["recipe"]["class_weights"] == "balanced"


def test_examples_are_those_of_dispersion_itself_and_named_as_the_report_names_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    none = {name: np.zeros(0) for name in ("pixels", "ids", "true_labels", "last_labels", "confidence")}
    monkeypatch.setattr(contents, "load_montage", lambda _: none)
    cells = [Cell("clustered-dispersion", 0), Cell("dispersion:stride=2", 0), Cell("dispersion", 0)]
    assert contents._montage(tmp_path, cells, [])[1] == "dispersion, seed 0, cycle 0"
    assert contents._montage(tmp_path, cells[:1], [])[1] == "clustered dispersion, seed 0, cycle 0"
