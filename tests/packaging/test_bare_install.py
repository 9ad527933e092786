"""``pip install swither``: the recorder, the measures, the acquisition functions; NumPy and SciPy only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

RECORD_AND_SCORE = """
import numpy as np
from swither.acquisition import ACQUISITIONS, select
from swither.dynamics import LabelHistory, Recorder, dispersion

ids = [f"image-{number}" for number in range(6)]
answers = np.array([[0, 1, 2, 0, 1, 2], [0, 1, 2, 1, 1, 0], [0, 1, 2, 0, 1, 1], [0, 1, 2, 2, 0, 0]])
epochs = iter(answers)
history = LabelHistory.create(ids, classes=3, folder="history")
recorder = Recorder(history, lambda: next(epochs))
for _ in range(4):
    recorder.after_epoch()
history.save("history.npz")
again = LabelHistory.load("history.npz")
assert np.array_equal(again.labels, answers) and list(again.ids) == ids
assert np.array_equal(LabelHistory.open("history").labels, answers)
scores = dispersion(again)
assert scores.tolist() == [0, 0, 0, 0.5, 0.25, 0.5], scores
chosen = select("dispersion", {"label_history": again.labels}, 3, samples=6, generator=np.random.default_rng(0))
print(*(ids[position] for position in chosen.positions))
"""


def test_nothing_but_numpy_and_scipy_can_be_imported(bare_environment: Any, tmp_path: Path) -> None:
    for package in ("torch", "PIL", "pyarrow", "sklearn", "matplotlib", "rich", "cyclopts", "yaml"):
        done = bare_environment.run("python", "-c", f"import {package}", folder=tmp_path)
        assert done.returncode == 1
        assert "ModuleNotFoundError" in done.stderr


def test_swither_is_the_installed_one(bare_environment: Any, tmp_path: Path) -> None:
    place = bare_environment.python("import swither; print(swither.__file__)", tmp_path)
    assert Path(place.strip()).is_relative_to(bare_environment.libraries)


def test_record_save_load_score_and_select(bare_environment: Any, tmp_path: Path) -> None:
    assert bare_environment.python(RECORD_AND_SCORE, tmp_path).split() == ["image-3", "image-5", "image-4"]


def test_every_public_name_that_needs_no_extra_can_be_had(bare_environment: Any, tmp_path: Path) -> None:
    code = """
import importlib
for package in ("swither.dynamics", "swither.acquisition", "swither.statistics"):
    module = importlib.import_module(package)
    for name in module.__all__:
        getattr(module, name)
"""
    bare_environment.python(code, tmp_path)


@pytest.mark.parametrize("arguments", [("compare", "digits"), ("demo",), ("--help",), ()])
def test_the_command_line_says_how_to_install_what_it_needs(
    arguments: tuple[str, ...], bare_environment: Any, tmp_path: Path
) -> None:
    done = bare_environment.run("swither", *arguments, folder=tmp_path)
    assert done.returncode not in (0, -1)
    assert "pip install 'swither[train]'" in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_compare_in_python_says_how_to_install_what_it_needs(bare_environment: Any, tmp_path: Path) -> None:
    code = """
import swither
from swither.errors import MissingExtra
try:
    swither.compare("digits", "results")
except MissingExtra as error:
    print(error)
"""
    assert "pip install 'swither[train]'" in bare_environment.python(code, tmp_path)
