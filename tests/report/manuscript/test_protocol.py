from __future__ import annotations

import re
from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest

from swither.report.comparison import Comparison
from swither.report.manuscript.protocol import as_latex, as_text, cited
from swither.report.manuscript.references import REFERENCES

SETTINGS: dict[str, dict[str, Any]] = {
    "Data": {
        "source": "/home/me/100%_photos & more", "training images": 1000, "test images": 200,
        "image shape": "32 x 32 x 3",
    },
    "Budget": {"initial": 50, "step": 25, "cycles": 4, "record_every": 1, "passes": 10},
    "Network": {"name": "resnet18", "width": None, "dropout": 0.5},
    "Training": {
        "epochs": 100, "learning_rate": 0.02, "momentum": 0.9, "nesterov": True, "weight_decay": 5e-4,
        "decay_at": [0.6, 0.8], "decay_factor": 5.0, "batch_size": 128, "least_steps": 600, "crop_padding": None,
        "flip": None,
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def comparison(synthetic: ModuleType) -> Comparison:
    return Comparison(synthetic.report_data(settings=SETTINGS))


def changed(comparison: Comparison, group: str, **values: Any) -> str:
    settings = {**SETTINGS, group: {**SETTINGS[group], **values}}
    return as_text(Comparison(replace(comparison.data, settings=settings)))


def test_the_facts_of_the_folder_are_said(comparison: Comparison) -> None:
    text = as_text(comparison).replace("\u00a0", " ")
    for fact in (
        "1,000 training images of 10 classes (32 \u00d7 32 \u00d7 3)", "200 test images",
        "50 images", "4 queries", "asks for 25 more", "150 labels in the end",
        "ResNet-18", "dropout of 0.5", "100 epochs", "Nesterov momentum 0.9", "weight decay 0.0005",
        "learning rate of 0.02 is divided by 5 after 60 % and 80 % of the epochs", "fewer than 600 steps",
        "random crops from images with 4 pixels of zeros", "random horizontal flips",
        "3 seeds", "all 40,000 images (3 trainings)", "all 9 comparisons", "Holm", "PyTorch 2.13.0", "float32",
    ):  # fmt: skip
        assert fact in text, fact


def test_no_path_of_anybodys_machine_is_printed(comparison: Comparison) -> None:
    assert "/home" not in as_text(comparison)
    assert "100%_photos & more" in as_text(comparison)


def test_latex_escapes_the_same_words_and_cites(comparison: Comparison) -> None:
    source = as_latex(comparison)
    assert r"100\%\_photos \& more" in source
    assert r"dispersion~\cite{zolfaghari2021dispersion}" in source
    assert "\x02" not in source + as_text(comparison)
    without = re.sub(r"\\[&%_$#{}]|\\cite\{[^}]*\}|\$\\times\$", "", source)
    assert not re.search(r"[&%_#$^\u00a0]", without)
    assert source.count("{") == source.count("}")


def test_every_paper_that_is_cited_is_known(comparison: Comparison) -> None:
    keys = {key for each in re.findall(r"\\cite\{([^}]*)\}", as_latex(comparison)) for key in each.split(",")}
    assert keys == set(cited(comparison)) <= REFERENCES.keys()
    assert {"holm1979", "he2016resnet", "gal2017image"} <= keys


def test_what_was_not_done_is_not_said(comparison: Comparison) -> None:
    assert "flips" not in changed(comparison, "Data", **{"image shape": "32 x 32 x 1"})
    assert "crops" not in changed(comparison, "Training", crop_padding=0)
    assert "Nesterov" not in changed(comparison, "Training", nesterov=False)
    assert "zeros" not in changed(comparison, "Data", **{"image shape": "512"})
    assert "is constant" in changed(comparison, "Training", decay_at=[])


def test_too_few_seeds_claim_no_test(comparison: Comparison) -> None:
    rows = [row for row in comparison.data.results if row["seed"] == 0]
    text = as_text(Comparison(replace(comparison.data, results=rows)))
    assert "neither intervals nor tests" in text
    assert "Holm" not in text


def test_facts_that_a_folder_does_not_hold_leave_their_sentence_out(comparison: Comparison) -> None:
    text = as_text(Comparison(replace(comparison.data, settings={})))
    assert text.startswith("Compared are ")
    assert as_text(Comparison(replace(comparison.data, settings={}, results=(), methods=(), planned=()))).strip() == ""


def test_what_is_missing_or_left_out_is_said(comparison: Comparison) -> None:
    assert "planned" not in as_text(comparison)
    rows = [row for row in comparison.data.results if (row["method"], row["seed"]) != ("bald", 2)]
    assert "Of 21 planned runs 20 have finished" in as_text(Comparison(replace(comparison.data, results=rows)))
    other = [{**row, "threads": 2} if row["seed"] == 2 else row for row in comparison.data.results]
    assert "left out of every mean" in as_text(Comparison(replace(comparison.data, results=other)))


def test_a_part_of_the_training_images_is_called_one(comparison: Comparison) -> None:
    notes = ("Packed pixels take 3 kB.", "600 of 50,000 training images take part, drawn by their ids.")
    text = as_text(Comparison(replace(comparison.data, data_notes=notes)))
    assert "600 of 50,000 training images take part" in text
    assert "kB" not in text
