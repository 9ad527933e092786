"""The six claims: each verdict from made-up folders in which the truth is known."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from html import unescape
from importlib import resources
from types import ModuleType
from typing import Any

import pytest

from swither.report import ReportData
from swither.report.comparison import Comparison
from swither.report.paper_answer import Answer, Part, Seeds
from swither.report.paper_claims import CLAIMS, paper_claims
from swither.report.paper_evidence import Evidence
from swither.report.paper_study import Beside
from swither.report.portions import portion_curves
from swither.report.verdict import Verdict

PLAIN = str.maketrans({"\u00a0": " ", "\u2019": "'", "\u2212": "-"})


def answers(data: ReportData) -> dict[int, Answer]:
    assert data.paper is not None
    found = [claim(Evidence(Comparison(data), data.paper)) for claim in CLAIMS]
    return {answer.number: answer for answer in found}


def verdicts(data: ReportData, number: int) -> list[Verdict]:
    return [part.verdict for part in answers(data)[number].parts]


def said(answer: Answer) -> str:
    return " ".join(str(part.said) for part in (*answer.parts, *answer.beside)).translate(PLAIN)


def test_a_verdict_wraps_so_that_a_narrow_screen_keeps_room_for_the_claim(synthetic_paper: ModuleType) -> None:
    section = paper_claims(Comparison(synthetic_paper.paper_data()))
    assert section is not None
    assert '<table class="claims">' in section.body
    sheet = resources.files("swither.report").joinpath("page.css").read_text(encoding="utf-8")
    assert ".claims .verdict { white-space: normal; }" in sheet


def test_the_six_claims_are_answered_in_order(synthetic_paper: ModuleType) -> None:
    assert list(answers(synthetic_paper.paper_data())) == [1, 2, 3, 4, 5, 6]


def test_nothing_measured_is_said_to_be_nothing_measured(synthetic_paper: ModuleType) -> None:
    data = synthetic_paper.paper_data(methods=("random",), seeds={"random": 0, "reference": 0})
    row = {"method": "random", "seed": 0, "cycle": 0, "labelled": 5000, "accuracy": 0.7}
    found = answers(replace(data, results=[row]))
    assert {n: a.verdict for n, a in found.items() if n != 5} == dict.fromkeys((1, 2, 3, 4, 6), Verdict.MISSING)
    assert all("Nothing was measured yet" in said(found[n]) for n in (1, 2, 3, 6))
    assert paper_claims(Comparison(replace(data, results=[row]))) is not None


def test_one_finished_run_is_enough_for_a_report_and_too_little_for_a_verdict(synthetic_paper: ModuleType) -> None:
    found = answers(synthetic_paper.paper_data(seeds=1))
    decided = {Verdict.HOLDS, Verdict.FAILS}
    assert not decided & {part.verdict for answer in found.values() for part in answer.parts}


def test_claim_1_holds_where_dispersion_finds_more_wrong_predictions(synthetic_paper: ModuleType) -> None:
    better = synthetic_paper.paper_data()
    assert verdicts(better, 1) == [Verdict.HOLDS, Verdict.HOLDS]
    areas = {"dispersion": 0.80, "least-confidence": 0.85, "margin": 0.8, "entropy": 0.8}
    assert verdicts(synthetic_paper.paper_data(areas=areas), 1) == [Verdict.HOLDS, Verdict.FAILS]
    assert verdicts(replace(better, wrong_predictions=()), 1) == [Verdict.MISSING] * 2
    later = [{**row, "cycle": 2} for row in better.wrong_predictions]
    assert verdicts(replace(better, wrong_predictions=later), 1) == [Verdict.MISSING] * 2, "only the first model counts"


def test_claim_2_speaks_of_every_method_at_every_portion(synthetic_paper: ModuleType) -> None:
    data = synthetic_paper.paper_data()
    assert verdicts(data, 2) == [Verdict.HOLDS]
    text = said(answers(data)[2])
    assert "40 of 40 comparisons" in text, "7 portions, 6 methods, and CoreSet up to 20 %"
    assert "CoreSet was measured up to 20 %" in text
    better_margin = synthetic_paper.paper_data(informative={"margin": 0.2}, noise=0.0002)
    assert verdicts(better_margin, 2) == [Verdict.FAILS]
    better_oracle = synthetic_paper.paper_data(informative={"oracle": 0.0})
    assert verdicts(better_oracle, 2) == [Verdict.HOLDS], "the oracle is left out of the claim"
    without = synthetic_paper.paper_data(seeds={"vaal": 0})
    assert verdicts(without, 2) == [Verdict.MISSING]


def test_the_claims_and_the_figure_leave_out_the_same_small_portions(
    synthetic_paper: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = synthetic_paper.paper_data()
    monkeypatch.setattr("swither.report.portions.LEAST_IMAGES", 901)  # 2 % of the pool are 900 images
    drawn = portion_curves(Comparison(data))["margin"]
    judged = Evidence(Comparison(data), data.paper).informativeness["margin"]
    assert list(drawn) == [0.05, 0.1, 0.2, 0.3, 0.5, 1.0]
    assert list(judged) == [0.05, 0.1, 0.2, 0.3, 0.5], "on the whole pool there is nothing to compare"


def test_claim_3_on_cifar10(synthetic_paper: ModuleType) -> None:
    final = {"dispersion": 0.92, "bald": 0.9199, "margin": 0.915, "kcenter": 0.89, "coreset": 0.89}
    data = synthetic_paper.paper_data(final=final, noise=1e-5)
    # BALD is level at the end because it is level all the way, so dispersion is not ahead of it before.
    ahead, level, informative = verdicts(data, 3)
    assert (level, informative) == (Verdict.HOLDS, Verdict.HOLDS)
    assert ahead in (Verdict.HOLDS, Verdict.OPEN)
    behind = synthetic_paper.paper_data(final=final | {"margin": 0.94}, noise=1e-5)
    assert verdicts(behind, 3)[0] is Verdict.FAILS
    apart = synthetic_paper.paper_data(final=final | {"bald": 0.90}, noise=1e-5)
    assert verdicts(apart, 3)[1] is Verdict.FAILS
    low = synthetic_paper.paper_data(final=final | {"bald": 0.87}, noise=1e-5)
    assert verdicts(low, 3)[2] is Verdict.FAILS


def test_claim_3_counts_what_is_missing(synthetic_paper: ModuleType) -> None:
    data = synthetic_paper.paper_data(seeds={"vaal": 0})
    assert verdicts(data, 3)[0] is Verdict.MISSING
    assert "4 comparisons are not measured yet" in said(answers(data)[3])


def test_claim_4_shows_both_figures_of_the_paper(synthetic_paper: ModuleType) -> None:
    data = synthetic_paper.paper_data(noise=1e-4)
    assert verdicts(data, 4)[:2] == [Verdict.HOLDS, Verdict.FAILS], "3.1 points are not around 7.5"
    text = said(answers(data)[4])
    assert "around 7.5 %; its Table 1 gives 3.09 points" in text
    assert "holds the table's figure" in text
    large = synthetic_paper.paper_data(noise=1e-3, final={"dispersion": 0.9515})
    assert verdicts(large, 4)[1] is Verdict.HOLDS


def test_claim_4_is_not_earned_by_noise(synthetic_paper: ModuleType) -> None:
    """An interval that holds 7.5 points and 4,000 labels, and much besides, tells nothing."""
    noisy = synthetic_paper.paper_data(noise=0.008, final={"dispersion": 0.935})
    gain, saved = verdicts(noisy, 4)[1:]
    assert (gain, saved) == (Verdict.OPEN, Verdict.OPEN)
    assert "6.5 to 8.5" in answers(noisy)[4].parts[1].statement
    assert "7 % to 9 %" in answers(noisy)[4].parts[2].statement.translate(PLAIN)


def test_claim_4_counts_labels_as_a_share_of_the_training_images(synthetic_paper: ModuleType) -> None:
    """Dispersion's curve reaches random's end at about 10,500 of 50,000 labels: 4,500 fewer, or 900 of 10,000."""
    for images, saved in ((50_000, 4500), (10_000, 900)):
        data = synthetic_paper.paper_data(noise=1e-6, images=images)
        (found,) = re.findall(r"ahead\): ([\d,]+),", said(answers(data)[4]))
        assert int(found.replace(",", "")) == pytest.approx(saved, rel=0.05)


def test_labels_that_cost_more_are_counted_with_a_minus(synthetic_paper: ModuleType) -> None:
    behind = synthetic_paper.paper_data(noise=1e-6, final={"dispersion": 0.85})
    assert re.search(r"ahead\): -[\d,]+, -[\d.]+ % of 50,000 training images", said(answers(behind)[4]))
    assert verdicts(behind, 4)[0] is Verdict.FAILS


def test_claims_about_the_other_data_set_are_not_answered_here(synthetic_paper: ModuleType) -> None:
    small = synthetic_paper.paper_data("cifar100")
    assert [answers(small)[n].verdict for n in (3, 4)] == [Verdict.ELSEWHERE] * 2
    assert answers(synthetic_paper.paper_data())[5].verdict is Verdict.ELSEWHERE
    assert "On CIFAR-100" in answers(small)[4].beside[0].statement, "the same figures are shown all the same"


def test_claim_5_asks_for_level_curves_first_and_a_lead_then(synthetic_paper: ModuleType) -> None:
    even = dict.fromkeys(("dispersion", "margin", "coreset", "bald", "kcenter"), 0.60)
    level = synthetic_paper.paper_data("cifar100", final=even, noise=1e-4)
    assert verdicts(level, 5)[0] is Verdict.HOLDS
    assert verdicts(level, 5)[1] is not Verdict.HOLDS
    lead = synthetic_paper.paper_data("cifar100", final=even | {"dispersion": 0.65}, noise=1e-4)
    assert verdicts(lead, 5) == [Verdict.FAILS, Verdict.HOLDS, Verdict.MISSING]


def test_the_smaller_gap_needs_the_other_folder(synthetic_paper: ModuleType) -> None:
    here, other = synthetic_paper.paper_data("cifar100", noise=1e-4), synthetic_paper.paper_data(noise=1e-4)
    assert "Nothing is known here of CIFAR-10" in said(answers(here)[5])
    assert verdicts(here, 5)[2] is Verdict.MISSING
    lead = synthetic_paper.paper_data("cifar100", final=dict.fromkeys(("margin", "coreset"), 0.55), noise=1e-4)
    assert answers(lead)[5].verdict is Verdict.FAILS, "a part that fails is enough"
    beside = Beside(other.paper, other.results, other.methods, other.planned)
    both = replace(here, paper=replace(here.paper, beside=beside))
    assert verdicts(both, 5)[2] is Verdict.HOLDS
    turned = Beside(here.paper, here.results, here.methods, here.planned)
    from_ten = replace(other, paper=replace(other.paper, beside=turned))
    assert answers(from_ten)[5].beside[0].verdict is Verdict.HOLDS, "it is the same gap from either folder"


@pytest.mark.parametrize(
    ("dataset", "final", "holds"),
    [
        ("cifar10", 0.9074, True),
        ("cifar10", 0.89, False),
        ("cifar100", 0.62, True),
        ("cifar100", 0.60, False),
    ],
)
def test_claim_6_is_a_share_of_the_same_seeds_all_data_accuracy(
    synthetic_paper: ModuleType, dataset: str, final: float, holds: bool
) -> None:
    data = synthetic_paper.paper_data(dataset, final={"dispersion": final}, noise=2e-4)
    assert verdicts(data, 6) == [Verdict.HOLDS if holds else Verdict.FAILS]
    printed = {"cifar10": "96.93", "cifar100": "60.66 of its 74.61 is 81.30 %"}[dataset]
    assert printed in said(answers(data)[6])


def test_the_page_lists_the_claims_with_their_verdicts(synthetic_paper: ModuleType) -> None:
    section = paper_claims(Comparison(synthetic_paper.paper_data(scale="small")))
    assert section is not None
    text = unescape(re.sub(r"<[^>]+>", " ", section.body)).translate(PLAIN)
    assert "not the paper's scale" in text
    assert "holds at this scale" in text
    assert "is about the other data set" in text
    assert section.body.count('id="claim-') == 6


def test_a_claim_that_lacks_the_other_folder_does_not_hold(
    synthetic_paper: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("swither.report.claims_of_curves.all_level", lambda *_: Verdict.HOLDS)
    found = answers(synthetic_paper.paper_data("cifar100", noise=1e-4, final={"dispersion": 0.65}))[5]
    assert [part.verdict for part in found.parts] == [Verdict.HOLDS, Verdict.HOLDS, Verdict.MISSING]
    assert found.verdict is Verdict.MISSING


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"scale": "small"}, "small scale"),
        ({"reduced": ("30 epochs in place of 100",)}, "30 epochs in place of 100"),
        ({"cycles": 3}, "3 cycles"),
    ],
)
def test_gaps_of_different_scales_are_not_compared(
    synthetic_paper: ModuleType, changes: dict[str, Any], reason: str
) -> None:
    here, other = synthetic_paper.paper_data("cifar100", noise=1e-4), synthetic_paper.paper_data(noise=1e-4)
    study = replace(other.paper, **changes)
    both = replace(here, paper=replace(here.paper, beside=Beside(study, other.results, other.methods, other.planned)))
    assert verdicts(both, 5)[2] is Verdict.MISSING
    assert reason in said(answers(both)[5])


def test_a_gap_of_a_folder_with_a_fault_is_not_compared(synthetic_paper: ModuleType) -> None:
    here = synthetic_paper.paper_data("cifar100", noise=1e-4)
    other = synthetic_paper.paper_data(noise=1e-4, whole=0.90)
    both = replace(here, paper=replace(here.paper, beside=Beside(other.paper, other.results, other.methods)))
    assert verdicts(both, 5)[2] is Verdict.MISSING
    assert "fault to find" in said(answers(both)[5])


def shown(data: ReportData) -> str:
    section = paper_claims(Comparison(data))
    assert section is not None
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", section.body))).translate(PLAIN)


def test_every_verdict_names_the_reduced_scale(synthetic_paper: ModuleType) -> None:
    text = shown(synthetic_paper.paper_data(scale="small"))
    parts = re.findall(r"Low dispersion goes with a right prediction, high .*? wrong one\. (holds[^T]*)", text)
    assert parts == ["holds at this scale "]
    assert not re.search(r"(\bholds|does not hold) (?!at this scale|where|neither|the (text|table)'s|here)", text)


def test_a_fault_in_the_all_data_accuracy_stands_at_every_verdict(synthetic_paper: ModuleType) -> None:
    faulty, sound = synthetic_paper.paper_data(whole=0.90), synthetic_paper.paper_data(whole=0.935)
    text = shown(faulty)
    assert "no verdict here speaks for or against the paper until it is found" in text
    assert text.count("holds (a fault is to be found first)") >= 3
    assert "fault" not in shown(sound)
    small = synthetic_paper.paper_data(scale="small", whole=0.5)
    assert "fault" not in shown(small), "a small network is no fault"


def of_ten(data: ReportData) -> ReportData:
    """The same results of a folder that is to hold ten seeds."""
    return replace(data, planned=[(m, seed) for m in dict(data.planned) for seed in range(10)])


def test_no_verdict_is_final_before_the_planned_seeds_are_there(synthetic_paper: ModuleType) -> None:
    data = synthetic_paper.paper_data(scale="small", noise=1e-4)
    assert "so far," not in shown(data), "three of three"
    text = shown(of_ten(data))
    given = re.findall(r"(holds? at this scale|cannot be told with these seeds) (\([^)]*\))?", text)
    assert {verdict for verdict, _ in given} == {
        "holds at this scale",
        "hold at this scale",
        "cannot be told with these seeds",
    }
    assert {note for _, note in given} == {"(so far, 3 of 10 seeds)"}
    assert "how many seeds the comparison with the fewest has" in text
    faulty = shown(of_ten(synthetic_paper.paper_data(whole=0.90)))
    assert "holds (a fault is to be found first; so far, 3 of 10 seeds)" in faulty


def test_so_far_counts_the_comparison_with_the_fewest_seeds(synthetic_paper: ModuleType) -> None:
    data = of_ten(synthetic_paper.paper_data(seeds={"margin": 8, "dispersion": 10, "random": 9, "reference": 6}))
    found = answers(data)
    assert found[2].parts[0].seeds == (3, 10), "the other methods have three"
    assert found[4].parts[0].seeds == found[4].parts[2].seeds == (9, 10), "random has nine"
    assert found[6].seeds == (6, 10), "trained on all images were six"
    assert found[5].seeds is None, "nothing was compared"


def test_a_part_that_fails_with_all_its_seeds_is_final() -> None:
    parts = [
        Part("", Verdict.HOLDS, "", Seeds(1, 10)),
        Part("", Verdict.FAILS, "", Seeds(10, 10)),
        Part("", Verdict.FAILS, "", Seeds(4, 10)),
    ]
    assert Answer(1, "", "", parts).seeds == (10, 10)
    assert Answer(1, "", "", parts[:1]).seeds == (1, 10)


TEN = {"dispersion": 10, "margin": 10, "bald": 8}


@pytest.mark.parametrize(
    ("dataset", "number", "part", "changes", "have"),
    [
        ("cifar10", 2, 0, {"informative": {"margin": 0.2}}, 10),
        ("cifar10", 2, 0, {"informative": {"bald": 0.2}}, 8),
        ("cifar10", 2, 0, {"informative": {"bald": 0.2, "margin": 0.2}}, 10),
        ("cifar10", 2, 0, {"informative": {"kcenter": 0.2}}, 3),
        ("cifar10", 3, 0, {"final": {"margin": 0.95}}, 10),
        ("cifar10", 3, 2, {"final": {"bald": 0.87}}, 3),
        ("cifar100", 5, 0, {"final": {"margin": 0.55}}, 10),
        ("cifar100", 5, 1, {"final": {"margin": 0.70}}, 10),
    ],
)
def test_one_refutation_with_all_its_seeds_is_final_whatever_others_lack(
    synthetic_paper: ModuleType, dataset: str, number: int, part: int, changes: dict[str, Any], have: int
) -> None:
    data = of_ten(synthetic_paper.paper_data(dataset, seeds=TEN, noise=1e-4, **changes))
    found = answers(data)[number].parts[part]
    assert found.verdict is Verdict.FAILS
    assert found.seeds == (have, 10)


def test_a_gap_that_waits_for_the_other_folders_seeds_says_so(synthetic_paper: ModuleType) -> None:
    here, other = synthetic_paper.paper_data("cifar100", noise=1e-4), synthetic_paper.paper_data(noise=1e-4)
    beside = Beside(other.paper, other.results, other.methods, of_ten(other).planned)
    both = replace(here, paper=replace(here.paper, beside=beside))
    assert answers(both)[5].parts[2].seeds == (3, 10)


def test_the_rules_say_what_voids_them(synthetic_paper: ModuleType) -> None:
    text = shown(synthetic_paper.paper_data())
    assert "adding seeds until something is clear" in text
    assert "each statement by itself" in text
    assert "the whole interval lies close to it, within 1 point of the gain" in text


def test_claim_1_leaves_out_seeds_of_other_circumstances(synthetic_paper: ModuleType) -> None:
    data = synthetic_paper.paper_data()

    def device(row: Mapping[str, Any]) -> str:
        return "cuda" if (row["method"], row["seed"]) == ("dispersion", 2) else "cpu"

    rows = [{**row, "device": device(row)} for row in data.results]
    odd = replace(data, results=rows)
    assert answers(odd)[1].verdict is Verdict.OPEN, "two seeds are left"
    more = [{**row, "method": "oracle", "auroc": 0.7} for row in data.wrong_predictions]
    found = Evidence(Comparison(replace(odd, wrong_predictions=[*data.wrong_predictions, *more])), data.paper)
    areas = found.wrong_predictions["dispersion"]
    assert areas[2] == 0.7, "another cell of the seed takes its place"
    assert areas[0] != 0.7, "the first cell of a seed counts"


def test_outside_the_paper_there_is_no_such_section(synthetic: ModuleType) -> None:
    assert paper_claims(Comparison(synthetic.report_data())) is None


def test_seeds_of_other_circumstances_decide_nothing(synthetic_paper: ModuleType) -> None:
    data = synthetic_paper.paper_data()
    rows: list[dict[str, Any]] = [
        {**row, "device": "cuda" if row["method"] == "margin" else "cpu"} for row in data.results
    ]
    assert verdicts(replace(data, results=rows), 3)[0] is Verdict.MISSING
