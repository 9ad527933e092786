"""The paper at toy size: other data are refused, what is open is chosen first, any part runs at any time."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pyarrow as pa
import pytest

from swither.errors import InputError, SettingsDiffer, UnknownName
from swither.experiment import paper, paper_protocol, rebuild
from swither.experiment.choice import choose
from swither.experiment.executor import InThisProcess
from swither.experiment.paper import prepare_paper
from swither.experiment.paper_folder import record_paper
from swither.experiment.paper_protocol import METHODS, Expected
from swither.experiment.protocol import read_experiment
from swither.experiment.work import Speeds, cells_of

CHOSEN = {"weight_decay": 1e-4, "batch_size": 128, "nesterov": False}


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch, few_digits: Path, tmp_path: Path) -> dict[str, Any]:
    """Settings that make the paper a matter of seconds, on digits that pass for CIFAR-10."""
    for name in ("cifar10", "cifar100"):
        monkeypatch.setitem(paper_protocol.EXPECTED, name, Expected(191, 49, 10, (8, 8, 1)))
    return {
        "data": few_digits,
        "cache": str(tmp_path / "cache"),
        "model": {"name": "tiny", "width": 4},
        "recipe": {"epochs": 2, "least_steps": 2} | CHOSEN,
        "initial": "20",
        "step": "10",
        "cycles": 1,
        "jobs": 1,
        "device": "cpu",
    }


def cells(table: pa.Table) -> set[tuple[str, int]]:
    return set(zip(table.column("method").to_pylist(), table.column("seed").to_pylist(), strict=True))


def test_names_that_the_paper_does_not_know_are_refused(toy: dict[str, Any], tmp_path: Path) -> None:
    out = tmp_path / "out"
    with pytest.raises(UnknownName, match="cifar10"):
        prepare_paper("cifar11", out, **toy)
    with pytest.raises(UnknownName, match="method of the paper"):
        prepare_paper("cifar10", out, methods=("entropy",), **toy)
    with pytest.raises(InputError, match="seeds from 0 to 2, got 3"):
        prepare_paper("cifar10", out, seeds_now=(3,), **toy)


def test_other_images_than_the_named_ones_are_refused(
    toy: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(paper_protocol.EXPECTED, "cifar10", Expected(50_000, 10_000, 10, (32, 32, 3)))
    with pytest.raises(InputError, match=r"Expected CIFAR-10: 50,000 training .* Got 191 training .* --data"):
        paper("cifar10", tmp_path / "out", **toy)
    assert not (tmp_path / "out").exists()


def test_what_cannot_work_is_refused_before_a_trial_is_trained_or_a_file_written(
    toy: dict[str, Any], tmp_path: Path
) -> None:
    class Refusing:
        def run(self, *_: object) -> list[object]:
            raise AssertionError("trained")

    given = toy | {"model": toy["model"] | {"dropout": 0.0}, "recipe": {"epochs": 2, "least_steps": 2}}
    with pytest.raises(InputError, match="bald measures what dropout changes"):
        prepare_paper("cifar10", tmp_path / "out", **given).run(executor=Refusing())  # type: ignore[arg-type]
    assert not (tmp_path / "out").exists()


def test_any_part_can_be_run_and_the_table_fills_in(toy: dict[str, Any], tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert cells(paper("cifar10", out, methods=("random",), seeds_now=(1,), **toy)) == {("random", 1)}
    page = (out / "report.html").read_text()
    assert "1 of 3" in page
    assert "0 of 3" in page
    assert "90.74" in page, "the paper's figure stands there before ours does"
    assert read_experiment(out)["methods"] == list(METHODS), "the grid is the paper's, whatever was run"
    assert cells(paper("cifar10", out, reference_only=True, seeds_now=(0,), **toy)) == {("random", 1), ("reference", 0)}
    table = paper("cifar10", out, cells=("dispersion--seed1",), **toy)
    assert cells(table) == {("random", 1), ("reference", 0), ("dispersion", 1)}
    page = (out / "report.html").read_text()
    assert "What the paper claims" in page
    assert "not the paper\u2019s scale" in page


def test_pools_recorded_in_part_leave_the_claims_open_that_ask_for_more_of_them(
    toy: dict[str, Any], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    paper("cifar10", out, methods=("random", "dispersion"), seeds_now=(0,), record="deferred", **toy)
    page = (out / "report.html").read_text()
    assert "recorded in part (--record deferred)" in page
    first = page.split('<h2 id="claims-title">')[1].split("<tbody>")[1].split("</tr>")[0]
    assert "not measured yet" in first
    assert "BatchNorm folded" not in page
    assert "not the paper\u2019s scale" in page


@pytest.mark.slow
def test_all_eight_methods_and_the_reference_run_and_every_claim_of_the_data_set_is_measured(
    toy: dict[str, Any], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    toy = toy | {"cycles": 2}
    methods = [name if name != "vaal" else "vaal:width=2,iterations=2" for name in METHODS]
    table = paper("cifar10", out, methods=methods, seeds_now=(0,), **toy)
    table = paper("cifar10", out, reference_only=True, seeds_now=(0,), **toy)
    assert len(cells(table)) == 9
    page = (out / "report.html").read_text()
    assert "VAAL (reduced)" in page
    claims = page.split('<h2 id="claims-title">')[1].split("<tbody>")[1].split("</tbody>")[0]
    assert "not measured yet" not in claims
    assert claims.count("cannot be told with these seeds") == 5
    assert claims.count("is about the other data set") == 1


def test_the_report_is_drawn_again_from_the_folder_alone(toy: dict[str, Any], tmp_path: Path) -> None:
    out = tmp_path / "out"
    paper("cifar10", out, methods=("random",), seeds_now=(0,), **toy)
    (out / "report.html").unlink()
    rebuild(out)
    assert "The paper\u2019s Table 1 on CIFAR-10" in (out / "report.html").read_text()


def test_what_is_open_is_chosen_first_and_then_kept(toy: dict[str, Any], tmp_path: Path) -> None:
    out, recipe = tmp_path / "out", {"epochs": 2, "least_steps": 2}
    toy = toy | {"recipe": recipe | {"batch_size": 128}}
    run = prepare_paper("cifar10", out, **toy)
    assert run.trials == 6, "the batch was given, so it is not tried"
    paper("cifar10", out, methods=("random",), seeds_now=(0,), **toy)
    choice = json.loads((out / "choice.json").read_text())
    assert len(choice["rows"]) == 6
    used = read_experiment(out)["protocol"]["recipe"]
    assert {name: used[name] for name in choice["chosen"]} == choice["chosen"]
    assert "How the open settings were chosen" in (out / "report.html").read_text()
    again = prepare_paper("cifar10", out, **toy | {"recipe": recipe})
    assert again.trials == 0, "the folder that was begun has its settings"
    assert again.settings.recipe.weight_decay == choice["chosen"]["weight_decay"]


def test_nothing_is_chosen_where_everything_is_given(toy: dict[str, Any], tmp_path: Path) -> None:
    run = prepare_paper("cifar10", tmp_path / "out", **toy)
    assert run.trials == 0
    assert run.settings.recipe.nesterov is False
    whole = prepare_paper("cifar10", tmp_path / "out", **toy | {"recipe": {"epochs": 2, "least_steps": 2}})
    assert whole.trials == 12


def test_a_damaged_experiment_is_set_aside_and_what_was_begun_goes_on_as_it_was(
    toy: dict[str, Any], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    before = paper("cifar10", out, cells=("random--seed0",), **toy)
    (out / "experiment.json").write_text("{")
    unsaid = toy | {"recipe": {"epochs": 2, "least_steps": 2}}
    run = prepare_paper("cifar10", out, cells=("random--seed0",), **unsaid)
    assert run.trials == 0, "every cell knows what its folder was begun with"
    assert run.run() == before
    assert read_experiment(out)["methods"] == list(METHODS)
    assert list(out.glob("experiment.json.damaged-*"))


def test_flags_win_over_a_choice_that_was_made(toy: dict[str, Any], tmp_path: Path) -> None:
    out, recipe = tmp_path / "out", {"epochs": 2, "least_steps": 2}
    prepare_paper("cifar10", out, **toy | {"recipe": recipe | {"batch_size": 128, "nesterov": True}}).chosen()
    run = prepare_paper("cifar10", out, **toy | {"recipe": recipe | {"batch_size": 256}})
    assert run.trials == 0
    assert run.settings.recipe.batch_size == 256
    assert run.settings.recipe.nesterov is True


def test_a_choice_of_other_settings_is_refused_and_an_older_one_is_taken(toy: dict[str, Any], tmp_path: Path) -> None:
    out, recipe = tmp_path / "out", {"epochs": 2, "least_steps": 2}
    prepare_paper("cifar10", out, **toy | {"recipe": recipe | {"batch_size": 128, "nesterov": True}}).chosen()
    prepare_paper("cifar10", out, **toy | {"recipe": recipe})
    other = toy | {"recipe": recipe | {"crop_padding": 2}}
    with pytest.raises(SettingsDiffer, match="crop_padding: None there, 2 now"):
        prepare_paper("cifar10", out, **other)
    facts = json.loads((out / "choice.json").read_text())
    del facts["protocol"]
    (out / "choice.json").write_text(json.dumps(facts))
    assert prepare_paper("cifar10", out, **other).trials == 0


def test_the_plan_counts_the_trials_that_are_left(toy: dict[str, Any], tmp_path: Path) -> None:
    out = tmp_path / "out"
    toy = toy | {"recipe": {"epochs": 2, "least_steps": 2, "batch_size": 128, "nesterov": True}}
    run = prepare_paper("cifar10", out, **toy)
    forecast = Mock(speeds=lambda _: Speeds(0.0, 0.0, 0.0, 0.0, 0, 0, 0))
    plan = run.choice_plan(forecast)
    assert plan is not None
    assert (plan.trainings, plan.tested_images) == (3, 3 * 19)
    choose(run.settings, out, dataset=run.images, grid=run.grid | {"weight_decay": (1e-4,)}, executor=InThisProcess())
    plan = run.choice_plan(forecast)
    assert plan is not None
    assert plan.trainings == 2
    settled = run.chosen()
    assert run.choice_plan(forecast) is None
    (out / "choice.json").unlink()
    assert run.chosen().settings == settled.settings, "chosen anew from trials that are all finished"


def test_a_run_is_named_by_the_plain_name_of_its_method(toy: dict[str, Any], tmp_path: Path) -> None:
    small = toy | {"scale": "small", "train_images": 150, "cells": ("vaal--seed0", "reference--seed1")}
    run = prepare_paper("cifar10", tmp_path / "out", **small)
    named = [cell.typed for cell in cells_of(run.settings)]
    assert named == ["vaal:width=16,iterations=300--seed0", "reference--seed1"]
    given = small | {"cells": ("dispersion--seed0",), "variants": ("dispersion:stride=2",)}
    run = prepare_paper("cifar10", tmp_path / "out", **given)
    assert [cell.typed for cell in cells_of(run.settings)] == ["dispersion:stride=2--seed0"]
    folder = small | {"cells": ("vaal+width=16,iterations=300--seed2",)}
    assert [cell.seed for cell in cells_of(prepare_paper("cifar10", tmp_path / "out", **folder).settings)] == [2]


def test_a_folder_repeats_one_thing_only(toy: dict[str, Any], tmp_path: Path) -> None:
    out = tmp_path / "out"
    paper("cifar10", out, methods=("random",), seeds_now=(0,), **toy)
    with pytest.raises(InputError, match="dataset: cifar10 there, cifar100 now"):
        paper("cifar100", out, methods=("random",), seeds_now=(0,), **toy)
    with pytest.raises((InputError, SettingsDiffer), match=r"30|epochs"):
        paper("cifar10", out, **toy | {"recipe": CHOSEN | {"epochs": 30, "least_steps": 2}})


def test_a_part_of_the_images_is_drawn_after_the_data_are_known(toy: dict[str, Any], tmp_path: Path) -> None:
    run = prepare_paper("cifar10", tmp_path / "out", train_images=100, **toy)
    assert len(run.images.train) == 191
    assert len(run.taking_part.train) == 100
    assert any("100 of 191 training images" in note for note in run.taking_part.report.notes)


def test_no_training_image_at_all_is_refused_as_any_comparison_refuses_it(toy: dict[str, Any], tmp_path: Path) -> None:
    run = prepare_paper("cifar10", tmp_path / "out", train_images=0, **toy)
    with pytest.raises(InputError, match="Expected to draw 1 to 191 of 191 training images, got 0"):
        run.run()
    with pytest.raises(InputError, match="got 0"):
        prepare_paper("cifar10", tmp_path / "out", scale="small", train_images=0, **toy).run()


def test_settings_of_methods_limit_nothing_and_stand_for_one_method_once(toy: dict[str, Any], tmp_path: Path) -> None:
    run = prepare_paper("cifar10", tmp_path / "out", variants=("dispersion:stride=2",), **toy)
    assert run.settings.only == ()
    assert run.variants == ("dispersion:stride=2",)
    assert run.given == CHOSEN
    with pytest.raises(InputError, match="dispersion is given twice"):
        prepare_paper("cifar10", tmp_path, variants=("dispersion:stride=2",), methods=("dispersion:stride=3",), **toy)


def test_settings_of_a_method_are_laid_over_those_of_the_scale(toy: dict[str, Any], tmp_path: Path) -> None:
    small = toy | {"scale": "small", "train_images": 150}
    for words, spec, again in (
        ({"variants": ("vaal:iterations=5",)}, "vaal:width=16,iterations=5", "vaal:width=16,iterations=5"),
        ({"methods": ("vaal:iterations=5",)}, "vaal:width=16,iterations=5", "vaal:width=16,iterations=5"),
        ({"variants": ("vaal:width=128,iterations=5",)}, "vaal:iterations=5", "vaal:width=128,iterations=5"),
    ):
        run = prepare_paper("cifar10", tmp_path / "out", **small, **words)
        assert spec in run.settings.acquisitions
        assert run.variants == (again,), "typed so in a new folder, it is the same again"
        assert prepare_paper("cifar10", tmp_path / "out", variants=run.variants, **small).settings.acquisitions == (
            run.settings.acquisitions
        )


def test_a_folder_that_was_begun_at_full_width_goes_on_under_its_name(toy: dict[str, Any], tmp_path: Path) -> None:
    out, small = tmp_path / "out", toy | {"scale": "small", "train_images": 150}
    wide = prepare_paper("cifar10", out, variants=("vaal:width=128,iterations=5",), **small)
    record_paper(out, "cifar10", wide.settings)
    for variants in ((), ("vaal:iterations=5",), wide.variants):
        assert prepare_paper("cifar10", out, variants=variants, **small).settings == wide.settings
    with pytest.raises(InputError, match="methods: vaal:iterations=5 there, vaal:width=16,iterations=6 now"):
        prepare_paper("cifar10", out, variants=("vaal:iterations=6",), **small)


def test_methods_keep_the_settings_that_the_folder_was_begun_with(toy: dict[str, Any], tmp_path: Path) -> None:
    out, spec = tmp_path / "out", "dispersion:window=2"
    paper("cifar10", out, methods=(spec,), seeds_now=(0,), **toy)
    run = prepare_paper("cifar10", out, methods=("dispersion",), **toy)
    assert run.settings.only == tuple(f"dispersion+window=2--seed{seed}" for seed in range(3))


def test_a_folder_that_repeats_otherwise_is_refused_before_it_is_planned(toy: dict[str, Any], tmp_path: Path) -> None:
    out = tmp_path / "out"
    record_paper(out, "cifar10", prepare_paper("cifar10", out, **toy).settings)
    with pytest.raises(InputError, match="methods: dispersion there, dispersion:stride=2 now"):
        prepare_paper("cifar10", out, methods=("dispersion:stride=2",), **toy)
    with pytest.raises(InputError, match="--beside to name a folder of `swither paper cifar100`"):
        prepare_paper("cifar10", out, beside=tmp_path / "nothing", **toy)


def test_the_other_data_sets_folder_stands_beside(toy: dict[str, Any], tmp_path: Path) -> None:
    paper("cifar10", tmp_path / "ten", methods=("random",), seeds_now=(0,), **toy)
    paper("cifar100", tmp_path / "hundred", methods=("random",), seeds_now=(0,), beside=tmp_path / "ten", **toy)
    page = (tmp_path / "hundred" / "report.html").read_text()
    assert "74.61" in page
    assert "93.61" in page


@pytest.mark.data
@pytest.mark.slow
def test_cifar10_passes_for_itself_and_not_for_cifar100(
    real_data: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    given = {"data": real_data("cifar10"), "cache": str(tmp_path_factory.mktemp("cifar10")), "scale": "small"}
    run = prepare_paper("cifar10", tmp_path / "out", **given)
    assert len(run.taking_part.train) == 10_000
    with pytest.raises(InputError, match=r"Expected CIFAR-100.*100 classes. Got .* 10 classes"):
        prepare_paper("cifar100", tmp_path / "out", **given)


def test_a_function_of_ones_own_joins_as_a_row_without_a_paper_figure(toy: dict[str, Any], tmp_path: Path) -> None:
    mine = tmp_path / "mine.py"
    mine.write_text("def doubt(probabilities):\n    return 1 - probabilities.max(axis=1)\n")
    spec, out = f"{mine}:doubt", tmp_path / "out"
    paper("cifar10", out, methods=("random",), seeds_now=(0,), **toy)
    table = paper("cifar10", out, methods=(spec,), seeds_now=(0,), **toy)
    methods = {method for method, _ in cells(table)}
    assert len(methods) == 2
    (row,) = methods - {"random"}
    assert row.endswith("mine.py:doubt")
    page = (out / "report.html").read_text()
    assert "doubt (mine.py)" in page.split("Table 1")[1]
    assert read_experiment(out)["methods"] == [*METHODS, row]
    run = prepare_paper("cifar10", out, variants=(spec,), **toy)
    assert run.variants == (row,)
    assert run.settings.only == ()
    run = prepare_paper("cifar10", out, variants=(spec,), seeds_now=(1,), **toy)
    assert any("doubt@" in name for name in run.settings.only), "a seed is a seed of everything that is compared"
    assert cells(paper("cifar10", out, methods=("margin",), seeds_now=(0,), **toy)) > {(row, 0), ("margin", 0)}
    with pytest.raises(InputError, match="nothing_like_it"):
        prepare_paper("cifar10", out, methods=(f"{mine}:nothing_like_it",), **toy)
