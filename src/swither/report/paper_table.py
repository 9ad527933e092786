"""The paper's Table 1 beside what was measured here."""

from __future__ import annotations

import math

from swither.report.comparison import Comparison
from swither.report.headline import with_interval
from swither.report.markup import Content, Markup, table, tag, text
from swither.report.paper_evidence import BySeed, Evidence
from swither.report.paper_figures import (
    ALL_DATA,
    DATA_SETS,
    FAULT_BELOW,
    ORACLE,
    PAPER_METHODS,
    TABLE_1,
    TITLES,
    relative_of_printed,
)
from swither.report.section import Section, method_name, paragraph
from swither.report.wording import NONE, SPACE, count, listed, points
from swither.statistics import mean_and_deviation

_ROWS = (ALL_DATA, *PAPER_METHODS, ORACLE)


def paper_table(comparison: Comparison) -> Section | None:
    """The section with Table 1, a table for each data set that has results. None outside the paper's study."""
    study = comparison.data.paper
    if study is None:
        return None
    here, beside = Evidence(comparison, study), Evidence.beside(study)
    parts = [scale_notice(here), _table(here), _notes(here)]
    if beside is not None:
        parts += [scale_notice(beside, of_this_folder=False), _table(beside), _notes(beside)]
    else:
        parts.append(_other(here))
    parts.append(_drawn())
    return Section(
        "paper", f"The paper\u2019s Table 1 on {here.dataset}, beside ours", "The paper\u2019s table", text(parts)
    )


def scale_notice(evidence: Evidence, *, of_this_folder: bool = True) -> Markup:
    """A plain word where this is not the paper's scale; nothing where it is."""
    study = evidence.study
    if study.is_full:
        return Markup("")
    what = "This is" if of_this_folder else f"The folder of {evidence.dataset} is"
    why = f": {listed(list(study.reduced))}" if study.reduced else ""
    return paragraph(
        f"{what} not the paper\u2019s scale{why}. The paper\u2019s figures stand beside ours to be seen, not to be "
        "reached; what can be compared are the signs and the order of differences.",
        "notice",
    )


def _table(evidence: Evidence) -> Markup:
    study, printed = evidence.study, TABLE_1[evidence.study.dataset]
    head: list[Content] = ["Method", "Accuracy here, %", "Deviation", "Paper, %"]
    head += ["Here less paper, points"] if study.is_full else []
    head += ["Of all data here, %", "Paper, %", "Seeds"]
    rows = []
    for method in (*_ROWS, *_others(evidence)):
        if method == ORACLE and ORACLE not in study.methods:
            continue
        accuracy, paper = evidence.accuracy(method), printed.get(method)
        row: list[Content] = [_name(evidence, method), _mean(accuracy), _deviation(accuracy)]
        row.append(f"{paper.accuracy:.2f}" if paper else NONE)
        if study.is_full:
            row.append(points(_mean_of(accuracy) - paper.accuracy / 100, 2) if accuracy and paper else NONE)
        row.append(_mean(evidence.relative(method)) if method != ALL_DATA else "100.00" if accuracy else NONE)
        row.append(f"{paper.relative:.2f}" if paper else NONE)
        planned = max(evidence.planned_seeds(method), len(accuracy))
        row.append(f"{len(accuracy)} of {planned}" if planned else NONE)
        rows.append(row)
    caption = (
        f"{evidence.dataset}: test accuracy at cycle {study.cycles}{_labels(evidence)}, mean over seeds and sample "
        "standard deviation; the paper prints means of 3 runs and no deviations. Relative accuracy is the mean of the "
        "ratios seed by seed."
    )
    return table(caption, head, rows, class_="paper")


def _others(evidence: Evidence) -> list[str]:
    """What is compared here besides, such as functions of the user's own; the paper has no figures of them."""
    known = {evidence.name(method) for method in _ROWS}
    return [name for name in evidence.comparison.data.method_order() if name not in known]


