from __future__ import annotations

import re
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize

from swither.report import ReportData
from swither.report.comparison import Comparison
from swither.report.learning_curves import learning_curves, spread_apart


@given(st.lists(st.floats(0, 10), min_size=1, max_size=7), st.floats(0.1, 1.0))
def test_labels_stay_in_order_apart_and_within_their_bounds(wanted: list[float], gap: float) -> None:
    places = spread_apart(sorted(wanted), gap, low=0.0, high=10.0)

    assert np.all(np.diff(places) >= gap - 1e-5)
    assert places[0] >= -1e-6
    assert places[-1] <= 10.0 + 1e-5


@pytest.mark.parametrize("seed", range(8))
def test_labels_move_no_further_than_they_must(seed: int) -> None:
    generator = np.random.default_rng(seed)
    wanted = np.sort(generator.uniform(0, 4, size=5))
    least = optimize.minimize(
        lambda places: float(np.sum((places - wanted) ** 2)),
        np.linspace(0, 8, 5),
        constraints=[{"type": "ineq", "fun": lambda places: np.diff(places) - 1.0}],
        bounds=[(-20, 20)] * 5,
        method="SLSQP",
    )

    assert spread_apart(wanted.tolist(), 1.0, low=-20, high=20) == pytest.approx(least.x, abs=1e-3)


def test_the_figure_names_every_method_and_the_reference(synthetic: ModuleType) -> None:
    drawing = learning_curves(Comparison(synthetic.report_data()))

    for svg in (drawing.svg.decode(), drawing.narrow_svg.decode()):
        for title in ("Random", "Margin", "BALD", "Dispersion", "k-center greedy", "Entropy", "40,000 labels"):
            assert title in svg, title
    assert "dispersion from" in drawing.description
    assert "98.9" in drawing.description


def test_the_mean_is_drawn_where_it_is(synthetic: ModuleType) -> None:
    comparison = Comparison(synthetic.report_data())
    ends = {m: comparison.curve(m)[-1].mean for m in comparison.methods}
    svg = learning_curves(comparison).svg.decode()

    for method, mean in ends.items():
        assert f"{comparison.titles[method]}  {100 * mean:.1f}" in svg


def curves(first: dict[str, float], spread: float) -> str:
    """The figure of two cycles of three seeds: the accuracy of each method at cycle 0, and how far seeds lie apart."""
    rows = [
        {"method": m, "seed": s, "cycle": c, "labelled": 10 * (c + 1), "accuracy": a + 0.1 * c + spread * (s - 1)}
        for m, a in first.items()
        for c in (0, 1)
        for s in (0, 1, 2)
    ]
    return learning_curves(Comparison(ReportData("x", rows))).svg.decode()


def markers(svg: str) -> int:
    return len(re.findall(r"<use ", svg))


def test_a_training_that_all_methods_share_has_one_marker() -> None:
    apart = markers(curves({"random": 0.500, "margin": 0.501, "entropy": 0.502}, 0.001))
    shared = markers(curves({"random": 0.500, "margin": 0.500, "entropy": 0.500}, 0.001))

    assert apart - shared >= 2 + 2  # two of three markers above, and the gains that are zero by design below


def test_an_interval_beyond_the_frame_ends_in_an_arrow() -> None:
    inside = markers(curves({"random": 0.40, "margin": 0.60}, 0.001))
    beyond = markers(curves({"random": 0.40, "margin": 0.60}, 0.2))

    assert beyond > inside
