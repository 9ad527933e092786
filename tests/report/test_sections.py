"""What the other sections compute before they draw."""

from __future__ import annotations

import base64
import math
import re
from collections import Counter
from dataclasses import replace
from html import unescape
from io import BytesIO
from types import ModuleType

import numpy as np
import pytest
from PIL import Image

from swither.report import REFERENCE, MontageImage, ReportData
from swither.report.circumstances import circumstances
from swither.report.classes import recall, selected_classes
from swither.report.comparison import Comparison
from swither.report.cost import cost
from swither.report.informativeness import informativeness
from swither.report.markup import Markup
from swither.report.montage import montage
from swither.report.recording import recording


def cells(markup: Markup, caption: str) -> dict[str, list[str]]:
    """The rows of the table with this caption: first cell -> the others, as text."""
    found = [t for t in re.findall(r"<table.*?</table>", markup, re.DOTALL) if caption in t.split("</caption>")[0]]
    assert len(found) == 1, f"{len(found)} tables with {caption!r}"
    rows = re.findall(r"<tr>(.*?)</tr>", found[0].split("<tbody>")[1], re.DOTALL)
    parts = [
        [unescape(re.sub(r"<[^>]+>", "", c)).replace("\u00a0", " ") for c in re.split(r"</t[hd]>", row)] for row in rows
    ]
    return {first: rest[:-1] for first, *rest in parts}


def row(method: str, seed: int, cycle: int, **more: object) -> dict[str, object]:
    return {"method": method, "seed": seed, "cycle": cycle, "labelled": 10 * (cycle + 1), "accuracy": 0.5, **more}


def test_informativeness_is_the_mean_over_seeds_for_each_portion(synthetic: ModuleType) -> None:
    data = synthetic.report_data()
    section = informativeness(Comparison(data))
    assert section is not None
    table = cells(section.body, "Accuracy on the first portion")

    expected = [
        np.mean([r["accuracy"] for r in data.informativeness if r["method"] == "margin" and r["portion"] == p])
        for p in (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0)
    ]
    assert [float(cell.split(" ")[0]) for cell in table["Margin"]] == pytest.approx(100 * np.array(expected), abs=0.051)
    assert list(table)[-1] == "Oracle"


def test_informativeness_says_where_methods_have_unlike_numbers_of_seeds() -> None:
    rows = [
        {"method": method, "seed": seed, "portion": portion, "images": 100, "accuracy": 0.8}
        for method, seeds in (("random", 5), ("margin", 3))
        for seed in range(seeds)
        for portion in (0.1, 1.0)
    ]
    section = informativeness(Comparison(ReportData("x", [], informativeness=rows)))
    assert section is not None
    assert "mean over 3 to 5 seeds." in section.body.replace("\u00a0", " ")


def test_portions_of_a_few_images_are_left_out_and_named() -> None:
    rows = [
        {"method": "random", "seed": 0, "portion": p, "images": round(p * 200), "accuracy": 0.8}
        for p in (0.01, 0.02, 0.05, 0.1, 1.0)
    ]
    section = informativeness(Comparison(ReportData("x", [], informativeness=rows)))

    assert section is not None
    assert cells(section.body, "Accuracy on the first portion") == {"random": ["80.0"] * 3}
    assert "fewer than 10 images are left out: 1 % and 2 %." in section.body.replace("\u00a0", " ")


def test_a_method_solved_for_small_portions_only_ends_there() -> None:
    rows = [{"method": "coreset", "seed": 0, "portion": p, "accuracy": 0.4} for p in (0.01, 0.2)]
    rows += [{"method": "random", "seed": 0, "portion": p, "accuracy": 0.8} for p in (0.01, 0.2, 1.0)]
    section = informativeness(Comparison(ReportData("x", [], informativeness=rows)))

    assert section is not None
    assert cells(section.body, "Accuracy on the first portion")["coreset"] == ["40.0", "40.0", "–"]  # noqa: RUF001
    assert "Coreset chooses anew for every portion, and was asked for the smaller ones alone." in section.body


def test_ratios_of_classes_agree_with_counting_images() -> None:
    generator = np.random.default_rng(3)
    pool = Counter({"a": 60, "b": 30, "c": 10})
    picked = generator.choice(list(pool), size=50)
    rows = [
        {"method": "margin", "seed": 0, "cycle": int(i % 3), "class_name": str(name), "count": 1}
        for i, name in enumerate(picked)
    ]
    merged = Counter((r["cycle"], r["class_name"]) for r in rows)
    rows = [{"method": "margin", "seed": 0, "cycle": c, "class_name": n, "count": k} for (c, n), k in merged.items()]
    section = selected_classes(Comparison(ReportData("x", [], selected_classes=rows, pool_classes=pool)))

    assert section is not None
    table = cells(section.body, "Share of the chosen images over share of the pool")
    for name, (ratio,) in table.items():
        assert float(ratio[:-1]) == pytest.approx((picked == name).mean() / (pool[name] / 100), abs=0.0051)