def _name(evidence: Evidence, method: str) -> Markup:
    name, comparison = evidence.name(method), evidence.comparison
    if method == ALL_DATA:
        return text(TITLES[ALL_DATA])
    if name not in comparison.data.method_order():
        return text(TITLES[method])
    # Colours are those of this page's methods: another folder's would bear the wrong ones.
    return method_name(comparison, name) if comparison.data.paper is not None else text(comparison.titles[name])


def _labels(evidence: Evidence) -> str:
    """With how many labels, as far as that is known: "with 15,000 of 50,000 labels"."""
    comparison = evidence.comparison
    found = [p for m in comparison.methods if (p := comparison.point(m, evidence.study.cycles)) is not None]
    if not found:
        return ""
    images = evidence.study.training_images
    return f", with {count(found[0].labelled)}{f' of {count(images)}' if images else ''} labels"


def _notes(evidence: Evidence) -> Markup:
    return text([paragraph(said, "note") for said in (_fault(evidence), _relative(evidence)) if said])


def _fault(evidence: Evidence) -> str:
    """The all-data accuracy beside the paper's; full scale only, because no other can be held against it."""
    below, whole = evidence.points_below, evidence.comparison.reference_point
    if below is None or whole is None:
        return ""
    printed = TABLE_1[evidence.study.dataset][ALL_DATA].accuracy
    said = f"Trained on all data, the network here reaches {with_interval(whole, 2)}, the paper\u2019s {printed:.2f}. "
    if evidence.has_fault:
        return said + (
            f"That is {below:.2f} points below, more than the {FAULT_BELOW} that were allowed before anything was run: "
            "there is a fault to find, and no figure here speaks for or against the paper until it is found."
        )
    if below < 0:
        return said + f"That is {-below:.2f} points above; it is reported as a difference and not tuned away."
    return said + f"That is {below:.2f} points below, within the {FAULT_BELOW} that were allowed beforehand."


def _relative(evidence: Evidence) -> str:
    """Where the paper's own two columns do not fit each other."""
    printed = TABLE_1[evidence.study.dataset]
    off = {m: relative_of_printed(evidence.study.dataset, m) for m in PAPER_METHODS}
    if max(abs(off[m] - printed[m].relative) for m in PAPER_METHODS) < 0.05:
        return ""
    fits = _mean_of({n: printed[m].accuracy / printed[m].relative for n, m in enumerate(PAPER_METHODS)})
    return (
        f"The paper\u2019s relative figures of {evidence.dataset} do not follow from its accuracies: "
        f"{printed['dispersion'].accuracy} of {printed[ALL_DATA].accuracy} is {off['dispersion']:.2f}{SPACE}%, and the "
        f"table prints {printed['dispersion'].relative}. They fit an all-data accuracy of {100 * fits:.2f}."
    )


def _other(evidence: Evidence) -> Markup:
    (other,) = set(DATA_SETS) - {evidence.study.dataset}
    return paragraph(
        [
            f"The column of {DATA_SETS[other]} is a folder of its own (",
            tag("code", f"swither paper {other}"),
            "); named with ",
            tag("code", "--beside"),
            ", its table stands here too.",
        ],
        "note",
    )


def _drawn() -> Markup:
    return paragraph(
        "The curves of the paper\u2019s Fig. 3 and Fig. 4 are printed as drawings only, so there are no figures to put "
        "beside ours, which stand under Accuracy and Informativeness.",
        "note",
    )


def _mean_of(values: BySeed) -> float:
    return mean_and_deviation(list(values.values()))[0]


def _mean(values: BySeed) -> str:
    return f"{100 * _mean_of(values):.2f}" if values else NONE


def _deviation(values: BySeed) -> str:
    deviation = mean_and_deviation(list(values.values()))[1] if values else math.nan
    return NONE if math.isnan(deviation) else f"{100 * deviation:.2f}"
