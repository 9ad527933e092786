"""The paper's Table 1 beside what was measured, for a manuscript."""

from __future__ import annotations

from collections.abc import Mapping

from swither.report.comparison import Comparison
from swither.report.manuscript.latex import Cell, booktabs, number
from swither.report.paper_evidence import BySeed, Evidence
from swither.report.paper_figures import ALL_DATA, ORACLE, PAPER_METHODS, TABLE_1, TITLES
from swither.report.wording import in_prose, listed
from swither.statistics import mean_and_deviation


def tables_1(comparison: Comparison) -> Mapping[str, str]:
    """Ours and the paper's, of this folder's data set and of the other's where it is known; empty outside the study."""
    study = comparison.data.paper
    if study is None:
        return {}
    made = {"paper-table-1": _table(Evidence(comparison, study), "paper-table-1")}
    beside = Evidence.beside(study)
    return made | ({"paper-table-1-beside": _table(beside, "paper-table-1-beside")} if beside is not None else {})


def _table(evidence: Evidence, label: str) -> str:
    comparison, study = evidence.comparison, evidence.study
    printed = TABLE_1[study.dataset]
    rows: list[list[Cell]] = []
    known = {evidence.name(method) for method in (ALL_DATA, *PAPER_METHODS, ORACLE)}
    others = [name for name in comparison.data.method_order() if name not in known]
    for method in (ALL_DATA, *PAPER_METHODS, *others):
        accuracy, relative = evidence.accuracy(method), evidence.relative(method)
        mean, deviation = _measured(accuracy)
        rows.append(
            [
                comparison.titles.get(evidence.name(method)) or TITLES[method],
                number(mean),
                number(deviation),
                number(printed[method].accuracy if method in printed else None),
                number(_measured(relative)[0] if method != ALL_DATA else 100.0 if accuracy else None),
                number(printed[method].relative if method in printed else None),
                str(len(accuracy)),
            ]
        )
    head: list[Cell] = ["Method", "Accuracy", "Deviation", "Paper", "Of all data", "Paper", "Seeds"]
    caption = (
        f"{evidence.dataset}: test accuracy (%) after {study.cycles} queries here and in Table 1 of the dispersion "
        "paper (means of 3 runs, without deviations), and as a share (%) of the accuracy of training on all data."
    )
    if not study.is_full:
        why = f" ({listed([in_prose(reason) for reason in study.reduced])})" if study.reduced else ""
        caption += f" Not at the paper\u2019s scale{why}: the two are not to be held against each other."
    return booktabs(label, caption, head, rows)


def _measured(values: BySeed) -> tuple[float | None, float | None]:
    if not values:
        return None, None
    mean, deviation = mean_and_deviation(list(values.values()))
    return 100 * mean, 100 * deviation