def test_a_hundred_classes_are_shown_by_the_ten_at_either_end() -> None:
    names = [f"class {n:02d}" for n in range(100)]
    rows = [{"method": "margin", "seed": 0, "cycle": 0, "class_name": n, "count": k + 1} for k, n in enumerate(names)]
    results = [row("margin", s, 0, recall=[n / 100 for n in range(100)]) for s in range(2)]
    comparison = Comparison(ReportData("x", results, selected_classes=rows, class_names=names))
    chosen, recalled = selected_classes(comparison), recall(comparison)

    assert chosen is not None
    assert recalled is not None
    wanted = [*names[:10], *names[-10:]]
    assert list(cells(chosen.body, "Share of the chosen")) == wanted
    assert list(cells(recalled.body, "Recall of each class")) == wanted


def test_recall_is_the_mean_over_the_seeds_that_know_the_class() -> None:
    results = [row("margin", 0, 0, recall=[0.5, None, 0.9]), row("margin", 1, 0, recall=[0.7, math.nan, 0.8])]
    results += [row("random", 0, 0), row(REFERENCE, 0, -1, recall=np.array([1.0, 0.25, 1.0]))]
    section = recall(Comparison(ReportData("x", results, class_names=["a", "b", "c"])))

    assert section is not None
    assert cells(section.body, "Recall of each class") == {  # the worst first
        "b": ["–", "25.0"],  # noqa: RUF001
        "a": ["60.0", "100.0"],
        "c": ["85.0", "100.0"],
    }


def test_the_hardest_class_is_that_of_the_methods_and_not_of_all_data() -> None:
    results = [row("margin", s, 0, recall=[0.5, 0.6]) for s in (0, 1)] + [row("random", 0, 0, recall=[0.7, 0.62])]
    results += [row(REFERENCE, 0, -1, recall=[1.0, 0.1])]
    section = recall(Comparison(ReportData("x", results, class_names=["a", "b"])))

    assert section is not None
    said = section.body.replace("\u00a0", " ")
    assert "The hardest class is a: 60.0 % of its test images" in said
    assert "at cycle 0, the mean over 2 methods and 1 to 2 seeds (training on all data is not in it)." in said


def test_costs_are_summed_over_cycles_and_of_finished_runs() -> None:
    seconds = {"seconds_training": 10.0, "seconds_recording": 4.0, "seconds_selecting": 1.0}
    results = [row("dispersion", s, c, **seconds) for s in (0, 1) for c in range(3)]
    results += [row("dispersion", 2, 0, seconds_training=1000.0)]
    results += [row("random", 0, c, seconds_training=10.0, seconds_recording=None) for c in range(3)]
    section = cost(Comparison(ReportData("x", results)))

    assert section is not None
    table = cells(section.body, "Median time of one run (training pooled)")
    assert table["dispersion"] == ["30 s", "12 s", "3 s", "33.3 %", "2"]
    assert table["random"] == ["30 s", "–", "–", "0.0 %", "1"]  # noqa: RUF001


def test_no_method_trains_cheaper_because_the_machine_was_busy() -> None:
    results = [row("random", s, c, seconds_training=20.0 + c, seconds_selecting=1.0) for s in (0, 1) for c in range(2)]
    results += [row("oracle", s, c, seconds_training=10.0 + c, seconds_selecting=2.0) for s in (0, 1) for c in range(2)]
    section = cost(Comparison(ReportData("x", results)))

    assert section is not None
    table = cells(section.body, "Median time of one run (training pooled)")
    assert table["random"][0] == table["oracle"][0] == "31 s"
    assert (table["random"][2], table["oracle"][2]) == ("2 s", "4 s")
    assert "pooled over all methods" in section.body


def test_one_slow_query_makes_no_method_dearer() -> None:
    results = []
    for method in ("dispersion", "dispersion:stride=5"):
        for seed in range(5):
            slow = 400.0 if (method, seed) == ("dispersion", 3) else 8.0
            results += [row(method, seed, 0, seconds_training=10.0, seconds_recording=slow)]
    section = cost(Comparison(ReportData("x", results)))

    assert section is not None
    table = cells(section.body, "Median time of one run (training pooled)")
    assert table["dispersion"] == table["dispersion:stride=5"]
    assert "waiting for whatever ran on the machine meanwhile" in section.body


