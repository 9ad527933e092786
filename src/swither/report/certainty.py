"""How sure the differences are: areas compared in pairs, what was not found, labels saved, and who beat whom."""

from __future__ import annotations

from collections.abc import Sequence

from swither.report.area_figure import area_figure
from swither.report.area_tables import area_table, every_number, how_to_read
from swither.report.areas import STANDARDS, AreaComparison, area_comparisons, in_one_sentence
from swither.report.comparison import Comparison
from swither.report.drawing import Drawing
from swither.report.markup import Markup, tag, text
from swither.report.penalties import penalties
from swither.report.savings_tables import savings_tables
from swither.report.section import Section, figure, paragraph
from swither.report.whole_curves import WholeCurves
from swither.report.wording import SPACE, count, in_prose, listed


def certainty(comparison: Comparison) -> Section | None:
    """The section on what the seeds allow to say. None of a single method."""
    if len(comparison.methods) < 2:
        return None
    curves = WholeCurves.of(comparison)
    found = area_comparisons(comparison, curves)
    drawing = area_figure(comparison, found)
    matrix, more = penalties(comparison)
    drawings: tuple[Drawing, ...] = ((drawing,) if drawing else ()) + more
    body = text(
        (
            _answer(comparison, found),
            [paragraph(said, "note") for said in curves.left_out],
            figure(comparison, drawing, _figure_caption(found)) if drawing else "",
            [area_table(comparison, found, over) for over in STANDARDS],
            tag("p", how_to_read(found), class_="note") if found else "",
            every_number(comparison, found),
            savings_tables(comparison, curves, found),
            tag("h3", "Who beat whom along the way"),
            matrix,
        )
    )
    return Section("certainty", "How sure is that?", "Certainty", body, drawings)


def _answer(comparison: Comparison, found: Sequence[AreaComparison]) -> Markup:
    """One sentence on the method that is spoken of, and one that counts the others."""
    if not found:
        why = (
            "No run has two trainings yet, so there is no area to compare."
            if any(name in comparison.methods for name in STANDARDS)
            else "Neither random nor margin was run, so there is nothing to measure the methods against."
        )
        return paragraph(why)
    spoken = next((each for each in found if each.method == comparison.focus), found[0])
    verdicts = [each.verdict for each in found]
    tested = sum(each.adjusted is not None for each in found)
    counted = ""
    if tested > 1:
        clear = verdicts.count("ahead") + verdicts.count("behind")
        counted = (
            f" Of all {tested} comparisons with {listed(_standards(comparison, found))}, {count(clear)} "
            f"{'shows' if clear == 1 else 'show'} a difference once Holm\u2019s correction has made them pay for each "
            "other."
        )
    return paragraph([tag("strong", in_one_sentence(comparison, spoken)), counted])


def _standards(comparison: Comparison, found: Sequence[AreaComparison]) -> list[str]:
    return [in_prose(comparison.titles[over]) for over in STANDARDS if any(each.over == over for each in found)]


def _figure_caption(found: Sequence[AreaComparison]) -> str:
    parts = [
        "Differences of the mean height of the learning curve (the area under it over the width of the budget), seed "
        "by seed: the mean, and a thin stroke for each seed."
    ]
    if any(each.detectable for each in found):
        parts.append(
            f"The line is Student\u2019s 95{SPACE}% interval. The grey band holds the differences that a test of so "
            "many seeds with this deviation would miss more often than one time in five."
        )
    return " ".join(parts)
