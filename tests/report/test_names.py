from __future__ import annotations

from dataclasses import replace
from types import ModuleType

import pytest
from matplotlib.text import Text

from swither.acquisition import ACQUISITIONS
from swither.acquisition.variant import title_of
from swither.report.classes import selected_classes
from swither.report.comparison import Comparison
from swither.report.cost import cost
from swither.report.drawing import own_settings, painted
from swither.report.informativeness import informativeness
from swither.report.learning_curves import learning_curves
from swither.report.names import short_names
from swither.report.penalties import penalties

VARIANTS = ["dispersion", *(f"dispersion:{s}" for s in ("stride=2", "stride=5", "burn_in=0.1", "augmented=true"))]
ALIKE = {
    "a": "what_i_tried_in_the_summer_of_2025 (mine.py, power 2)",
    "b": "what_i_tried_in_the_summer_of_2025 (mine.py, power 3)",
    "c": "what_i_tried_in_the_summer_of_2026 (mine.py, power 2)",
    "d": "_" * 30 + "x" + "_" * 30,
    "e": "_" * 30 + "y" + "_" * 30,
}


@pytest.mark.parametrize("longest", [13, 16, 18, 19, 22, 24])
def test_methods_that_begin_or_end_alike_have_distinct_names_that_fit(longest: int) -> None:
    titles = {name: title_of(name) for name in [*ACQUISITIONS, *VARIANTS]} | ALIKE
    short = short_names(titles, longest)
    assert len(set(short.values())) == len(titles)
    assert all(len(name.lstrip("\u2009")) <= longest for name in short.values())


def test_a_setting_is_read_in_every_figure() -> None:
    short = short_names({name: title_of(name) for name in VARIANTS}, 16)
    assert list(short.values()) == [
        "dispersion",
        "disp. (stride 2)",
        "disp. (stride 5)",
        "d… (burn in 0.1)",
        "dis… (augmented)",
    ]


def test_a_known_name_is_abbreviated_and_not_cut() -> None:
    titles = {name: known.title for name, known in ACQUISITIONS.items()}
    assert not any("…" in name for name in short_names(titles, 13).values())
    assert short_names({"a": "Least confidence"}, 13) == {"a": "Least conf."}


def test_a_name_that_fits_stays_and_is_never_hidden_from_a_legend() -> None:
    assert short_names({"a": "dispersion", "b": "_mine"}, 13) == {"a": "dispersion", "b": "\u2009_mine"}


def test_no_figure_gives_two_methods_one_name(synthetic: ModuleType) -> None:
    data = synthetic.report_data()
    titles = ["what_i_tried_in_the_summer_of_2025", "what_i_tried_in_the_summer_of_2026"]
    methods = [
        row | ({"title": titles.pop()} if row["name"] in ("margin", "dispersion") else {}) for row in data.methods
    ]
    comparison = Comparison(replace(data, methods=methods))
    drawings = [learning_curves(comparison), penalties(comparison)[1][0]]
    for made in (cost(comparison), selected_classes(comparison), informativeness(comparison)):
        assert made is not None
        drawings += made.drawings
    for drawing in drawings:
        for wide in (True, False):
            with own_settings():
                figure = painted(drawing.paint, drawing.height, wide=wide)
            texts = [text for text in figure.findobj(Text) if isinstance(text, Text)]
            named = {text.get_text().split("  ")[0] for text in texts if text.get_text().startswith("what")}
            assert len(named) == 2, (drawing.name, named)