def test_seeds_that_only_one_method_has_are_not_in_the_cost() -> None:
    results = [row("random", s, 0, seconds_training=10.0, seconds_selecting=1.0) for s in range(3)]
    results += [row("margin", s, 0, seconds_training=10.0, seconds_selecting=1.0 if s < 3 else 50.0) for s in range(9)]
    section = cost(Comparison(ReportData("x", results)))

    assert section is not None
    table = cells(section.body, "Median time of one run (training pooled)")
    assert table["margin"] == table["random"]
    assert table["margin"][-1] == "3"


def test_unmeasured_costs_leave_the_section_out() -> None:
    assert cost(Comparison(ReportData("x", [row("random", 0, 0)]))) is None


@pytest.mark.parametrize(
    ("shares", "said"),
    [
        ([0.9, 0.6, 0.3, 0.1], "In 2 of 4 recorded epochs (50.0 %) more than half"),
        ([0.9, 0.2, 0.3, 0.1], "all of them at the first"),
        ([0.9, 0.6, 0.3, 0.1], "the last of them at epoch 2"),
        ([0.5, 0.2, 0.3, 0.1], "In none of 4 recorded epochs"),
    ],
)
def test_a_recording_stuck_in_one_class_is_told(shares: list[float], said: str) -> None:
    rows = [
        {"method": "dispersion", "seed": 0, "cycle": 0, "epoch": epoch, "share": share}
        for epoch, share in enumerate(shares, start=1)
    ]
    section = recording(Comparison(ReportData("x", [], pool_largest_class=rows)))

    assert section is not None
    assert said in section.body.replace("\u00a0", " ")


def example(side: int, channels: int = 3, last: str = "cat") -> MontageImage:
    pixels = np.random.default_rng(side).integers(0, 256, (side, side, channels), dtype=np.uint8)
    return MontageImage(pixels, "id", "cat", ("dog", "cat", last), 0.9, 0.4, "most")


@pytest.mark.parametrize(("side", "channels"), [(8, 1), (32, 3), (64, 3)])
def test_small_images_are_shown_pixel_for_pixel(side: int, channels: int) -> None:
    image = example(side, channels)
    section = montage(Comparison(ReportData("x", [], montage=[image])))

    assert section is not None
    encoded = re.findall(r'base64,([^"]+)"', section.body)
    assert len(encoded) == 1
    with Image.open(BytesIO(base64.b64decode(encoded[0]))) as shown:
        np.testing.assert_array_equal(np.asarray(shown).reshape(image.pixels.shape), image.pixels)
    assert 'class="coarse"' in section.body


def test_large_images_are_made_smaller_and_smooth() -> None:
    section = montage(Comparison(ReportData("x", [], montage=[example(400)])))

    assert section is not None
    with Image.open(BytesIO(base64.b64decode(re.findall(r'base64,([^"]+)"', section.body)[0]))) as shown:
        assert max(shown.size) == 160
    assert "coarse" not in section.body


def test_wrong_labels_are_marked_and_counted() -> None:
    section = montage(Comparison(ReportData("x", [], montage=[example(8, last="dog"), example(8)])))

    assert section is not None
    assert "Of the 2 images shown as most dispersed, 1 ends up wrong." in section.body
    assert section.body.count('<li class="wrong"') == 3
    assert section.body.count("card wrong") == 1


def test_the_montage_says_from_which_training_it_comes() -> None:
    data = ReportData("x", [], montage=[example(8)], montage_source="dispersion, seed 0, cycle 4")
    known, unknown = montage(Comparison(data)), montage(Comparison(replace(data, montage_source="")))

    assert known is not None
    assert unknown is not None
    assert "from one training: dispersion, seed 0, cycle 4." in known.body
    assert "come from one training" not in unknown.body
    assert "Of the 1 image shown as most dispersed, none ends up wrong." in known.body
    assert "prove nothing" in unknown.body


def test_machines_and_settings_are_listed_with_the_number_of_runs(synthetic: ModuleType) -> None:
    data = synthetic.report_data()
    rows = [{**r, "machine": "aarch64"} if r["seed"] == 2 else r for r in data.results]
    section = circumstances(Comparison(replace(data, results=rows)))

    assert cells(section.body, "On what the runs were made").keys() == {"14", "7"}
    assert cells(section.body, "recipe")["learning rate"] == ["0.02"]


@pytest.mark.parametrize("build", [informativeness, montage, selected_classes, recall, cost, recording])
def test_a_section_without_data_is_left_out(build: object) -> None:
    assert callable(build)
    assert build(Comparison(ReportData("x", [row("random", 0, 0)]))) is None
