"""Settings from a file: the same names as the flags, nothing unknown, nothing of the wrong type."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from swither.cli.config import read_config
from swither.cli.flags import FLAGS, settings_from, value_of
from swither.errors import InputError, UnknownName


def written(folder: Path, text: str) -> Path:
    path = folder / "comparison.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_gives_settings_under_the_names_of_the_flags(tmp_path: Path) -> None:
    text = """
    data: photos
    out: results
    acquisition: [random, dispersion]
    initial: 20
    step: 5%
    batch-size: 64
    weight_decay: 1e-4
    no_such: null
    """.replace("no_such: null", "reference: false\n    flip: true\n    jobs: null")
    values = read_config(written(tmp_path, text))
    assert values.pop("out") == "results"
    settings = settings_from(values)
    assert (settings.data.source, settings.acquisitions) == ("photos", ("random", "dispersion"))
    assert (settings.initial, settings.step, settings.reference) == ("20", "5%", False)
    assert (settings.recipe.batch_size, settings.recipe.weight_decay, settings.recipe.flip) == (64, 1e-4, True)
    assert settings.jobs is None


def test_every_default_survives_a_file(tmp_path: Path) -> None:
    defaults = {flag.name: flag.default for flag in FLAGS if flag.default is not None}
    text = yaml.safe_dump({k: list(v) if isinstance(v, tuple) else v for k, v in defaults.items()} | {"data": "d"})
    settings = settings_from(read_config(written(tmp_path, text)))
    assert {flag.name: value_of(settings, flag) for flag in FLAGS if flag.name in defaults} == defaults


def test_an_unknown_name_is_refused_with_the_nearest_one(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="Did you mean 'learning-rate'"):
        read_config(written(tmp_path, "learning_rat: 0.1"))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("epochs: many", "whole number for epochs"),
        ("epochs: 2.5", "whole number for epochs"),
        ("epochs: true", "whole number for epochs"),
        ("epochs: .inf", "whole number for epochs"),
        ("learning-rate: quick", "a number for learning-rate"),
        ("nesterov: 1", "true or false for nesterov"),
        ("data: [a, b]", "text for data"),
        ("- epochs", "lines like"),
        ("no-reference: true", "Write 'reference: false'"),
        ("no_decay: true", r"Write 'decay-at: \[\]'"),
        ("epochs: [", "no YAML"),
    ],
)
def test_a_wrong_value_is_named_with_its_setting(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        read_config(written(tmp_path, text))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nothing\.yaml cannot be read"):
        read_config(tmp_path / "nothing.yaml")


def test_an_empty_file_changes_nothing(tmp_path: Path) -> None:
    assert read_config(written(tmp_path, "# nothing\n")) == {}
