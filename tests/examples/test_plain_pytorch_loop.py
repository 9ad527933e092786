"""The example of a user's own loop runs, and shows what it says it shows."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from swither.training import use_threads

SCRIPT = Path(__file__).resolve().parents[2] / "examples" / "plain_pytorch_loop" / "plain_pytorch_loop.py"


@pytest.fixture(scope="module")
def example() -> ModuleType:
    spec = importlib.util.spec_from_file_location("plain_pytorch_loop", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_most_dispersed_images_are_wrong_more_often_than_the_others(example: ModuleType) -> None:
    with use_threads(1):
        said = example.train_and_record()
    chosen = said["label next"]
    assert len(np.unique(chosen)) == 100
    assert said["accuracy on the pool"] > 0.7
    assert said["wrong among the 100 most dispersed"] > 1.5 * (1 - said["accuracy on the pool"])


def test_the_readme_shows_the_lines_of_the_script() -> None:
    script = SCRIPT.read_text(encoding="utf-8")
    readme = SCRIPT.with_name("README.md").read_text(encoding="utf-8")
    shown = [cell.strip(" `") for row in readme.splitlines() if row.startswith("|") for cell in row.split("|")[2:3]]
    lines = [line for line in shown if "history" in line]
    assert len(lines) == 3
    assert all(line in script for line in lines)
