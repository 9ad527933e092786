from __future__ import annotations

import csv
import math
from io import StringIO
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from swither.report.comparison import Comparison
from swither.report.numbers import as_csv, over_seeds
from swither.report.page import sections


@pytest.fixture(scope="module")
def data(synthetic: ModuleType) -> Any:
    return synthetic.report_data()


@pytest.fixture(scope="module")
def figures(data: Any) -> dict[str, list[dict[str, str]]]:
    """Name of each figure of the report -> the rows of its CSV, read again."""
    drawings = [drawing for part in sections(Comparison(data)) for drawing in part.drawings]
    return {drawing.name: list(csv.DictReader(StringIO(as_csv(drawing.numbers)))) for drawing in drawings}


def test_every_figure_of_the_report_has_its_numbers(figures: dict[str, list[dict[str, str]]]) -> None:
    assert {"learning-curves", "areas", "informativeness", "selected-classes", "cost", "montage"} <= figures.keys()
    for name, rows in figures.items():
        assert rows, name


def test_the_learning_curves_are_the_means_and_deviations_of_the_results(
    figures: dict[str, list[dict[str, str]]], data: Any
) -> None:
    for row in figures["learning-curves"]:
        values = [
            float(result["accuracy"])
            for result in data.results
            if result["method"] == row["method"] and (not row["cycle"] or result["cycle"] == int(row["cycle"]))
        ]
        assert int(row["seeds"]) == len(values)
        assert float(row["mean"]) == pytest.approx(np.mean(values), abs=1e-12)
        assert float(row["deviation"]) == pytest.approx(np.std(values, ddof=1), abs=1e-12)
        assert float(row["high"]) - float(row["mean"]) == pytest.approx(
            4.302652729911275 * float(row["deviation"]) / math.sqrt(3), rel=1e-9
        )


def test_gains_are_paired_by_seed(figures: dict[str, list[dict[str, str]]], data: Any) -> None:
    accuracy = {(r["method"], r["seed"], r["cycle"]): r["accuracy"] for r in data.results}
    for row in figures["learning-curves"]:
        if row["over_random"]:
            cycle = int(row["cycle"])
            gains = [accuracy[row["method"], seed, cycle] - accuracy["random", seed, cycle] for seed in range(3)]
            assert float(row["over_random"]) == pytest.approx(np.mean(gains), abs=1e-12)
        else:
            assert row["method"] in ("random", "reference")


def test_the_differences_of_area_are_those_of_the_curves(figures: dict[str, list[dict[str, str]]], data: Any) -> None:
    accuracy = {(r["method"], r["seed"], r["cycle"]): r["accuracy"] for r in data.results}
    budget = sorted({r["labelled"] for r in data.results if r["method"] == "random"})

    def height(method: str, seed: int) -> float:
        curve = [accuracy[method, seed, cycle] for cycle in range(len(budget))]
        return float(np.trapezoid(curve, budget) / (budget[-1] - budget[0]))

    for row in figures["areas"]:
        expected = [height(row["method"], seed) - height(row["over"], seed) for seed in range(3)]
        assert [float(d) for d in row["differences"].split()] == pytest.approx(expected, abs=1e-12)
        assert float(row["p"]) <= float(row["p_holm"]) <= 1


def test_informativeness_is_the_mean_over_seeds(figures: dict[str, list[dict[str, str]]], data: Any) -> None:
    for row in figures["informativeness"]:
        values = [
            r["accuracy"]
            for r in data.informativeness
            if (r["method"], r["portion"]) == (row["method"], float(row["portion"]))
        ]
        assert float(row["mean"]) == pytest.approx(np.mean(values), abs=1e-12)


def test_what_is_not_known_is_an_empty_field_and_not_nan() -> None:
    assert as_csv([over_seeds([0.5])]) == "seeds,mean,deviation,low,high\n1,0.5,,,\n"
    assert as_csv([{"x": float("nan")}, {"x": np.float64(0.1)}]) == 'x\n""\n0.1\n'


def test_rows_of_unlike_names_share_one_head() -> None:
    assert as_csv([{"a": 1}, {"b": 2}]) == "a,b\n1,\n,2\n"
