"""The paper's claims about what the labels bought: learning curves, labels saved, and the all-data accuracy."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from swither.report.claims_of_scores import DISPERSION, NOTHING, elsewhere, named
from swither.report.markup import Content, Markup
from swither.report.paper_answer import Answer, Part, differences, interval_note, scarcest
from swither.report.paper_evidence import Evidence
from swither.report.paper_figures import (
    ALL_DATA,
    DATA_SETS,
    GAIN_IN_THE_TEXT,
    LABELS_SAVED,
    PAPER_METHODS,
    REACHED,
    TABLE_1,
    TRAINING_IMAGES,
    printed_gain,
    relative_of_printed,
)
from swither.report.paper_study import PaperStudy
from swither.report.verdict import (
    Contrast,
    Verdict,
    all_ahead,
    all_level,
    contrast,
    could_have_found,
    is_around,
    refuting,
    too_far,
)
from swither.report.wording import MINUS, SPACE, count, listed, percent, plural
from swither.statistics import mean_and_deviation
from swither.statistics.labels_saved import LabelsSaved, labels_saved

LEVEL = 0.003
"""How far apart two methods may be and still count as level: 0.3 points, the smallest difference that the paper calls
a lead (dispersion before margin on CIFAR-10)."""

GAIN_MARGIN = 0.01
"""How far a gain may be from "around 7.5 %" and still be it: 1 point."""

SAVED = LABELS_SAVED / TRAINING_IMAGES

SAVED_MARGIN = 0.01
"""How far a saving may be from the 8 % of the training images that 4,000 are: 1 %, so 3,500 to 4,500, what rounds to
the whole thousands that the paper names."""

INFORMATIVE = ("margin", "bald")
REPRESENTATIVE = ("kcenter", "coreset", "vaal", "random")
OTHERS = tuple(method for method in PAPER_METHODS if method != DISPERSION)


def leads_on_cifar10(evidence: Evidence) -> Answer:
    """Claim 3: the order of the learning curves on CIFAR-10.

    Args:
        evidence: of the folder.
    """
    last = evidence.study.cycles
    statements = (
        "Dispersion is ahead of every other method in every cycle, but for BALD in the last.",
        f"BALD is level with it at cycle {last}.",
        "Margin and BALD lie above k-center greedy, CoreSet, VAAL and random.",
    )
    claim = (
        "On CIFAR-10 dispersion is ahead in every cycle, with BALD level at 30\u00a0%; margin and BALD lie above "
        "k-center greedy, CoreSet, VAAL and random."
    )
    if evidence.study.dataset != "cifar10":
        return Answer(3, claim, "Fig. 4a, section 4.2", [elsewhere("cifar10")], tables=_per_cycle(evidence))
    bald = _at(evidence, "bald", last)
    ahead = [_at(evidence, m, c) for m in OTHERS for c in range(1, last + 1) if (m, c) != ("bald", last)]
    heights = [
        contrast(f"{evidence.title(m)} less {evidence.title(o)}", evidence.mean_height(m), evidence.mean_height(o))
        for m in INFORMATIVE
        for o in REPRESENTATIVE
    ]
    parts = [
        _ahead(evidence, statements[0], ahead, "method by cycle"),
        Part(
            statements[1],
            all_level([bald], LEVEL),
            _level_in_words("Dispersion less BALD", bald),
            evidence.seeds(bald),
        ),
        _ahead(evidence, statements[2], heights, "of the mean heights of curves"),
    ]
    return Answer(3, claim, "Fig. 4a, section 4.2", parts, tables=_per_cycle(evidence))


def saves_labels(evidence: Evidence) -> Answer:
    """Claim 4: the gain over random on CIFAR-10 at the last cycle, in points and in labels.

    Args:
        evidence: of the folder.
    """
    study, last = evidence.study, evidence.study.cycles
    gain, saved = _at(evidence, "random", last), _saved(evidence)
    images = study.training_images or 0
    measured = [
        Part("Dispersion is ahead of random at all.", all_ahead([gain]), _gain_in_words(gain), evidence.seeds(gain)),
        Part(
            f"The gain is around {GAIN_IN_THE_TEXT} points ({GAIN_IN_THE_TEXT - 100 * GAIN_MARGIN} to "
            f"{GAIN_IN_THE_TEXT + 100 * GAIN_MARGIN}), as the text says.",
            is_around(gain.difference.interval, GAIN_IN_THE_TEXT / 100, GAIN_MARGIN) if gain else Verdict.MISSING,
            _printed_gain_in_words(study.dataset, gain),
            evidence.seeds(gain),
        ),
        Part(
            f"It is worth {SAVED:.0%} of the training images ({count(LABELS_SAVED)} of {count(TRAINING_IMAGES)}; "
            f"{SAVED - SAVED_MARGIN:.0%} to {SAVED + SAVED_MARGIN:.0%}).".replace("%", f"{SPACE}%"),
            _saved_verdict(saved, images),
            _saved_in_words(saved, images),
            evidence.seeds(saved),
        ),
    ]
    claim = (
        f"On CIFAR-10 the gain over random at cycle 4 is \u201caround {GAIN_IN_THE_TEXT}\u00a0%, equivalent to "
        f"annotating {count(LABELS_SAVED)} samples less\u201d (by Table 1: {printed_gain('cifar10'):.2f} points)."
    )
    if study.dataset != "cifar10":
        here = [replace(part, statement=f"On {evidence.dataset}: {part.statement}") for part in measured]
        return Answer(4, claim, "section 4.2, Table 1", [elsewhere("cifar10")], here)
    return Answer(4, claim, "section 4.2, Table 1", measured)


def leads_late_on_cifar100(evidence: Evidence) -> Answer:
    """Claim 5: on CIFAR-100 the methods are level until cycle 3, then dispersion leads, by less than on CIFAR-10.

    Args:
        evidence: of the folder.
    """
    last = evidence.study.cycles
    statements = (
        "Before cycle 3, dispersion, margin and CoreSet are level.",
        "From cycle 3 on, dispersion is ahead of every other method.",
    )
    claim = (
        "On CIFAR-100 dispersion, margin and CoreSet are level until cycle 3, then dispersion leads; the gap to random "
        "is smaller than on CIFAR-10."
    )
    smaller = _smaller_gap(evidence)  # missing without the other folder, and then the claim cannot hold
    if evidence.study.dataset != "cifar100":
        return Answer(5, claim, "Fig. 4b, section 4.2", [elsewhere("cifar100")], [smaller])
    early = [(m, c) for m in ("margin", "coreset") for c in range(1, min(3, last + 1))]
    level = [_at(evidence, m, c) for m, c in early]
    late = [_at(evidence, m, c) for m in OTHERS for c in range(3, last + 1)]
    widest = max((f for f in level if f is not None), key=lambda f: abs(f.difference.mean), default=None)
    parts = [
        Part(
            statements[0],
            all_level(level, LEVEL),
            _level_in_words("The widest of these differences", widest),
            evidence.seeds(*level, refuting=too_far(level, LEVEL)),
        ),
        _ahead(evidence, statements[1], late, "method by cycle"),
        smaller,
    ]
    return Answer(5, claim, "Fig. 4b, section 4.2", parts, tables=_per_cycle(evidence))


def reaches_most_of_all_data(evidence: Evidence) -> Answer:
    """Claim 6: with 30 % of the labels dispersion reaches 97 % (82 %) of the all-data accuracy.

    Args:
        evidence: of the folder.
    """
    dataset = evidence.study.dataset
    goal, relative = REACHED[dataset], evidence.relative(DISPERSION)
    least = (goal - 0.5) / 100  # what rounds to the whole per cent that the paper names
    above = contrast("", relative, dict.fromkeys(relative, least))
    printed = TABLE_1[dataset][DISPERSION]
    said: Content = NOTHING
    if above is not None:
        interval = above.difference.interval
        ends = (
            f", 95{SPACE}% interval {percent(least + interval.low)} to {percent(least + interval.high)}"
            if interval
            else ""
        )
        n = plural(above.difference.pairs, "seed")
        said = (
            f"Here it is {percent(mean_and_deviation(list(relative.values()))[0], 2)} ({n}{ends}). The paper prints "
            f"{printed.relative}{SPACE}%; {printed.accuracy} of its {TABLE_1[dataset][ALL_DATA].accuracy} is "
            f"{relative_of_printed(dataset, DISPERSION):.2f}{SPACE}%."
        )
    return Answer(
        6,
        f"30{SPACE}% of the labels reach {REACHED['cifar10']:.0f}{SPACE}% (CIFAR-10) and "
        f"{REACHED['cifar100']:.0f}{SPACE}% (CIFAR-100) of the accuracy with all labels.",
        f"Table 1, section 4.2; on {evidence.dataset}",
        [
            Part(
                f"At least {goal:.0f}\u00a0%, rounded to whole per cent.",
                all_ahead([above]),
                said,
                evidence.seeds(above),
            )
        ],
    )


def _at(evidence: Evidence, method: str, cycle: int) -> Contrast | None:
    """Dispersion less another method in one cycle."""
    return contrast(
        f"dispersion less {evidence.title(method)} in cycle {cycle}",
        evidence.accuracy(DISPERSION, cycle),
        evidence.accuracy(method, cycle),
    )


def _ahead(evidence: Evidence, statement: str, made: Sequence[Contrast | None], what: str) -> Part:
    """A statement that one is ahead in every comparison."""
    return Part(statement, all_ahead(made), _counted(made, what), evidence.seeds(*made, refuting=refuting(made)))


def _counted(made: Sequence[Contrast | None], what: str) -> str:
    """How many comparisons came out which way."""
    known = [found for found in made if found is not None]
    if not known:
        return NOTHING
    missing = len(made) - len(known)
    ahead, clearly = sum(f.difference.mean > 0 for f in known), sum(f.is_ahead for f in known)
    behind = [found for found in known if found.is_behind]
    said = f"Ahead in {ahead} of {plural(len(known), 'comparison')} ({what}), clearly in {clearly}; "
    said += f"clearly behind in {len(behind)}"
    worst = min(known, key=lambda found: found.difference.mean)
    said += f". The least is {worst.in_words}, {worst.name}.{could_have_found(known)}"
    return said + (
        f" {plural(missing, 'comparison')} {'is' if missing == 1 else 'are'} not measured yet." if missing else ""
    )


def _level_in_words(what: str, found: Contrast | None) -> str:
    if found is None:
        return NOTHING
    return (
        f"{what}: {found.in_words} points. Level means that the interval lies within {100 * LEVEL:.1f} points, the "
        "smallest difference that the paper calls a lead."
    )


def _per_cycle(evidence: Evidence) -> list[Markup]:
    cycles = range(1, evidence.study.cycles + 1)
    rows = {named(evidence, m): [_at(evidence, m, c) for c in cycles] for m in OTHERS}
    rows = {name: found for name, found in rows.items() if any(f is not None for f in found)}
    caption = interval_note("Test accuracy of dispersion less that of each other method, in points")
    return [differences(caption, [f"cycle {cycle}" for cycle in cycles], rows)] if rows else []


def _gain_in_words(gain: Contrast | None) -> str:
    return f"Dispersion less random: {gain.in_words} points.{could_have_found([gain])}" if gain else NOTHING


def _printed_gain_in_words(dataset: str, gain: Contrast | None) -> str:
    printed, random = printed_gain(dataset), TABLE_1[dataset]["random"].accuracy
    said = (
        f"The paper\u2019s text says around {GAIN_IN_THE_TEXT}{SPACE}%; its Table 1 gives {printed:.2f} points, which "
        f"is {100 * printed / random:.1f}{SPACE}% of random\u2019s accuracy. "
    )
    if gain is None or gain.difference.interval is None:
        return said + "Our interval is not there yet."
    holds = gain.difference.interval.holds
    inside = [
        name
        for name, value in (("the text\u2019s", GAIN_IN_THE_TEXT), ("the table\u2019s", printed))
        if holds(value / 100)
    ]
    return said + (f"Our interval holds {listed(inside)} figure." if inside else "Our interval holds neither.")


def _saved(evidence: Evidence) -> LabelsSaved | None:
    """Labels that dispersion saves against random's final accuracy, seed by seed."""
    comparison, cycles = evidence.comparison, evidence.study.cycles
    curves = [[evidence.accuracy(m, c) for c in range(cycles + 1)] for m in (DISPERSION, "random")]
    seeds = sorted(set.intersection(*(set(values) for curve in curves for values in curve)))
    if not seeds or not cycles:
        return None
    points = [comparison.point(evidence.name(DISPERSION), cycle) for cycle in range(cycles + 1)]
    labelled = [point.labelled for point in points if point is not None]
    ours, theirs = ([[values[seed] for values in curve] for seed in seeds] for curve in curves)
    return labels_saved(labelled, ours, theirs)


