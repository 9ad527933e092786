"""A command that is printed gives, parsed again, the settings that it was made of."""

from __future__ import annotations

import shlex
from dataclasses import fields
from typing import Any, get_type_hints

import pytest
from hypothesis import given
from hypothesis import settings as settled
from hypothesis import strategies as st

from swither.acquisition import ACQUISITIONS
from swither.cli import compare
from swither.cli.app import make_app
from swither.cli.command import command_of
from swither.cli.flags import BY_NAME, FLAGS, default_of, settings_from, value_of
from swither.data.settings import DataSettings
from swither.experiment.settings import CompareSettings
from swither.models.backbone_settings import BackboneSettings
from swither.models.catalogue import MODELS
from swither.models.settings import ModelSettings
from swither.training.recipe import CLASS_WEIGHTS, Recipe, recipe_for

words = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1).map(str.strip).filter(bool)
names = st.one_of(words, st.sampled_from(["my photos", "-", "--out", "--", "-x y", "it's", "a=b", "$HOME", "5"]))
maybe = st.one_of(st.none(), names)
shares = st.floats(0.01, 1, exclude_min=True)
budgets = st.one_of(st.integers(1, 10**6).map(str), st.floats(0.1, 90).map(lambda share: f"{share}%"))

data = st.builds(
    DataSettings,
    source=names,
    test=maybe,
    split=maybe,
    group_by=maybe,
    image_size=st.one_of(st.none(), st.integers(1, 300)),
    image_column=maybe,
    label_column=maybe,
    skip_unreadable=st.booleans(),
    cache=maybe,
)
models = st.builds(
    ModelSettings,
    name=st.sampled_from(sorted(MODELS)),
    width=st.one_of(st.none(), st.integers(1, 256)),
    dropout=st.floats(0, 0.99),
)
recipes = st.builds(
    Recipe,
    epochs=st.integers(1, 1000),
    learning_rate=st.floats(1e-9, 10),
    momentum=shares.map(lambda share: share / 2),
    nesterov=st.booleans(),
    weight_decay=st.floats(0, 1),
    decay_at=st.lists(shares, max_size=3).map(sorted).map(tuple),
    decay_factor=st.floats(1, 100),
    batch_size=st.integers(64, 512),
    least_batch_size=st.integers(2, 64),
    least_steps_per_epoch=st.integers(1, 100),
    least_steps=st.integers(0, 10_000),
    crop_padding=st.one_of(st.none(), st.integers(0, 16)),
    flip=st.one_of(st.none(), st.booleans()),
    class_weights=st.sampled_from(CLASS_WEIGHTS),
    even_batches=st.booleans(),
)
comparisons = st.builds(
    CompareSettings,
    data=data,
    acquisitions=st.lists(st.sampled_from(sorted(ACQUISITIONS)), min_size=1, unique=True).map(tuple),
    seeds=st.integers(1, 100),
    reference=st.booleans(),
    initial=budgets,
    step=budgets,
    cycles=st.integers(0, 100),
    model=models,
    recipe=recipes,
    record_every=st.integers(1, 10),
    passes=st.integers(2, 100),
    jobs=st.one_of(st.none(), st.integers(1, 64)),
    threads=st.integers(1, 64),
    device=maybe,
    checkpoint_seconds=st.floats(0, 1e6),
    deterministic=st.booleans(),
)

APP = make_app()


def parsed(command: str) -> tuple[CompareSettings, str]:
    program, *arguments = shlex.split(command)
    assert program == "swither"
    function, bound, _ = APP.parse_args(arguments, exit_on_error=False, print_error=False)
    assert function is compare.compare
    values: dict[str, Any] = dict(bound.arguments)
    given_ = {name.replace("_", "-"): value for name, value in values.items() if name.replace("_", "-") in BY_NAME}
    return settings_from({name: value for name, value in given_.items() if value is not None}), values["out"]


@settled(deadline=None, max_examples=60)
@given(comparisons, names)
def test_a_printed_command_parses_to_the_same_settings(settings: CompareSettings, out: str) -> None:
    assert parsed(command_of(settings, out)) == (settings, out)


@settled(deadline=None, max_examples=60)
@given(comparisons)
def test_a_printed_command_names_only_what_differs_from_the_defaults(settings: CompareSettings) -> None:
    command = shlex.split(command_of(settings, "out"))
    for flag in FLAGS:
        if value_of(settings, flag) == default_of(flag, settings):
            assert not {f"--{flag.name}", f"--no-{flag.name}"} & {token.split("=")[0] for token in command}


def test_defaults_make_the_shortest_command() -> None:
    assert command_of(CompareSettings(DataSettings("cifar10")), "results") == "swither compare cifar10 --out results"


def test_heads_have_their_own_recipe_and_a_networks_can_be_asked_for() -> None:
    heads = settings_from({"data": "photos", "model": "features"})
    assert heads.recipe == recipe_for("features")
    assert command_of(heads, "out") == "swither compare photos --out out --model features"
    asked = settings_from({"data": "photos", "model": "features", "least-steps": 600})
    assert "--least-steps 600" in command_of(asked, "out")
    assert settings_from({"data": "photos", "model": "tiny"}).recipe == Recipe()


def all_fields(owner: type, prefix: str = "") -> list[str]:
    hints = get_type_hints(owner)
    names = []
    for field in fields(owner):  # type: ignore[arg-type]
        inner = hints[field.name]
        is_part = inner in (DataSettings, ModelSettings, Recipe, BackboneSettings)
        names += all_fields(inner, f"{field.name}.") if is_part else [prefix + field.name]
    return names


def test_every_setting_has_a_flag() -> None:
    assert sorted(flag.field for flag in FLAGS) == sorted(all_fields(CompareSettings))
    assert len(BY_NAME) == len(FLAGS)


@pytest.mark.parametrize("flag", FLAGS, ids=lambda flag: flag.name)
def test_every_flag_says_what_holds_without_it(flag: Any) -> None:
    assert flag.default_text or flag.name in ("data", "split", "group-by")
    assert flag.help.endswith(".")
