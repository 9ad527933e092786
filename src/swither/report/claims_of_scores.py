"""The paper's claims about the score itself: what it finds in the pool, before any label is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from swither.report.markup import Content, Markup, table
from swither.report.paper_answer import Answer, Part, difference_cell, differences, interval_note
from swither.report.paper_evidence import BySeed, Evidence
from swither.report.paper_figures import DATA_SETS, ORACLE, PAPER_METHODS, TITLES
from swither.report.section import method_name
from swither.report.verdict import Contrast, Verdict, all_ahead, contrast, could_have_found, refuting
from swither.report.wording import NONE, SPACE, listed, plural
from swither.statistics import mean_and_deviation

DISPERSION = "dispersion"
CONFIDENCE = "least-confidence"
MEASURES = {DISPERSION: "dispersion", CONFIDENCE: "confidence", "margin": "margin", "entropy": "entropy"}

NOTHING = "Nothing was measured yet."


def finds_wrong_predictions(evidence: Evidence) -> Answer:
    """Claim 1: dispersion tells wrong predictions from right ones, better than confidence does.

    Args:
        evidence: of the folder.
    """
    found = evidence.wrong_predictions
    ours = found.get(DISPERSION, {})
    chance = contrast("dispersion - chance", ours, dict.fromkeys(ours, 0.5))
    against = {m: contrast(m, ours, found.get(m, {})) for m in MEASURES if m != DISPERSION}
    better = against[CONFIDENCE]
    parts = (
        Part(
            "Low dispersion goes with a right prediction, high dispersion with a wrong one.",
            all_ahead([chance]),
            _area_in_words(ours) if ours else NOTHING,
            evidence.seeds(chance),
        ),
        Part(
            "It tells them apart better than confidence does.",
            all_ahead([better]),
            f"Dispersion less confidence: {_in_areas(better)}." if better else NOTHING,
            evidence.seeds(better),
        ),
    )
    others = [m for m in ("margin", "entropy") if against[m] is not None]
    beside = [
        Part(
            f"It tells them apart better than {m} does, of which the paper does not speak.",
            all_ahead([against[m]]),
            f"Dispersion less {m}: {_in_areas(against[m])}.",
            evidence.seeds(against[m]),
        )
        for m in others
    ]
    return Answer(
        1,
        "Low dispersion goes with a right prediction and high with a wrong one, better than confidence does.",
        "Fig. 1, section 3.1",
        parts,
        beside,
        [_areas(found, against)] if ours else [],
    )


def _areas(found: Mapping[str, BySeed], against: Mapping[str, Contrast | None]) -> Markup:
    note = interval_note("what dispersion has more than each")
    caption = f"Area under the ROC curve for finding the wrong predictions of the first model in the pool, and {note}"
    rows: list[list[Content]] = [
        [title.capitalize(), _area(found.get(m, {})), difference_cell(against.get(m), shares=False)]
        for m, title in MEASURES.items()
    ]
    return table(caption, ["Measure", "Area, mean over seeds", "Dispersion less it"], rows)


def picks_what_is_wrong(evidence: Evidence) -> Answer:
    """Claim 2: of every portion of the pool, dispersion's first picks are those that the model gets wrong most.

    Args:
        evidence: of the folder.
    """
    found = evidence.informativeness
    ours = found.get(evidence.name(DISPERSION), {})
    others = [m for m in PAPER_METHODS if m != DISPERSION]
    portions = sorted({portion for values in found.values() for portion in values})
    measured = {
        m: [contrast(m, found.get(evidence.name(m), {}).get(p, {}), ours.get(p, {})) for p in portions] for m in others
    }
    made = [c for m in others for c in _comparable(measured[m], found.get(evidence.name(m), {}), portions)]
    known = [c for c in made if c is not None]
    said: Content = NOTHING
    if known:
        lower, clearly = sum(c.difference.mean > 0 for c in known), sum(c.is_ahead for c in known)
        higher = sum(c.is_behind for c in known)
        said = (
            f"Dispersion\u2019s selection has the lower accuracy in {lower} of {plural(len(known), 'comparison')} "
            f"(method by portion), clearly in {clearly}; the other\u2019s is clearly lower in {higher}. "
            f"{_oracle(evidence)}{_cut_short(evidence, portions)}"
        ).strip() + could_have_found(known)
    rows = {named(evidence, m): measured[m] for m in others if any(c is not None for c in measured[m])}
    caption = interval_note(
        "Accuracy of the first model on each method\u2019s first portion of the pool, less that on dispersion\u2019s, "
        "in points. Above zero, dispersion\u2019s picks are wrong more often"
    )
    columns = [f"{100 * portion:g}{SPACE}%" for portion in portions]
    return Answer(
        2,
        "For any amount of unlabelled samples, dispersion\u2019s selection has the lowest accuracy of all methods but "
        "the oracle.",
        f"Fig. 3, section 3.2; on {evidence.dataset}",
        [
            Part(
                "Lower than every other method at every portion.",
                all_ahead(made),
                said,
                evidence.seeds(*made, refuting=refuting(made)),
            )
        ],
        tables=[differences(caption, columns, rows)] if rows else [],
    )


def _comparable(
    row: Sequence[Contrast | None], measured: Mapping[float, BySeed], portions: Sequence[float]
) -> list[Contrast | None]:
    """Without the portions that a measured method leaves out: CoreSet is solved up to a fifth of the pool."""
    if not measured:
        return list(row)
    return [found for found, portion in zip(row, portions, strict=True) if portion in measured]


def _cut_short(evidence: Evidence, portions: Sequence[float]) -> str:
    """Which methods were measured on the first portions only."""
    short = {}
    for method in PAPER_METHODS:
        measured = evidence.informativeness.get(evidence.name(method), {})
        if measured and portions and max(measured) < max(portions):
            short[method] = max(measured)
    return "".join(f" {TITLES[m]} was measured up to {100 * most:g}{SPACE}%." for m, most in short.items())


def _oracle(evidence: Evidence) -> str:
    """That the oracle is an upper bound can be checked: its first picks are all wrong."""
    portions = evidence.informativeness.get(evidence.name(ORACLE), {})
    if not portions:
        return ""
    first = min(portions)
    mean = mean_and_deviation(list(portions[first].values()))[0]
    return f"The oracle\u2019s first {100 * first:g}{SPACE}% have an accuracy of {100 * mean:.1f}{SPACE}%."


def named(evidence: Evidence, method: str) -> str:
    """A method at the head of a row: with the spot of its colour where the folder holds it.

    Args:
        evidence: knows what the folder calls it.
        method: the paper's name.
    """
    name = evidence.name(method)
    return method_name(evidence.comparison, name) if name in evidence.comparison.data.method_order() else TITLES[method]


def _area(values: BySeed) -> str:
    return f"{mean_and_deviation(list(values.values()))[0]:.3f}" if values else NONE


def _area_in_words(values: BySeed) -> str:
    found = contrast("", values, dict.fromkeys(values, 0.5))
    assert found is not None
    interval = found.difference.interval
    each = listed([f"{area:.3f}" for area in values.values()])
    spread = f", 95{SPACE}% interval {0.5 + interval.low:.3f} to {0.5 + interval.high:.3f}" if interval else ""
    return (
        f"The area under the ROC curve is {_area(values)} (seeds: {each}{spread}); 0.5 is chance, 1 puts every wrong "
        "prediction before every right one."
    )


def _in_areas(found: Contrast | None) -> str:
    if found is None:
        return NOTHING
    mean, interval, n = found.difference.mean, found.difference.interval, found.difference.pairs
    ends = f"{interval.low:+.3f} to {interval.high:+.3f}; " if interval else "no interval; "
    return f"{mean:+.3f} ({ends}n = {n})".replace("-", "\u2212")


def elsewhere(dataset: str) -> Part:
    """The answer of a folder to a claim about the other data set.

    Args:
        dataset: of which it is claimed.
    """
    name = DATA_SETS[dataset]
    return Part(f"The paper says this of {name}.", Verdict.ELSEWHERE, f"A folder of {name} answers it.")
