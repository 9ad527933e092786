"""The public names are a promise: they change together with ``public_names.json``, never by accident."""

from __future__ import annotations

import importlib
import json
from pathlib import Path

import pytest

SNAPSHOT = Path(__file__).with_name("public_names.json")
PUBLIC = ("swither", "swither.dynamics", "swither.acquisition", "swither.statistics", "swither.adapters")


@pytest.mark.parametrize("package", PUBLIC)
def test_public_names_are_those_of_the_snapshot(package: str) -> None:
    promised = json.loads(SNAPSHOT.read_text(encoding="utf-8"))[package]
    named = list(importlib.import_module(package).__all__)
    gone, new = sorted(set(promised) - set(named)), sorted(set(named) - set(promised))
    assert not gone, f"{package} lost {gone}: a public name goes only after one minor release with a warning"
    assert not new, f"{package} gained {new}: add them to {SNAPSHOT.name} and to CHANGELOG.md"


@pytest.mark.parametrize("package", PUBLIC)
def test_every_public_name_can_be_had(package: str) -> None:
    module = importlib.import_module(package)
    assert all(getattr(module, name) is not None for name in module.__all__)
    assert set(module.__all__) <= set(dir(module))


def test_the_snapshot_is_of_exactly_the_public_packages() -> None:
    assert sorted(json.loads(SNAPSHOT.read_text(encoding="utf-8"))) == sorted(PUBLIC)
