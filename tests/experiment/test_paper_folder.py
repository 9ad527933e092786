"""``paper.json``: what a folder repeats is written once and held to."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from swither.errors import InputError
from swither.experiment import paper_folder
from swither.experiment.choice import read_choice
from swither.experiment.packing import unpacked
from swither.experiment.paper_folder import (
    FORMAT,
    VERSION,
    paper_study,
    read_paper,
    record_paper,
    refuse_other_beside,
    refuse_other_paper,
    settings_grid,
    title_of,
)
from swither.experiment.paper_protocol import METHODS, paper_settings
from swither.experiment.protocol import FORMAT as EXPERIMENT
from swither.experiment.protocol import VERSION as EXPERIMENT_VERSION
from swither.files import write_json

FORMATS = Path(__file__).with_name("formats")
PUBLISHED = Path(__file__).parents[2] / "results" / "cifar10-small" / "cells.zip"


def test_what_was_written_is_read(tmp_path: Path) -> None:
    record_paper(tmp_path, "cifar10", paper_settings("cifar10", "small"))
    study = paper_study(tmp_path)
    assert study is not None
    assert (study.dataset, study.scale, study.cycles) == ("cifar10", "small", 4)
    assert study.methods["vaal"] == "vaal:width=16,iterations=300"
    assert "10,000 training images in place of 50,000" in study.reduced
    assert title_of(study) == "The paper\u2019s experiments on CIFAR-10, at a reduced scale"


def test_a_setting_that_was_given_over_a_choice_is_told_to_the_report(tmp_path: Path) -> None:
    shutil.copy(FORMATS / "paper-v1" / "choice.json", tmp_path)
    grid = settings_grid(tmp_path)
    assert grid is not None
    assert grid.given == {}, "nothing is compared yet"
    recipe = {"weight_decay": 0.0005, "batch_size": 256, "nesterov": True, "epochs": 30}
    write_json(tmp_path / "experiment.json", EXPERIMENT, EXPERIMENT_VERSION, {"protocol": {"recipe": recipe}})
    grid = settings_grid(tmp_path)
    assert grid is not None
    assert grid.given == {"batch_size": 256}


def test_a_folder_without_it_is_a_comparison_like_any_other(tmp_path: Path) -> None:
    assert read_paper(tmp_path) is None
    assert paper_study(tmp_path) is None
    assert settings_grid(tmp_path) is None


@pytest.mark.parametrize("what", ["dataset", "scale", "epochs", "network", "methods"])
def test_a_folder_that_repeats_something_else_is_refused(tmp_path: Path, what: str) -> None:
    small = paper_settings("cifar10", "small")
    record_paper(tmp_path, "cifar10", small)
    other = {
        "dataset": ("cifar100", small),
        "scale": ("cifar10", paper_settings("cifar10")),
        "epochs": ("cifar10", replace(small, recipe=replace(small.recipe, epochs=31))),
        "network": ("cifar10", replace(small, model=replace(small.model, width=8))),
        "methods": ("cifar10", paper_settings("cifar10", "small", specs={"bald": "bald:passes=20"})),
    }[what]
    with pytest.raises(InputError, match=f"{what}: .* there, .* now"):
        record_paper(tmp_path, *other)
    record_paper(tmp_path, "cifar10", replace(small, recipe=replace(small.recipe, weight_decay=0.0)))


def test_what_differs_is_said_in_words_and_only_that(tmp_path: Path) -> None:
    small = paper_settings("cifar10", "small")
    record_paper(tmp_path, "cifar10", small)
    other = paper_settings("cifar10", "small", specs={"dispersion": "dispersion:stride=2"}, train_images=500)
    with pytest.raises(InputError) as refused:
        refuse_other_paper(tmp_path, "cifar10", replace(other, model=replace(other.model, width=8)))
    said = str(refused.value)
    assert "methods: dispersion there, dispersion:stride=2 now" in said
    assert "training images: 10,000 there, 500 now" in said
    assert "network: width its own there, width 8 now" in said
    assert "A method's settings are given when its folder is begun" in said
    assert "{" not in said


def test_only_a_folder_of_the_other_data_set_stands_beside(tmp_path: Path) -> None:
    record_paper(tmp_path, "cifar10", paper_settings("cifar10"))
    refuse_other_beside(tmp_path, "cifar100")
    with pytest.raises(InputError, match=r"`swither paper cifar100`.* repeats cifar10 too"):
        refuse_other_beside(tmp_path, "cifar10")
    with pytest.raises(InputError, match="repeats nothing of the paper"):
        refuse_other_beside(tmp_path / "nothing", "cifar10")


def older(folder: Path, *unsaid: str) -> None:
    """Take out of a folder's ``paper.json`` what earlier versions did not write."""
    facts = json.loads((folder / "paper.json").read_text())
    write_json(folder / "paper.json", FORMAT, VERSION, {n: v for n, v in facts.items() if n not in unsaid})


