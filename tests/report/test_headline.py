from __future__ import annotations

import re
from statistics import stdev

import pytest

from swither.report import REFERENCE, ReportData
from swither.report.comparison import Comparison
from swither.report.headline import Headline, headline
from swither.report.wording import MINUS, RIGHT_QUOTE
from swither.statistics import detectable_difference


def answer(accuracies: dict[str, list[list[float]]], all_data: list[float] | None = None) -> Headline:
    """The headline of results given as method -> cycles -> seeds."""
    rows = [
        {"method": m, "seed": s, "cycle": c, "labelled": 100 * (c + 1), "accuracy": value}
        for m, cycles in accuracies.items()
        for c, seeds in enumerate(cycles)
        for s, value in enumerate(seeds)
    ]
    for seed, value in enumerate(all_data or []):
        rows.append({"method": REFERENCE, "seed": seed, "cycle": 0, "labelled": 1000, "accuracy": value})
    titles = [{"name": "dispersion", "title": "Dispersion"}, {"name": "bald", "title": "BALD"}]
    return headline(Comparison(ReportData("x", rows, methods=titles)))


def words(said: Headline) -> str:
    return re.sub(r"\s+", " ", " ".join((said.lead, *said.sentences)))


def test_a_clear_gain_is_told_with_its_interval_and_the_labels_saved() -> None:
    said = answer(
        {
            "random": [[0.50, 0.51, 0.52], [0.60, 0.61, 0.62]],
            "dispersion": [[0.50, 0.51, 0.52], [0.7001, 0.71, 0.7199]],
        },
        all_data=[0.75, 0.75, 0.75],
    )

    assert said.lead.replace("\u00a0", " ") == (
        "With 200 labels, dispersion reaches 71.0 % ± 2.5 test accuracy; random reaches 61.0 % ± 2.5."
    )
    text = words(said)
    assert "Seed by seed that is +10.0 points (3 seeds, 95 % interval +10.0 to +10.0), more than the noise" in text
    assert (
        f"Dispersion came to random{RIGHT_QUOTE}s final accuracy with about 150 labels, random with about 200: 50"
        in text
    )
    assert ": 50 (25 %) fewer; random would need more than 200 labels to draw level" in text
    assert "94.7 % of that with 20.0 % of the labels" in text
    assert [f.number.replace("\u00a0", " ") for f in said.figures] == ["71.0 %", "+10.0", f"{MINUS}25 %", "94.7 %"]
    assert "overlap" not in text


def test_a_gain_within_the_noise_is_called_so_and_saves_nothing() -> None:
    said = answer({"random": [[0.5, 0.6, 0.5], [0.60, 0.66, 0.6]], "dispersion": [[0.5, 0.6, 0.5], [0.66, 0.62, 0.62]]})
    text = words(said)

    assert "within the noise: these seeds cannot tell the two apart" in text
    worth = detectable_difference(stdev([0.06, -0.04, 0.02]), 3)
    assert f"A difference of {100 * worth:.1f} points would have been found with 80 % probability." in text
    assert "Over the whole budget no difference between dispersion and random was found" in text
    assert "more than the noise" not in text
    assert "fewer" not in text
    assert not [figure for figure in said.figures if "labels for" in figure.caption]


@pytest.mark.parametrize("seeds", [1, 2])
def test_too_few_seeds_save_nothing_and_have_no_interval(seeds: int) -> None:
    random, dispersion = [[0.5, 0.51], [0.6, 0.62]], [[0.5, 0.51], [0.8, 0.83]]
    said = answer({"random": [c[:seeds] for c in random], "dispersion": [c[:seeds] for c in dispersion]})
    text = words(said)

    assert "nothing can be said about chance" in text
    assert "fewer" not in text
    assert "±" not in text
    assert not [figure for figure in said.figures if MINUS in figure.number]
    assert ("81.5 % (80.0 and 83.0)" in text) == (seeds == 2)
    assert ("comes from two seeds (+20.0 and +21.0)" in text) == (seeds == 2)


def test_where_random_falls_its_own_labels_for_its_final_accuracy_are_the_measure() -> None:
    said = answer(
        {
            "random": [[0.82, 0.82, 0.82], [0.78, 0.78, 0.78], [0.74, 0.74, 0.74]],
            "dispersion": [[0.7, 0.71, 0.72], [0.8, 0.81, 0.82], [0.90, 0.91, 0.92]],
        }
    )

    assert "+17.0 points" in words(said)
    assert "fewer" not in words(said)
    assert not [figure for figure in said.figures if "labels for" in figure.caption]


