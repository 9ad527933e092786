"""Labels saved seed by seed, as tables: for what both methods reached, and for one level."""

from __future__ import annotations

from collections.abc import Sequence

from swither.report.area_tables import pair_name
from swither.report.areas import AreaComparison
from swither.report.comparison import Comparison
from swither.report.markup import Content, Markup, table, tag, text
from swither.report.savings import final_mean, saved_by_seed, saved_in_words, saved_interval_in_words
from swither.report.whole_curves import WholeCurves
from swither.report.wording import MINUS, NONE, SPACE, count, percent
from swither.statistics import LabelsSaved


def savings_tables(comparison: Comparison, curves: WholeCurves, found: Sequence[AreaComparison]) -> Markup:
    """Labels saved in each of the comparisons; nothing without a seed in common."""
    both = {each: saved for each in found if (saved := saved_by_seed(curves, each.method, each.over)) is not None}
    if not both:
        return Markup("")
    interval = f"95{SPACE}% interval"
    caption = (
        f"Labels saved, of {count(curves.budget[-1])} at most, for the highest accuracy that both methods reached in a "
        "seed; below zero, more were needed."
    )
    rows = [
        [pair_name(comparison, each), *_in_words(saved), _share(saved), str(saved.pairs)]
        for each, saved in both.items()
    ]
    note = (
        "Both curves of a seed are made never to fall and read by straight lines; the mean over seeds with "
        "Student\u2019s interval, each by itself and not corrected for their number. "
        "The answer at the top is read from the mean curves instead."
    )
    return text(
        (
            tag("h3", "Labels saved"),
            table(caption, ["Method", "Labels saved", interval, "Share", "Seeds"], rows),
            tag("p", note, class_="note"),
            tag("details", tag("summary", "For one level of accuracy"), _at_one_level(comparison, curves, list(both))),
        )
    )


def _at_one_level(comparison: Comparison, curves: WholeCurves, found: Sequence[AreaComparison]) -> Markup:
    """For the mean accuracy that the other method ends with: some runs end below, and are only known as bounds."""
    rows: list[list[Content]] = []
    for each in found:
        level = final_mean(curves, each.method, each.over)
        saved = saved_by_seed(curves, each.method, each.over, level)
        assert saved is not None
        reached = f"{saved.pairs - saved.bounded} of {saved.pairs}"
        rows.append([pair_name(comparison, each), percent(level), *_in_words(saved), reached])
    caption = (
        "Labels saved for one level: the mean accuracy that the other method ends with. A run that ends below it needs "
        "at least all its labels, so its seed\u2019s saving is only known as a bound. The interval reaches from "
        "Student\u2019s lower end of the lower bounds to the upper end of the upper ones; where a seed has no bound, "
        "it is open on that side."
    )
    head: list[Content] = ["Method", "Level", "Labels saved", f"95{SPACE}% interval", "Seeds in which both reach it"]
    return table(caption, head, rows)


def _in_words(saved: LabelsSaved) -> list[Content]:
    return [saved_in_words(saved), saved_interval_in_words(saved)]


def _share(saved: LabelsSaved) -> str:
    return percent(saved.share, 0).replace("-", MINUS) if saved.bound == "about" else NONE
