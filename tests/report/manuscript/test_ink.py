from __future__ import annotations

from itertools import pairwise

import pytest
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from swither.acquisition import ACQUISITIONS
from swither.report.learning_curves import key_line
from swither.report.manuscript.ink import INKS, Ink, ink_for_paper
from swither.report.paper_figures import PAPER_METHODS
from swither.report.style import PAPER, method_styles

CATALOGUE = tuple(ACQUISITIONS)
DEMO = ("random", "margin", "bald", "dispersion", "kcenter", "oracle")
PAPERS = tuple(name for name in CATALOGUE if name in PAPER_METHODS)
STRANGERS = tuple(f"mine.py:score_{n}" for n in range(6))


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def lightness(colour: str) -> float:
    """L* of CIELAB, from 0 (black) to 100 (white): what is left of a colour in grey."""
    return float(116 * luminance(colour) ** (1 / 3) - 16)


def ink(name: str) -> Ink:
    return INKS[method_styles([name])[name].light]


@pytest.mark.parametrize("methods", [CATALOGUE, PAPERS, DEMO, STRANGERS], ids=["catalogue", "paper", "demo", "own"])
def test_methods_beside_each_other_differ_in_grey(methods: tuple[str, ...]) -> None:
    styles = method_styles(methods)
    for one, other in pairwise(methods):
        difference = abs(lightness(INKS[styles[one].light].colour) - lightness(INKS[styles[other].light].colour))
        assert difference >= 9, f"{one} and {other} differ by {difference:.1f} of 100"


def test_no_two_methods_share_a_marker_that_looks_alike_in_grey() -> None:
    looks = [(ink(name).marker, ink(name).is_open) for name in CATALOGUE]
    assert len(set(looks)) == len(looks)
    assert not {"8", "H", "h", "p"} & {marker for marker, _ in looks}  # at 4 points all are circles


def test_methods_beside_each_other_differ_in_dash_and_in_marker() -> None:
    styles = method_styles(CATALOGUE)
    for one, other in pairwise(CATALOGUE):
        assert styles[one].dash != styles[other].dash or styles[one].width != styles[other].width, (one, other)
        assert ink(one)[1:] != ink(other)[1:], (one, other)


def test_lines_stand_out_from_white_paper() -> None:
    for each in INKS.values():
        assert 1.05 / (luminance(each.colour) + 0.05) >= 3


def test_every_style_has_its_ink() -> None:
    styles = method_styles((*CATALOGUE, *STRANGERS))
    assert {style.light for style in styles.values()} <= INKS.keys()


def test_lines_get_their_ink_and_others_stay() -> None:
    figure = Figure()
    axes = figure.subplots()
    style = method_styles(["coreset"])["coreset"]
    own = axes.add_line(key_line(style, [0, 1], [0, 1]))
    other = axes.add_line(Line2D([0], [0], color="#123456", marker="o"))
    strokes = axes.plot([0], [0], marker="|", linestyle="none", color=style.light)[0]
    ink_for_paper(figure)
    assert own.get_color() == ink("coreset").colour
    assert (own.get_marker(), own.get_markerfacecolor()) == ("s", PAPER)
    assert (other.get_color(), other.get_marker()) == ("#123456", "o")
    assert (strokes.get_color(), strokes.get_marker()) == (ink("coreset").colour, "|")
