"""The examples of other people's trainers run, and show what they say they show."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from swither.training import use_threads

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
pytestmark = pytest.mark.filterwarnings("ignore")  # the trainers' own


def load(name: str, framework: str) -> ModuleType:
    pytest.importorskip(framework, reason=f"pip install 'swither[{framework}]'")
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / name / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("name", "framework"), [("lightning_loop", "lightning"), ("transformers_loop", "transformers")]
)
def test_the_histories_find_wrong_predictions_and_wrong_labels(name: str, framework: str) -> None:
    example = load(name, framework)
    with use_threads(1):
        said = example.train_and_record()
    mistaken = 1 - said["accuracy on the pool"]
    assert mistaken < 0.3
    assert said["mistaken among the 100 most dispersed"] > 1.5 * mistaken
    assert said["mistaken among the 100 of least margin"] > 1.5 * mistaken
    assert said["wrong labels among the suspects"] > 0.4  # a tenth of all labels are wrong
    assert said["confidence in wrong labels"] < said["confidence in right labels"]


@pytest.mark.parametrize("name", ["lightning_loop", "transformers_loop"])
def test_the_readme_shows_the_lines_of_the_script(name: str) -> None:
    script = (EXAMPLES / name / f"{name}.py").read_text(encoding="utf-8")
    readme = (EXAMPLES / name / "README.md").read_text(encoding="utf-8")
    rows = [row.split("|")[2].strip(" `") for row in readme.splitlines() if row.startswith("| ") and "`" in row]
    assert len(rows) == 4
    assert all(line in script for line in rows)
