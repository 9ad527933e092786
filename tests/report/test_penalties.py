from __future__ import annotations

import re
from types import ModuleType

import numpy as np
import pytest
from scipy import stats

from swither.report import ReportData
from swither.report.comparison import Comparison
from swither.report.penalties import penalties, penalties_of
from swither.report.wording import NONE


def test_the_matrix_counts_wins_at_every_budget_of_the_report(synthetic: ModuleType) -> None:
    data = synthetic.report_data()
    matrix = penalties_of(Comparison(data))
    assert matrix is not None

    def values(method: str, cycle: int) -> list[float]:
        return [r["accuracy"] for r in data.results if (r["method"], r["cycle"]) == (method, cycle)]

    wins = 0
    for cycle in range(synthetic.CYCLES):
        t = stats.ttest_rel(values("dispersion", cycle), values("random", cycle)).statistic
        wins += t > stats.t.ppf(0.975, 2)
    i, j = matrix.methods.index("dispersion"), matrix.methods.index("random")
    assert wins
    assert matrix.wins[i, j] == pytest.approx(wins / synthetic.CYCLES)
    assert matrix.budgets == synthetic.CYCLES


def rows(method: str, gain: float, seeds: int = 3, start: float = 0.5) -> list[dict[str, object]]:
    return [
        {"method": method, "seed": s, "cycle": c, "labelled": 10 * (c + 1),
         "accuracy": start + 0.01 * s + c * (0.1 + gain + 0.0001 * s * (1 + 50 * gain))}
        for s in range(seeds) for c in range(3)
    ]  # fmt: skip


def test_a_shared_start_is_left_out_and_said() -> None:
    comparison = Comparison(ReportData("x", [*rows("random", 0.0), *rows("margin", 0.01)]))
    matrix = penalties_of(comparison)
    body, drawings = penalties(comparison)

    assert matrix is not None
    assert matrix.budgets == 2
    assert matrix.wins.tolist() == [[0, 0], [1, 0]]
    assert matrix.penalties.tolist() == [1, 0]
    assert "of 2 budgets after the shared start" in body
    assert "Margin was beaten least often" in body
    assert [drawing.name for drawing in drawings] == ["penalties"]


def test_two_seeds_let_nobody_win() -> None:
    comparison = Comparison(ReportData("x", [*rows("random", 0.0, 2), *rows("margin", 0.01, 2)]))
    body, drawings = penalties(comparison)

    assert penalties_of(comparison) is None
    assert "nobody can be said to win" in body
    assert drawings == ()


def test_pairs_without_common_seeds_are_left_blank_and_counted() -> None:
    other = [{**row, "seed": int(str(row["seed"])) + 7} for row in rows("bald", 0.02)]
    comparison = Comparison(ReportData("x", [*rows("random", 0.0), *rows("margin", 0.01), *other]))
    matrix = penalties_of(comparison)
    body, _ = penalties(comparison)

    assert matrix is not None
    assert np.all(matrix.compared[:, matrix.methods.index("bald")] == 0)
    assert "2 pairs could not be compared at every budget" in body
    assert np.isnan(matrix.penalties[matrix.methods.index("bald")])
    assert "Margin was beaten least often" in body, "and not BALD, which was never compared"
    assert "nan" not in body
    (last,) = re.findall(r"Was beaten.*?</tr>", body, re.DOTALL)
    assert NONE in last


def test_equal_methods_beat_nobody_and_it_is_said() -> None:
    twins = [{**row, "method": "margin"} for row in rows("random", 0.0)]
    body, _ = penalties(Comparison(ReportData("x", [*rows("random", 0.0), *twins])))

    assert "Nobody beat anybody." in body
    assert "least often" not in body


def test_runs_with_other_numbers_of_labels_win_nothing_by_them() -> None:
    richer = [{**row, "labelled": 12 * (int(str(row["cycle"])) + 1)} for row in rows("margin", 0.01)]
    same = rows("bald", 0.0)
    matrix = penalties_of(Comparison(ReportData("x", [*rows("random", 0.0), *richer, *same])))

    assert matrix is not None
    assert not matrix.wins.any()
    assert matrix.compared[matrix.methods.index("margin")].sum() == 0