def test_an_interval_of_accuracies_ends_at_a_hundred() -> None:
    said = answer({"random": [[0.9, 0.95, 1.0]], "dispersion": [[0.93, 0.97, 1.0]]})

    assert "random reaches 95.0 % (82.6 to 100.0)" in said.lead.replace("\u00a0", " ")


def test_intervals_that_overlap_are_explained_where_the_paired_gain_is_clear() -> None:
    text = words(answer({"random": [[0.50, 0.60, 0.70]], "dispersion": [[0.51, 0.611, 0.712]]}))

    assert "more than the noise between seeds. The two intervals above overlap all the same" in text


def test_a_loss_is_told_as_a_loss() -> None:
    text = words(
        answer({"random": [[0.4] * 3, [0.600, 0.611, 0.62]], "dispersion": [[0.4] * 3, [0.500, 0.511, 0.521]]})
    )

    assert "Random was ahead, by 10.0 points" in text
    assert "Random had reached the final accuracy of dispersion with about 155 labels" in text
    assert "fewer" not in text


def test_the_whole_budget_is_told_by_its_test() -> None:
    text = words(
        answer(
            {
                "random": [[0.50, 0.51, 0.52], [0.60, 0.61, 0.62]],
                "dispersion": [[0.50, 0.51, 0.52], [0.7001, 0.71, 0.7199]],
            }
        )
    )

    assert "Over the whole budget dispersion is ahead of random by 5.0 points (n = 3 seeds, 95 % interval" in text


def test_identical_results_claim_no_power() -> None:
    text = words(answer({"random": [[0.5, 0.6, 0.5]] * 2, "dispersion": [[0.5, 0.6, 0.5]] * 2}))

    assert "would have been found" not in text
    assert "exactly the same in each of 3 seeds" in text


def test_one_seed_allows_no_word_about_chance() -> None:
    text = words(answer({"random": [[0.5]], "dispersion": [[0.6]]}))

    assert "nothing can be said about chance" in text
    assert "±" not in text


def test_no_seed_in_common_allows_none_either() -> None:
    rows = [
        {"method": m, "seed": s, "cycle": 0, "labelled": 10, "accuracy": 0.5}
        for m, s in (("random", 0), ("dispersion", 1))
    ]

    assert "no seed in common" in words(headline(Comparison(ReportData("x", rows))))


def test_figures_differ_by_the_paired_gain_where_one_method_has_more_seeds() -> None:
    said = answer(
        {
            "random": [[0.50, 0.50, 0.50, 0.99, 0.99], [0.60, 0.61, 0.62, 0.99, 0.99]],
            "dispersion": [[0.50, 0.50, 0.50], [0.7001, 0.71, 0.7199]],
        }
    )
    text = words(said)

    assert "dispersion reaches 71.0 % ± 2.5 test accuracy; random reaches 61.0 % ± 2.5." in text
    assert "Seed by seed that is +10.0 points (3 seeds" in text
    assert "These figures are of the 3 seeds that both have finished; of seeds 3 and 4 only one has." in text
    assert "48 (24 %) fewer" in text
    assert [f.number.replace("\u00a0", " ") for f in said.figures] == ["71.0 %", "+10.0", f"{MINUS}24 %"]


def test_without_random_there_is_no_gain() -> None:
    said = answer({"bald": [[0.5, 0.6]], "margin": [[0.7, 0.8]]})

    assert "BALD reaches" in said.lead
    assert "Random was not run" in words(said)
    assert len(said.figures) == 1


def test_other_methods_are_ahead_behind_or_not_to_be_told_apart() -> None:
    text = words(
        answer(
            {
                "random": [[0.50, 0.51, 0.52]],
                "dispersion": [[0.600, 0.610, 0.620]],
                "bald": [[0.6501, 0.6600, 0.6699]],
                "margin": [[0.5501, 0.5600, 0.5699]],
                "entropy": [[0.58, 0.65, 0.60]],
            }
        )
    )

    assert "dispersion is ahead of margin; behind BALD; not to be told apart from entropy." in text


@pytest.mark.parametrize("methods", [(), ("random",)])
def test_too_little_to_compare_still_gives_a_sentence(methods: tuple[str, ...]) -> None:
    said = answer({method: [[0.5, 0.6]] for method in methods})

    assert said.lead.endswith(".")
    assert "save" not in words(said)
