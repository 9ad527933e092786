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
        "bald:passes=20": paper_settings("cifar10", specs=read_specs(["bald:passes=20"])),
    }
    for word, settings in changed.items():
        assert word in "; ".join(reductions(settings))
    assert reductions(replace(full, model=ModelSettings("resnet18", width=64), jobs=3, device="cpu")) == ()
    assert reductions(replace(full, recipe=replace(full.recipe, weight_decay=0.0))) == (), "what is open is free"
    flipped = replace(full, recipe=replace(full.recipe, flip=True))
    assert reductions(flipped) == (), "colour images are flipped anyway"


def test_methods_are_known_by_the_papers_names() -> None:
    assert specs_of(paper_settings("cifar100", "small"))["vaal"] == "vaal:width=16,iterations=300"
    with pytest.raises(UnknownName, match="entropy"):
        read_specs(["entropy"])
    with pytest.raises(UnknownName, match="scale"):
        paper_settings("cifar10", "tiny")  # type: ignore[arg-type]
