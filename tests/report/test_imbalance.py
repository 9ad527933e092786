"""The section on rare and common classes, held to counting image by image."""

from __future__ import annotations

import re
from collections import Counter
from html import unescape
from types import ModuleType

import numpy as np
import pytest

from swither.report import REFERENCE, ReportData
from swither.report.comparison import Comparison
from swither.report.imbalance import imbalance
from swither.report.markup import Markup


def tables(markup: Markup) -> list[dict[str, list[str]]]:
    """The rows of every table: first cell -> the others, as text."""
    found = []
    for table in re.findall(r"<table.*?</table>", markup, re.DOTALL):
        rows = re.findall(r"<tr>(.*?)</tr>", table.split("<tbody>")[1], re.DOTALL)
        parts = [[unescape(re.sub(r"<[^>]+>", "", c)) for c in re.split(r"</t[hd]>", row)] for row in rows]
        found.append({first: rest[:-1] for first, *rest in parts})
    return found


def made_up(sizes: list[int], methods: tuple[str, ...] = ("random", "margin"), seeds: int = 3) -> ReportData:
    """An experiment with classes of these sizes, in which images are drawn and recalls are made up."""
    draw = np.random.default_rng(0)
    names = [f"class {n:03}" for n in range(len(sizes))]
    results, initial, selected = [], [], []
    for method in methods:
        for seed in range(seeds):
            for cycle in range(3):
                recall = draw.random(len(sizes)).tolist()
                results.append(
                    {"method": method, "seed": seed, "cycle": cycle, "labelled": 20, "accuracy": 0.5, "recall": recall}
                )
                drawn = Counter(draw.choice(names, 20, p=np.array(sizes) / sum(sizes)).tolist())
                rows = [{"method": method, "seed": seed, "class_name": k, "count": v} for k, v in drawn.items()]
                if cycle == 0:
                    initial += rows
                else:  # chosen at the end of the cycle before; what is chosen after the last one is in no training
                    selected += [{**row, "cycle": cycle - 1} for row in rows]
            selected.append({"method": method, "seed": seed, "class_name": names[0], "count": 1000, "cycle": 2})
    results.append(
        {"method": REFERENCE, "seed": 0, "cycle": -1, "labelled": sum(sizes), "accuracy": 0.9,
         "recall": [0.9] * len(sizes)}
    )  # fmt: skip
    return ReportData(
        "x", results, initial_classes=initial, selected_classes=selected, class_names=names,
        pool_classes=dict(zip(names, sizes, strict=True)),
    )  # fmt: skip


def labels_by_counting(data: ReportData, method: str, name: str) -> float:
    """The mean over seeds of the labels of a class after the last cycle."""
    rows = [*data.initial_classes, *(row for row in data.selected_classes if row["cycle"] < 2)]
    seeds = {row["seed"] for row in data.results if row["method"] == method}
    return sum(r["count"] for r in rows if (r["method"], r["class_name"]) == (method, name)) / len(seeds)


def test_labels_and_recall_of_every_class_are_those_of_counting_the_rarest_first() -> None:
    data = made_up([40, 5, 300, 12])
    section = imbalance(Comparison(data))
    assert section is not None
    (table,) = tables(section.body)
    assert list(table) == ["class 001", "class 003", "class 000", "class 002"]
    for number, name in enumerate(data.class_names):
        size, *cells = table[name]
        assert size == str(data.pool_classes[name])
        for method, cell in zip(("random", "margin"), cells, strict=False):
            labels, recall = cell.split(" \u00b7 ")
            assert float(labels) == pytest.approx(labels_by_counting(data, method, name), abs=0.051)
            known = [r["recall"][number] for r in data.results if (r["method"], r["cycle"]) == (method, 2)]
            assert float(recall) == pytest.approx(100 * np.mean(known), abs=0.051)
        assert cells[2] == f"{data.pool_classes[name]} \u00b7 90.0"
    assert "class 002, has 60.0 times as many training images as the rarest, class 001: 300 and 5." in section.body


def test_a_hundred_classes_are_read_in_five_groups_and_by_either_end() -> None:
    sizes = np.random.default_rng(1).integers(5, 500, 100).tolist()
    data = made_up(sizes)
    section = imbalance(Comparison(data))
    assert section is not None
    groups, ends, whole = tables(section.body)
    order = sorted(range(100), key=lambda n: (sizes[n], n))
    assert len(groups) == 5
    assert list(ends) == [data.class_names[n] for n in [*order[:10], *order[-10:]]]
    assert list(whole) == [data.class_names[n] for n in order]
    for position, (name, cells) in enumerate(groups.items()):
        its = order[20 * position : 20 * position + 20]
        assert name == f"20 classes of {sizes[its[0]]} to {sizes[its[-1]]}"
        wanted = np.mean([labels_by_counting(data, "margin", data.class_names[n]) for n in its])
        assert float(cells[1].split(" \u00b7 ")[0]) == pytest.approx(wanted, abs=0.051)
        recalls = [r["recall"][n] for r in data.results if (r["method"], r["cycle"]) == ("margin", 2) for n in its]
        assert float(cells[1].split(" \u00b7 ")[1]) == pytest.approx(100 * np.mean(recalls), abs=0.051)
    assert section.body.index("<details>") > section.body.index("ten rarest")


def test_a_class_without_a_test_image_has_labels_and_no_recall() -> None:
    data = made_up([10, 20])
    for row in data.results:
        row["recall"][0] = None  # type: ignore[index]
    section = imbalance(Comparison(data))
    assert section is not None
    assert all(cell.endswith("\u00b7 \u2013") for cell in tables(section.body)[0]["class 000"][1:])


def test_classes_of_like_size_are_called_so() -> None:
    section = imbalance(Comparison(made_up([50, 50, 60])))
    assert section is not None
    assert "The classes are of like size: 50 to 60 training images each." in section.body


def test_a_folder_that_does_not_tell_the_first_labels_has_no_such_section(synthetic: ModuleType) -> None:
    assert imbalance(Comparison(synthetic.report_data())) is None