def _saved_verdict(saved: LabelsSaved | None, images: int) -> Verdict:
    if saved is None or not images:
        return Verdict.MISSING
    return is_around(saved.interval, SAVED * images, SAVED_MARGIN * images)


def _saved_in_words(saved: LabelsSaved | None, images: int) -> str:
    if saved is None or math.isnan(saved.saved):
        return NOTHING
    bound = "" if saved.bound == "about" else f"{saved.bound} "
    interval = saved.interval
    ends = f", 95{SPACE}% interval {_signed(interval.low)} to {_signed(interval.high)}" if interval else ""
    share = (
        f", {percent(saved.saved / images)} of {count(images)} training images".replace("-", MINUS) if images else ""
    )
    return (
        f"Labels saved against random for the accuracy that both reach (random\u2019s final one, where dispersion is "
        f"ahead): {bound}{_signed(saved.saved)}{share} ({plural(saved.pairs, 'seed')}{ends})."
    )


def _signed(value: float) -> str:
    return count(value).replace("-", MINUS) if math.isfinite(value) else "without bound"


def _smaller_gap(evidence: Evidence) -> Part:
    """The last statement of claim 5 needs both data sets at one scale; their seeds are no pairs."""
    statement = "The gap of dispersion to random at the last cycle is smaller on CIFAR-100 than on CIFAR-10."
    other = Evidence.beside(evidence.study)
    last = evidence.study.cycles
    here = _at(evidence, "random", last)
    there = _at(other, "random", other.study.cycles) if other is not None else None
    paper = (
        f" The paper: {printed_gain('cifar100'):.2f} points on CIFAR-100, {printed_gain('cifar10'):.2f} on CIFAR-10. "
        "It says this of the informative methods, margin and BALD among them; here it is tested of dispersion alone."
    )
    if other is None or here is None or there is None:
        said = f"{evidence.dataset} here: {here.in_words} points." if here else ""
        lacking = ({*DATA_SETS.values()} - {evidence.dataset}).pop()
        return Part(statement, Verdict.MISSING, f"{said} Nothing is known here of {lacking}.{paper}".strip())
    unlike = _unlike(evidence, other)
    if unlike:
        return Part(statement, Verdict.MISSING, f"The two gaps cannot be compared: {unlike}.{paper}")
    small, large = (here, there) if evidence.study.dataset == "cifar100" else (there, here)
    said = f"CIFAR-100: {small.in_words} points; CIFAR-10: {large.in_words} points.{paper}"
    return Part(statement, _apart(small, large), said, scarcest((evidence.seeds(here), other.seeds(there))))


def _unlike(here: Evidence, other: Evidence) -> str:
    """Why gaps of two folders say nothing about their data sets; empty where they do."""
    if other.has_fault:
        return f"the all-data accuracy on {other.dataset} is too far below the paper\u2019s, a fault to find first"
    scales = [_scale_in_words(each.study) for each in (here, other)]
    return "" if scales[0] == scales[1] else f"{here.dataset} here is of {scales[0]}, {other.dataset} of {scales[1]}"


def _scale_in_words(study: PaperStudy) -> str:
    """All that has to be the same, so that only the data sets differ."""
    reduced = f": {listed(list(study.reduced))}" if study.reduced else ""
    return f"the {study.scale} scale with {plural(study.cycles, 'cycle')}{reduced}"


def _apart(small: Contrast, large: Contrast) -> Verdict:
    """Whether two intervals of different experiments lie apart: stricter than a test of their difference."""
    first, second = small.difference.interval, large.difference.interval
    if first is None or second is None:
        return Verdict.OPEN
    if first.high < second.low:
        return Verdict.HOLDS
    return Verdict.FAILS if first.low > second.high else Verdict.OPEN