def test_a_folder_from_before_a_field_was_added_goes_on_with_its_older_value(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = paper_settings("cifar10", "small")
    record_paper(tmp_path, "cifar10", small)
    facts = json.loads((tmp_path / "paper.json").read_text())
    del facts["network"]["dropout"]
    (tmp_path / "paper.json").write_text(json.dumps(facts))
    with pytest.raises(InputError, match=r"network: .* there, dropout 0.5 now"):
        record_paper(tmp_path, "cifar10", small)
    monkeypatch.setattr(paper_folder, "OLDER", {"model.dropout": small.model.dropout})
    record_paper(tmp_path, "cifar10", small)
    assert json.loads((tmp_path / "paper.json").read_text())["network"]["dropout"] == small.model.dropout


def test_what_an_older_file_does_not_say_is_read_from_the_comparison(tmp_path: Path) -> None:
    small = paper_settings("cifar10", "small")
    record_paper(tmp_path, "cifar10", small)
    older(tmp_path, "training images", "network", "epochs")
    protocol = {"model": asdict(small.model), "recipe": asdict(small.recipe)}
    facts = {"protocol": protocol, "data": asdict(small.data)}
    write_json(tmp_path / "experiment.json", EXPERIMENT, EXPERIMENT_VERSION, facts)
    refuse_other_paper(tmp_path, "cifar10", small)
    for other in (
        replace(small, recipe=replace(small.recipe, epochs=31)),
        replace(small, model=replace(small.model, width=8)),
        replace(small, data=replace(small.data, train_images=500)),
    ):
        with pytest.raises(InputError, match="repeats the paper otherwise") as refused:
            refuse_other_paper(tmp_path, "cifar10", other)
        assert "not set" not in str(refused.value)


@pytest.mark.parametrize("damaged", [False, True])
def test_what_neither_file_says_is_not_held_against_a_folder(tmp_path: Path, damaged: bool) -> None:
    small = paper_settings("cifar10", "small")
    record_paper(tmp_path, "cifar10", small)
    older(tmp_path, "training images", "network", "epochs")
    if damaged:
        (tmp_path / "experiment.json").write_text("{")
    record_paper(tmp_path, "cifar10", small)
    assert json.loads((tmp_path / "paper.json").read_text())["epochs"] == small.recipe.epochs


def test_the_published_folder_is_gone_on_with(tmp_path: Path) -> None:
    if not PUBLISHED.exists():
        pytest.skip("the published results are not beside the package")
    with unpacked(PUBLISHED) as folder:
        settings = paper_settings("cifar10", "small", "/elsewhere/cifar10", seeds=10)
        refuse_other_paper(folder, "cifar10", settings)
        with pytest.raises(InputError, match="epochs: 30 there, 31 now"):
            refuse_other_paper(folder, "cifar10", replace(settings, recipe=replace(settings.recipe, epochs=31)))


def test_a_comparison_of_another_kind_does_not_become_the_papers(tmp_path: Path) -> None:
    (tmp_path / "experiment.json").write_text("{}")
    with pytest.raises(InputError, match="does not repeat the paper"):
        record_paper(tmp_path, "cifar10", paper_settings("cifar10"))


def test_the_folder_beside_is_kept_until_another_is_named(tmp_path: Path) -> None:
    settings = paper_settings("cifar10")
    record_paper(tmp_path, "cifar10", settings, tmp_path / "other")
    record_paper(tmp_path, "cifar10", settings)
    kept = read_paper(tmp_path)
    assert kept is not None
    assert kept["beside"] == str((tmp_path / "other").resolve())
    study = paper_study(tmp_path)
    assert study is not None
    assert study.beside is None, "it is not there, which harms nothing"


def test_files_of_version_1_are_read() -> None:
    study = paper_study(FORMATS / "paper-v1")
    assert study is not None
    assert (study.dataset, study.scale) == ("cifar100", "full")
    assert set(study.methods) == set(METHODS)
    choice = read_choice(FORMATS / "paper-v1")
    assert choice is not None
    assert choice.chosen == {"weight_decay": 0.0005, "batch_size": 128, "nesterov": True}
    grid = settings_grid(FORMATS / "paper-v1")
    assert grid is not None
    assert len(grid.rows) == 2
