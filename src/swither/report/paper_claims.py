"""The paper's six claims, each answered with the figures of this folder."""

from __future__ import annotations

from collections.abc import Callable

from swither.report.claims_of_curves import (
    GAIN_MARGIN,
    SAVED_MARGIN,
    leads_late_on_cifar100,
    leads_on_cifar10,
    reaches_most_of_all_data,
    saves_labels,
)
from swither.report.claims_of_scores import finds_wrong_predictions, picks_what_is_wrong
from swither.report.comparison import Comparison
from swither.report.markup import Content, Markup, table, tag, text
from swither.report.paper_answer import Answer, Part
from swither.report.paper_evidence import Evidence
from swither.report.paper_figures import FAULT_BELOW
from swither.report.section import Section, paragraph
from swither.report.verdict import Verdict
from swither.report.wording import SPACE, plural

CLAIMS: tuple[Callable[[Evidence], Answer], ...] = (
    finds_wrong_predictions,
    picks_what_is_wrong,
    leads_on_cifar10,
    saves_labels,
    leads_late_on_cifar100,
    reaches_most_of_all_data,
)
"""In the order of the paper."""

_CLASSES = {
    Verdict.HOLDS: "holds",
    Verdict.FAILS: "fails",
    Verdict.OPEN: "open",
    Verdict.MISSING: "missing",
    Verdict.ELSEWHERE: "missing",
}


def paper_claims(comparison: Comparison) -> Section | None:
    """The section on the paper's claims. None outside the paper's study."""
    study = comparison.data.paper
    if study is None:
        return None
    evidence = Evidence(comparison, study)
    answers = [claim(evidence) for claim in CLAIMS]
    body = text(
        (_scale(evidence), paragraph(_rules()), _overview(evidence, answers), *(_answer(evidence, a) for a in answers))
    )
    return Section("claims", "What the paper claims, and what holds here", "The paper\u2019s claims", body)


def _scale(evidence: Evidence) -> Markup | None:
    if evidence.has_fault:
        return paragraph(
            f"The all-data accuracy is {evidence.points_below:.2f} points below the paper\u2019s, more than the "
            f"{FAULT_BELOW} that were allowed: there is a fault to find, and no verdict here speaks for or against the "
            "paper until it is found.",
            "notice",
        )
    if evidence.study.is_full:
        return None
    return paragraph(
        "Verdicts are on what was run here, which is not the paper\u2019s scale: they neither confirm nor refute what "
        "the paper found at its own.",
        "notice",
    )


def _rules() -> str:
    return (
        f"A claim holds where every comparison that it makes has its 95{SPACE}% interval on the claimed side, paired "
        "by seed. It does not hold where a difference the other way round is more than chance makes of so many "
        "comparisons (p below 0.05 after Holm, each statement by itself: a claim of three statements has three chances "
        "to be called wrong by chance). A figure is met where the whole interval lies close to it, within "
        f"{100 * GAIN_MARGIN:g} point of the gain that claim 4 names and within {100 * SAVED_MARGIN:g}{SPACE}% of the "
        "training images of its labels saved, and not met where the interval lies wholly outside. Anything between "
        "cannot be told with these seeds: with three, an interval reaches two and a half deviations to either side, "
        "and differences that do not vary at all tell nothing. All this is for a number of seeds fixed beforehand: "
        "adding seeds until something is clear makes intervals too narrow and p too small. Where some of the planned "
        "seeds are still to come, a verdict says \u201cso far\u201d, and how many seeds the comparison with the fewest "
        "has: it is a look ahead of time and can still change. To fail, one comparison is enough: where one that "
        "refutes the statement has all its seeds, \u201cso far\u201d is not said, though seeds of the others that are "
        "still to come can shift Holm\u2019s correction."
    )


def _overview(evidence: Evidence, answers: list[Answer]) -> Markup:
    rows: list[list[Content]] = [
        [tag("a", str(answer.number), href=f"#claim-{answer.number}"), answer.claim, _badge(evidence, answer)]
        for answer in answers
    ]
    where = "" if evidence.study.is_full else ", at a reduced scale"
    caption = f"The six claims on {evidence.dataset}{where}."
    return table(caption, ["", "The paper says", "Here"], rows, class_="claims", numeric=False)


def _badge(evidence: Evidence, judged: Answer | Part) -> Markup:
    verdict, seeds = judged.verdict, judged.seeds
    said, notes = verdict.value, []
    if verdict in (Verdict.HOLDS, Verdict.FAILS):
        if not evidence.study.is_full:
            said += " at this scale"
        elif evidence.has_fault:
            notes.append("a fault is to be found first")
    if verdict in (Verdict.HOLDS, Verdict.FAILS, Verdict.OPEN) and seeds is not None and seeds.lacking:
        notes.append(f"so far, {seeds.have} of {plural(seeds.planned, 'seed')}")
    return tag("span", said + (f" ({'; '.join(notes)})" if notes else ""), class_=f"verdict {_CLASSES[verdict]}")


def _answer(evidence: Evidence, answer: Answer) -> Markup:
    parts = [_part(evidence, part) for part in answer.parts]
    beside = [_part(evidence, part) for part in answer.beside]
    return text(
        (
            tag("h3", f"{answer.number}. {answer.claim}", id=f"claim-{answer.number}"),
            paragraph(f"{answer.where[0].upper()}{answer.where[1:]}.", "note"),
            tag("ul", parts, class_="parts"),
            [paragraph("Beside it, without deciding:", "note"), tag("ul", beside, class_="parts")] if beside else None,
            answer.tables,
        )
    )


def _part(evidence: Evidence, part: Part) -> Markup:
    return tag("li", tag("strong", part.statement), " ", _badge(evidence, part), tag("br"), part.said)
