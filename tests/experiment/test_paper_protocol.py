"""The paper's protocol as settings, and what departs from it in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from swither.errors import UnknownName
from swither.experiment.paper_protocol import METHODS, paper_settings, read_specs, reductions, specs_of
from swither.models import ModelSettings


def test_eight_methods_three_seeds_and_the_reference() -> None:
    settings = paper_settings("cifar10")
    assert set(METHODS) == {"random", "margin", "bald", "kcenter", "coreset", "vaal", "dispersion", "oracle"}
    assert settings.acquisitions == METHODS
    assert (settings.seeds, settings.reference) == (3, True)
    assert (settings.initial, settings.step, settings.cycles) == ("10%", "5%", 4)
    assert (settings.model.name, settings.recipe.epochs, settings.recipe.learning_rate) == ("resnet18", 100, 0.02)
    assert settings.data.train_images is None
    assert reductions(settings) == ()


def test_the_small_scale_says_all_that_it_reduces() -> None:
    settings = paper_settings("cifar10", "small")
    assert settings.data.train_images == 10_000
    assert "vaal:width=16,iterations=300" in settings.acquisitions
    said = "; ".join(reductions(settings))
    for word in ("10,000 training images", "tiny network", "30 epochs", "vaal:width=16"):
        assert word in said


def test_everything_that_departs_from_the_papers_scale_is_named() -> None:
    full = paper_settings("cifar10")
    changed = {
        "200 training images": replace(full, data=replace(full.data, train_images=200)),
        "resnet18 network of width 16": replace(full, model=ModelSettings("resnet18", width=16)),
        "50 epochs": replace(full, recipe=replace(full.recipe, epochs=50)),
        "learning rate 0.1 in place of 0.02": replace(full, recipe=replace(full.recipe, learning_rate=0.1)),
        "momentum 0.5": replace(full, recipe=replace(full.recipe, momentum=0.5)),
        "decay at 0.5 in place of 0.6, 0.8": replace(full, recipe=replace(full.recipe, decay_at=(0.5,))),
        "decay factor 10.0": replace(full, recipe=replace(full.recipe, decay_factor=10.0)),
        "no flipped images": replace(full, recipe=replace(full.recipe, flip=False)),
        "every 5 epochs": replace(full, record_every=5),
        "2 x 5%": replace(full, cycles=2),
        "vaal:width=64": paper_settings("cifar10", specs=read_specs(["vaal:width=64"])),
        "vaal:iterations=39061": paper_settings("cifar10", specs=read_specs(["vaal:iterations=39061"])),
        "dispersion:window=50": paper_settings("cifar10", specs=read_specs(["dispersion:window=50"])),
        "dispersion:augmented=true": paper_settings("cifar10", specs=read_specs(["dispersion:augmented=true"])),
    }
    for word, settings in changed.items():
        assert word in "; ".join(reductions(settings))
    assert reductions(replace(full, model=ModelSettings("resnet18", width=64), jobs=3, device="cpu")) == ()
    assert reductions(replace(full, recipe=replace(full.recipe, weight_decay=0.0))) == (), "what is open is free"
    flipped = replace(full, recipe=replace(full.recipe, flip=True))
    assert reductions(flipped) == (), "colour images are flipped anyway"


@pytest.mark.parametrize(
    "word",
    ["bald:passes=20", "coreset:nodes=5000", "oracle:order=loss", "vaal:quirks=released", "vaal:width=256"],
)
def test_what_the_paper_leaves_open_leaves_the_scale_as_it_is_whichever_flag_gives_it(word: str) -> None:
    settings = paper_settings("cifar10", specs=read_specs([word]))
    assert word in settings.acquisitions
    assert reductions(settings) == reductions(paper_settings("cifar10", passes=20)) == ()


@pytest.mark.parametrize("word", ["vaal:width=128", "vaal:iterations=39062,quirks=corrected", "dispersion:stride=1"])
def test_a_setting_that_says_what_holds_without_it_makes_no_other_method(word: str) -> None:
    assert paper_settings("cifar10", specs=read_specs([word])) == paper_settings("cifar10")


def test_passes_given_to_bald_are_not_those_of_the_flag_even_where_they_are_its_default() -> None:
    assert read_specs(["bald:passes=10"]) == {"bald": "bald:passes=10"}
    assert reductions(paper_settings("cifar10", specs=read_specs(["bald:passes=10"]), passes=20)) == ()


def test_a_number_of_images_that_is_all_of_them_is_no_reduction() -> None:
    for dataset, images in (("cifar10", 50_000), ("cifar100", 50_000), ("cifar100", 49_990)):
        assert paper_settings(dataset, train_images=images) == paper_settings(dataset)
    for dataset, images in (("cifar10", 49_990), ("cifar100", 49_989)):
        assert f"{images:,} training images" in "; ".join(reductions(paper_settings(dataset, train_images=images)))


def test_methods_are_known_by_the_papers_names() -> None:
    assert specs_of(paper_settings("cifar100", "small"))["vaal"] == "vaal:width=16,iterations=300"
    with pytest.raises(UnknownName, match="entropy"):
        read_specs(["entropy"])
    with pytest.raises(UnknownName, match="scale"):
        paper_settings("cifar10", "tiny")  # type: ignore[arg-type]
