"""The comparisons of area as tables: what a reader needs at first, and every number folded away."""

from __future__ import annotations

from collections.abc import Sequence

from swither.report.areas import LEAST_FOR_RESAMPLING, AreaComparison
from swither.report.comparison import Comparison
from swither.report.intervals import LEAST_SEEDS, ends_in_words, gain_in_words
from swither.report.markup import Content, Markup, table, tag, text
from swither.report.section import method_name
from swither.report.wording import NONE, SPACE, count, in_prose, listed, plural, points, probability
from swither.statistics import seeds_needed

_VERDICTS = {"no difference": "no difference found", "no spread": "no spread to test", "too few seeds": "too few seeds"}


def area_table(comparison: Comparison, found: Sequence[AreaComparison], over: str) -> Markup:
    """The comparisons with one standard: difference, interval, p, what could be found, and the result in words."""
    rows: list[list[Content]] = [
        [
            method_name(comparison, each.method),
            gain_in_words(each.gain, 2) if each.gain else NONE,
            _p_value(each, each.test.p if each.test else None),
            _p_value(each, each.adjusted),
            str(len(each.seeds)),
            _could_be_found(each),
            _VERDICTS.get(each.verdict, each.verdict),
        ]
        for each in found
        if each.over == over
    ]
    if not rows:
        return Markup("")
    head: list[Content] = [
        "Method",
        ["Difference, points", tag("br"), tag("small", f"95{SPACE}% interval")],
        "p",
        ["p adjusted", tag("br"), tag("small", "Holm")],
        "Seeds",
        ["Could be found", tag("br"), tag("small", "with 80\u00a0% probability")],
        "Result",
    ]
    title = in_prose(comparison.titles[over])
    caption = f"Mean height of the learning curve, less that of {title}, in points of accuracy."
    return text((tag("h3", f"Against {title}"), table(caption, head, rows)))


def _p_value(each: AreaComparison, p: float | None) -> str:
    """Without its sign of equality; none where there is no spread to test against."""
    if p is None or each.test is None or each.verdict == "no spread":
        return NONE
    return probability(p).removeprefix(f"={SPACE}")


def _could_be_found(each: AreaComparison) -> str:
    return points(each.detectable, 2).lstrip("+") if each.detectable else NONE


def how_to_read(found: Sequence[AreaComparison]) -> str:
    """What the numbers of the tables are."""
    family = found[0].family
    if not family:
        return (
            f"Paired by seed; below {LEAST_SEEDS} seeds there is no interval and no test. Nothing here says anything "
            "about chance."
        )
    resampled = (
        ""
        if any(each.flips for each in found)
        else f" From {LEAST_FOR_RESAMPLING} seeds on a bootstrap and an exact sign-flip test stand beside them."
    )
    return (
        "Paired by seed. p: Student\u2019s paired test, two-sided; adjusted by Holm over all "
        f"{plural(family, 'comparison')} of area in this report, and \u201cahead\u201d or \u201cbehind\u201d only "
        f"where it stays below 0.05. Could be found: the true difference that one such test of as many seeds "
        f"with the same deviation finds with 80{SPACE}% probability (noncentral t). \u201cNo difference found\u201d "
        f"does not say that there is none: a smaller one than that would often have been missed.{resampled}"
    )


def every_number(comparison: Comparison, found: Sequence[AreaComparison]) -> Markup:
    """t, deviation, bootstrap and sign flips, folded away."""
    tested = [each for each in found if each.test is not None and each.gain is not None]
    if not tested:
        return Markup("")
    resampled = any(each.flips for each in tested)
    head: list[Content] = ["Comparison", "Deviation", "t", "Degrees", "Seeds for 1 point"]
    if resampled:
        head += [f"Bootstrap 95{SPACE}%, points", "Sign-flip p", "smallest possible"]
    rows = [[pair_name(comparison, each), *_numbers(each, resampled=resampled)] for each in tested]
    seeds = {each.seeds for each in tested}
    caption = (
        "The same comparisons in full: the deviation of the differences in points, the paired test, and how many seeds "
        f"would find a true difference of one point with 80{SPACE}% probability."
    )
    if resampled:
        caption += _resampling(tested)
    if len(seeds) == 1:
        caption += f" Seeds {listed([str(seed) for seed in next(iter(seeds))])}."
    else:
        head.append("Seeds")
        for row, each in zip(rows, tested, strict=True):
            row.append(", ".join(str(seed) for seed in each.seeds))
    return tag("details", tag("summary", "Every number"), table(caption, head, rows))


def _resampling(tested: Sequence[AreaComparison]) -> str:
    drawn = [each.flips for each in tested if each.flips and not each.flips.exact]
    how = (
        f"among {count(drawn[0].flips)} flips drawn at random, beyond 40 seeds"
        if drawn
        else "among all flips of the signs, counted exactly"
    )
    return (
        " Bootstrap: 10,000 draws of seeds, bias-corrected and accelerated (BCa); with ten seeds it is somewhat too "
        f"narrow. Sign flip: {how}; beside it the smallest p that differences of these sizes could give. Both check "
        "Student\u2019s figures and are not adjusted."
    )


def pair_name(comparison: Comparison, each: AreaComparison) -> Content:
    """The method, and in small type what it is measured against."""
    return [
        method_name(comparison, each.method),
        " ",
        tag("small", f"against {in_prose(comparison.titles[each.over])}"),
    ]


def _numbers(each: AreaComparison, *, resampled: bool) -> list[Content]:
    assert each.test is not None
    assert each.gain is not None
    cells: list[Content] = [
        f"{100 * each.gain.deviation:.3f}",
        f"{each.test.t:+.2f}".replace("-", "\u2212") if each.test.spread else NONE,
        str(each.test.degrees),
        count(seeds_needed(0.01, each.gain.deviation)) if each.test.spread else NONE,
    ]
    if not resampled:
        return cells
    if each.flips is None or each.bootstrap is None:
        return [*cells, NONE, NONE, NONE]
    p, smallest = (probability(p).removeprefix(f"={SPACE}") for p in (each.flips.p, each.flips.smallest_p))
    return [
        *cells,
        ends_in_words(each.bootstrap, 2),
        p,
        f"{each.flips.smallest_p:.2g}" if smallest.startswith("<") else smallest,
    ]
