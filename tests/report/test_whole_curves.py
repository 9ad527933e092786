from __future__ import annotations

from types import ModuleType

import numpy as np

from swither.report import ReportData
from swither.report.comparison import Comparison
from swither.report.whole_curves import WholeCurves


def rows(method: str, seed: int, values: list[float], step: int = 100) -> list[dict[str, object]]:
    return [
        {"method": method, "seed": seed, "cycle": c, "labelled": step * (c + 1), "accuracy": v}
        for c, v in enumerate(values)
    ]


def curves_of(*runs: list[dict[str, object]]) -> WholeCurves:
    return WholeCurves.of(Comparison(ReportData("x", [row for run in runs for row in run])))


def test_whole_runs_are_kept_by_method_and_seed(synthetic: ModuleType) -> None:
    data = synthetic.report_data()
    curves = WholeCurves.of(Comparison(data))

    assert curves.budget == tuple(synthetic.labelled(c) for c in range(synthetic.CYCLES))
    assert curves.has_area
    assert curves.left_out == ()
    wanted = [r["accuracy"] for r in data.results if (r["method"], r["seed"]) == ("margin", 1)]
    np.testing.assert_array_equal(curves.curves["margin"][1], wanted)
    assert curves.shared_seeds("margin", "random") == (0, 1, 2)


def test_a_run_that_stopped_early_is_left_out_and_named() -> None:
    curves = curves_of(
        rows("random", 0, [0.5, 0.6, 0.7]), rows("random", 1, [0.5, 0.6, 0.7]),
        rows("margin", 0, [0.5, 0.6, 0.8]), rows("margin", 1, [0.5, 0.6]),
    )  # fmt: skip

    assert curves.shared_seeds("margin", "random") == (0,)
    assert curves.left_out == (
        "1 run left out of the areas, because it did not go through all cycles up to 2: margin (seed 1).",
    )


def test_what_only_one_method_has_reached_does_not_shorten_the_others() -> None:
    curves = curves_of(rows("random", 0, [0.5, 0.6, 0.7]), rows("margin", 0, [0.5, 0.6]))

    assert curves.budget == (100.0, 200.0), "up to the last cycle that two methods share"
    assert curves.left_out == ()


def test_a_run_of_another_budget_is_left_out_and_named() -> None:
    curves = curves_of(
        rows("random", 0, [0.5, 0.6]), rows("random", 1, [0.5, 0.6]), rows("margin", 0, [0.5, 0.6]),
        rows("margin", 1, [0.5, 0.6], step=90), rows("margin", 2, [0.5, 0.6], step=90),
    )  # fmt: skip

    assert curves.budget == (100.0, 200.0)
    assert curves.shared_seeds("margin", "random") == (0,)
    assert curves.left_out == (
        "2 runs left out of the areas, because they had other numbers of labels: margin (seeds 1 and 2).",
    )


def test_the_pair_is_of_the_same_seeds_in_the_same_order() -> None:
    curves = curves_of(
        rows("random", 2, [0.2, 0.3]), rows("random", 1, [0.1, 0.2]), rows("margin", 1, [0.11, 0.22]),
        rows("margin", 3, [0.5, 0.6]), rows("margin", 2, [0.21, 0.32]),
    )  # fmt: skip
    ours, theirs = curves.pair("margin", "random")

    assert ours.tolist() == [[0.11, 0.22], [0.21, 0.32]]
    assert theirs.tolist() == [[0.1, 0.2], [0.2, 0.3]]
    assert curves.pair("margin", "nobody")[0].shape == (0, 2)


def test_nothing_finished_has_no_area() -> None:
    assert not curves_of().has_area
    assert not curves_of(rows("random", 0, [0.5])).has_area
