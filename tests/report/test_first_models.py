"""What is said of the first model of a seed is said of one network, and who has another one is named."""

from __future__ import annotations

from dataclasses import replace
from types import ModuleType
from typing import Any

from swither.report import ReportData
from swither.report.comparison import Comparison
from swither.report.first_models import of_first_model, other_first_models
from swither.report.manuscript.protocol import as_text
from swither.report.page import write_report
from swither.report.paper_claims import CLAIMS
from swither.report.paper_evidence import Evidence
from swither.report.portions import portion_curves
from swither.report.verdict import Verdict

METHODS = ("random", "margin", "bald", "dispersion")


def measured(method: str, weights: str | None, seed: int = 0, **more: Any) -> dict[str, Any]:
    return {"method": method, "seed": seed, "portion": 0.1, "accuracy": 0.5, "weights": weights, **more}


def compared(rows: list[dict[str, Any]], **circumstances: str) -> Comparison:
    cells = sorted({(row["method"], row["seed"]) for row in rows})
    results = [
        {"method": m, "seed": s, "cycle": 0, "labelled": 10, "accuracy": 0.5, "device": circumstances.get(m, "cuda")}
        for m, s in cells
    ]
    return Comparison(ReportData("x", results, informativeness=rows))


def taken(rows: list[dict[str, Any]], **circumstances: str) -> list[str]:
    comparison = compared(rows, **circumstances)
    return [row["method"] for row in of_first_model(comparison, comparison.data.informativeness)]


def of_networks(*weights: str | None) -> list[dict[str, Any]]:
    return [measured(m, w) for m, w in zip(METHODS, weights, strict=True)]


def test_of_a_seed_the_network_that_most_methods_share_counts() -> None:
    assert taken(of_networks("a", "b", "b", "c")) == ["margin", "bald"]
    assert taken(of_networks("a", "a", "a", "a")) == list(METHODS)


def test_among_equals_the_network_of_the_method_that_the_report_speaks_of_counts() -> None:
    assert taken(of_networks("a", "a", "b", "b")) == ["bald", "dispersion"]


def test_each_seed_has_a_network_of_its_own() -> None:
    rows = [measured(m, f"of seed {seed}", seed) for m in METHODS for seed in (0, 1)]
    assert taken(rows) == [row["method"] for row in rows]


def test_cells_from_before_the_network_was_named_are_all_taken() -> None:
    assert taken(of_networks(None, None, None, None)) == list(METHODS)
    assert taken(of_networks(None, "a", "a", "b")) == ["random", "margin", "bald"]
    unnamed = [{name: value for name, value in row.items() if name != "weights"} for row in of_networks(*"abcd")]
    assert taken(unnamed) == list(METHODS)


def test_cells_of_other_circumstances_have_no_say_in_which_network_counts() -> None:
    rows = [*of_networks("a", "a", "b", "b"), measured("entropy", "a")]
    assert taken(rows, entropy="cpu") == ["bald", "dispersion"]


def test_who_is_left_out_is_named_once_with_its_seed() -> None:
    rows = [measured(m, w, portion=p) for m, w in zip(METHODS, "aaab", strict=True) for p in (0.1, 0.2)]
    rows += [measured(m, w, 1) for m, w in zip(METHODS, "bccc", strict=True)]
    (said,) = other_first_models(compared(rows))
    assert said.startswith("2 runs left out of the accuracy of the first model")
    assert said.endswith("the other methods of the seed: dispersion, seed 0; random, seed 1.")
    assert other_first_models(compared(of_networks("a", "a", "a", None))) == []


def test_claims_of_the_first_model_are_made_of_methods_that_share_it(
    synthetic_paper: ModuleType, tmp_path: Any
) -> None:
    data = synthetic_paper.paper_data()
    assert [answer.verdict for answer in first_claims(data)] == [Verdict.HOLDS] * 2
    apart = named(data, {("dispersion", 2): "another", ("margin", 1): "another"})
    claims = first_claims(apart)
    assert claims[0].verdict is Verdict.HOLDS, "its measures are all of dispersion's own model"
    assert claims[1].verdict is Verdict.OPEN
    judged = evidence_of(apart).informativeness
    assert {m: set(judged[m][0.1]) for m in ("random", "margin", "dispersion")} == {
        "random": {0, 1, 2}, "margin": {0, 2}, "dispersion": {0, 1}
    }  # fmt: skip
    assert set(portion_curves(Comparison(apart))["dispersion"][0.1]) == {0, 1}, "the figure shows the same"
    whose = "2 runs left out of the accuracy of the first model on what methods would ask for first"
    assert whose in write_report(apart, tmp_path).read_text(encoding="utf-8")
    assert whose in as_text(Comparison(apart))


def test_measures_of_wrong_predictions_are_never_of_two_networks(synthetic_paper: ModuleType) -> None:
    data = synthetic_paper.paper_data()
    less = [row for row in data.wrong_predictions if (row["seed"], row["measure"]) != (0, "margin")]
    other = [{**row, "method": "oracle", "auroc": 0.7} for row in data.wrong_predictions]
    mixed = replace(data, wrong_predictions=[*less, *other])
    shared = evidence_of(mixed).wrong_predictions
    assert shared["margin"][0] == 0.7, "of one network, another cell's stands for it"
    apart = named(mixed, {("oracle", seed): "another" for seed in range(3)})
    assert 0 not in evidence_of(apart).wrong_predictions["margin"]


def named(data: ReportData, others: dict[tuple[str, int], str]) -> ReportData:
    def with_weights(row: Any) -> dict[str, Any]:
        return {**row, "weights": others.get((row["method"], row["seed"]), f"of seed {row['seed']}")}

    return replace(
        data,
        informativeness=[with_weights(row) for row in data.informativeness],
        wrong_predictions=[with_weights(row) for row in data.wrong_predictions],
    )


def evidence_of(data: ReportData) -> Evidence:
    assert data.paper is not None
    return Evidence(Comparison(data), data.paper)


def first_claims(data: ReportData) -> list[Any]:
    return [claim(evidence_of(data)) for claim in CLAIMS[:2]]
