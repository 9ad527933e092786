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


HEAD: dict[str, dict[str, Any]] = {
    "Network": {"name": "features", "width": None, "dropout": 0.5},
    "Embeddings": {"from": "efficientnet-lite0 at 128 pixels", "numbers": 1280, "version of the head": 2},
}
OF_PIXELS = ("crops", "flips", "normalised", "The network", "the network", "same network", "features")


def with_head(comparison: Comparison, **groups: dict[str, Any]) -> Comparison:
    settings: dict[str, dict[str, Any]] = {name: {**group} for name, group in (SETTINGS | HEAD).items()}
    for name, values in groups.items():
        settings[name] |= values
    return Comparison(replace(comparison.data, settings=settings))


def test_of_a_head_nothing_is_said_that_holds_of_networks_on_pixels(comparison: Comparison) -> None:
    text = as_text(with_head(comparison)).replace("\u00a0", " ")
    assert not [words for words in OF_PIXELS if words in text]
    for fact in (
        "1,000 training images of 10 classes (32 \u00d7 32 \u00d7 3)", "brought to 128 pixels a side",
        "embedded once (1,280 numbers each) by EfficientNet-Lite0 (Tan and Le, 2019)",
        "weights trained on ImageNet (Deng et al., 2009)", "not trained any further", "the head is trained again",
        "a linear layer, with dropout of 0.5 before the last layer", "the same head is trained on all 40,000 images",
        "squared mean deviation of all numbers", "batches of at most 128 images",
    ):  # fmt: skip
        assert fact in text, fact
    assert {"tan2019efficientnet", "deng2009imagenet"} <= set(cited(with_head(comparison)))
    hidden = as_text(with_head(comparison, Network={"width": 256}))
    assert "a hidden layer of 256 units with ReLU and a linear layer" in hidden
    older = as_text(with_head(comparison, Embeddings={"version of the head": 1}))
    assert "standardised by its mean and deviation over the labelled embeddings" in older


@pytest.mark.parametrize(
    ("source", "words", "keys"),
    [
        ("timm:resnet18.a1_in1k at 224 pixels", "resnet18.a1_in1k of timm (Wightman, 2019) with the weights published",
         {"wightman2019timm"}),
        ("timm:vit at 224 pixels", "to 224 pixels a side", {"wightman2019timm"}),
        ("efficientnet-lite0 with my tuned.pth at 96 pixels", "with weights from the file my tuned.pth",
         {"tan2019efficientnet"}),
        ("embeddings of vectors.npz", "Embeddings of the images (1,280 numbers each) were made beforehand and read "
         "from the file vectors.npz", set()),
        ("something else", "Every image is embedded once", set()),
    ],
)  # fmt: skip
def test_every_source_of_embeddings_is_named_and_no_other_is_cited(
    comparison: Comparison, source: str, words: str, keys: set[str]
) -> None:
    of_it = with_head(comparison, Embeddings={"from": source})
    assert words in as_text(of_it)
    assert set(cited(of_it)) & {"wightman2019timm", "tan2019efficientnet", "deng2009imagenet", "he2016resnet"} == keys


def test_where_there_were_embeddings_alone_no_image_is_spoken_of(comparison: Comparison) -> None:
    alone = with_head(
        comparison, Data={"image shape": "0 x 0 x 1"}, Embeddings={"from": "embeddings of v.npz", "numbers": 64}
    )
    text = as_text(alone).replace("\u00a0", " ")
    assert "image" not in text
    for fact in (
        "1,000 training embeddings of 10 classes (64 numbers each), and 200 test embeddings", "50 embeddings, drawn",
        "The embeddings were made beforehand and read from the file v.npz.", "batches of at most 128 embeddings",
        "all 40,000 embeddings",
    ):  # fmt: skip
        assert fact in text, fact


@pytest.mark.parametrize("name", ["/home/me/ideas/net.py:build", "C:/Users/me/net.py:build"])
def test_a_network_of_ones_own_is_named_without_its_path(comparison: Comparison, name: str) -> None:
    text = changed(comparison, "Network", name=name, width=24)
    assert "The network is our own, build (net.py), of width 24." in text
    assert "me/" not in text
    assert "dropout of" not in text


def test_a_method_of_ones_own_is_not_said_to_be_of_swither(comparison: Comparison) -> None:
    assert ", all as implemented in swither" in as_text(comparison)
    own = "/home/me/mine.py:doubt"
    rows = [{**row, "method": own if row["method"] == "margin" else row["method"]} for row in comparison.data.results]
    methods = [{**m, "name": own, "title": "doubt (mine.py)"} if m["name"] == "margin" else m
               for m in comparison.data.methods]  # fmt: skip
    text = as_text(Comparison(replace(comparison.data, results=rows, methods=methods)))
    assert "; doubt (mine.py) is our own, all others are as implemented in swither" in text
    assert "/home" not in text


def test_settings_are_said_once(comparison: Comparison) -> None:
    spec = "dispersion:stride=2"
    rows = [{**row, "method": spec if row["method"] == "margin" else row["method"]} for row in comparison.data.results]
    methods = [{**m, "name": spec, "title": "dispersion (stride 2)"} if m["name"] == "margin" else m
               for m in comparison.data.methods]  # fmt: skip
    text = as_text(Comparison(replace(comparison.data, results=rows, methods=methods)))
    assert "dispersion (stride 2)" in text
    assert "stride=2" not in text


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
