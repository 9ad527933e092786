from __future__ import annotations

import re
from importlib import resources

import pytest

from swither.report.style import INK, MUTED, PAPER, WRONG, MethodStyle, method_styles

KNOWN = (
    "random", "least-confidence", "margin", "entropy", "bald", "dispersion", "kcenter", "oracle", "coreset", "vaal",
    "badge", "typiclust", "diverse-dispersion", "clustered-dispersion",
)  # fmt: skip
STRANGERS = tuple(f"mine.py:score_{n}" for n in range(12))
SHEET = resources.files("swither.report").joinpath("page.css").read_text(encoding="utf-8")


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def declared(name: str) -> list[str]:
    """A colour of the style sheet: on a light page, then on a dark one."""
    return re.findall(rf"--{name}: (#[0-9a-f]{{6}})", SHEET)


@pytest.mark.parametrize("style", [*method_styles((*KNOWN, *STRANGERS)).values()])
def test_methods_stand_out_from_light_and_dark_pages(style: MethodStyle) -> None:
    light, dark = declared("paper")

    assert contrast(style.light, light) >= 4.5  # method names are written in this colour
    assert contrast(style.dark, dark) >= 4.5


@pytest.mark.parametrize("name", ["ink", "muted", "link", "wrong"])
def test_text_is_readable_on_light_and_dark_pages(name: str) -> None:
    for colour, paper in zip(declared(name), declared("paper"), strict=True):
        assert contrast(colour, paper) >= 4.5


def test_figures_and_page_agree_on_their_colours() -> None:
    for name, colour in (("ink", INK), ("muted", MUTED), ("paper", PAPER), ("wrong", WRONG)):
        assert declared(name)[0] == colour


def test_no_two_methods_share_marker_and_dash_or_a_colour_of_the_catalogue() -> None:
    styles = method_styles((*KNOWN, *STRANGERS))

    assert len({(style.marker, style.dash) for style in styles.values()}) == len(styles)
    assert len({styles[name].light for name in KNOWN}) == len(KNOWN)
    assert not {styles[name].light for name in KNOWN} & {styles[name].light for name in STRANGERS}


def test_a_built_in_method_looks_the_same_whoever_stands_beside_it() -> None:
    alone = method_styles(["margin"])["margin"]

    assert method_styles([*STRANGERS, "random", "margin"])["margin"] == alone


def test_an_experiment_of_many_methods_draws_all_with_known_markers() -> None:
    from matplotlib.lines import Line2D

    for style in method_styles((*KNOWN, *STRANGERS)).values():
        assert Line2D([0], [0], marker=style.marker).get_marker() == style.marker


def test_no_marker_is_a_mere_stroke_which_its_white_edge_would_hide() -> None:
    from matplotlib.lines import Line2D

    for style in method_styles((*KNOWN, *STRANGERS)).values():
        assert style.marker in Line2D.filled_markers, style
