from __future__ import annotations

import re

import matplotlib
from matplotlib.figure import Figure

from swither.report.drawing import Drawing, draw, inline
from swither.report.style import INK


def paint(figure: Figure, /, *, wide: bool) -> None:
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color="#0a6cb0", marker="o")
    axes.fill_between([0, 1], [0, 0], [1, 2], color="#0a6cb0", alpha=0.2)
    axes.barh(0, 1, hatch="//", color="#c8460b")
    axes.set_title("$wide$" if wide else "$narrow$")


def drawing() -> Drawing:
    return draw("sample", "A < B", "Words & more", paint, height=200, narrow_height=180)


def test_the_same_painting_gives_the_same_bytes() -> None:
    assert drawing() == drawing()


def test_the_two_layouts_are_both_there_and_text_stays_text() -> None:
    markup = inline(drawing(), {})

    assert ">$wide$<" in markup
    assert ">$narrow$<" in markup
    assert markup.count("<svg") == markup.count("</svg>") == 2


def test_colours_follow_the_page_inside_and_stay_fixed_in_files() -> None:
    made = drawing()
    markup = inline(made, {"#0a6cb0": "var(--m0)"})

    assert "#0a6cb0" in made.svg.decode()
    assert "var(" not in made.svg.decode()
    assert "#0a6cb0" not in markup
    assert "var(--m0)" in markup
    assert INK not in markup
    assert "var(--ink)" in markup
    assert "#c8460b" not in markup  # the colour of a hatching lies in an attribute of its own


def test_references_inside_a_figure_hold_after_renaming() -> None:
    markup = inline(drawing(), {})
    ids = re.findall(r' id="([^"]+)"', markup)
    used = re.findall(r'href="#([^"]+)"', markup) + re.findall(r"url\(#([^)]+)\)", markup)

    assert len(ids) == len(set(ids))
    assert used
    assert set(used) <= set(ids)
    assert all(name.startswith(("sample-wide-", "sample-narrow-")) for name in ids)


def test_the_accessible_name_is_escaped_and_files_carry_no_date() -> None:
    made = drawing()

    assert "<title " in inline(made, {})
    assert "A &lt; B" in inline(made, {})
    assert "<dc:date>" not in made.svg.decode()
    assert made.png.startswith(b"\x89PNG")


def test_global_settings_are_as_before() -> None:
    before = dict(matplotlib.rcParams)
    drawing()

    assert dict(matplotlib.rcParams) == before
