"""How a command ends: its exit code, and a few words instead of a traceback."""

from __future__ import annotations

import subprocess
import sys
import warnings
from pathlib import Path

import pytest

import swither
from swither.cli import app, main
from swither.errors import UnknownName

HEAVY = ("torch", "pyarrow", "matplotlib", "numpy", "scipy", "sklearn", "yaml", "PIL")


def fresh(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("arguments", [["--help"], ["compare", "--help"], ["demo", "--help"], ["--version"]])
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    loaded = fresh(
        "import sys\nfrom swither.cli import main\n"
        f"code = main({arguments})\nprint('LOADED', code, [m for m in {HEAVY} if m in sys.modules])"
    )
    assert loaded.strip().endswith("LOADED 0 []"), loaded[-300:]


def test_the_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.strip() == swither.__version__


def test_help_names_every_command_and_how_to_begin(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    said = capsys.readouterr().out
    assert all(command in said for command in ("demo", "compare", "report", "methods", "swither demo"))


def test_help_of_compare_shows_every_flag_its_panels_and_examples(capsys: pytest.CaptureFixture[str]) -> None:
    from swither.cli.flags import FLAGS, PANELS

    assert main(["compare", "--help"]) == 0
    said = capsys.readouterr().out
    assert [panel for panel in PANELS if f"─ {panel} ─" not in said] == []
    assert [flag.name for flag in FLAGS if f"--{flag.name}" not in said] == []
    assert "Examples:" in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["compare", "digits", "--out", "x", "--epoch", "5"], "Did you mean --epochs?"),
        (["compare", "digits", "--out", "x", "--epochs", "many"], "--epochs"),
        (["compar"], 'Did you mean "compare"?'),
        (["compare"], "swither compare digits --out results"),
        (["compare", "digits"], "--out results"),
    ],
)
def test_what_is_not_understood_ends_with_2_and_a_way_on(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert said in error
    assert "Traceback" not in error


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--model", "resnet81"], "Did you mean 'resnet8'?"),
        (["--acquisition", "dispertion"], "Did you mean 'dispersion'?"),
        (["--seeds", "0"], "at least 1"),
        (["--acquisition", "random", "random"], "named twice"),
        (["--initial", "2000"], "budget is impossible"),
        (["--initial", "0.1"], "Write 10% for a share"),
        (["--config", "nothing.yaml"], "cannot be read"),
    ],
)
def test_what_cannot_be_done_ends_with_1_and_the_reason(
    arguments: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compare", "digits", "--out", str(tmp_path / "out"), *arguments]) == 1
    error = capsys.readouterr().err
    assert said in error
    assert "Traceback" not in error


def test_debug_shows_where_an_error_came_from(tmp_path: Path) -> None:
    with pytest.raises(UnknownName):
        main(["compare", "digits", "--out", str(tmp_path), "--model", "resnet81", "--debug"])


@pytest.mark.parametrize("package", ["cyclopts", "rich"])
def test_without_the_libraries_of_the_command_line_it_says_what_to_install(
    package: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == package]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    assert main(["--help"]) == 1
    assert "pip install 'swither[train]'" in capsys.readouterr().err


def test_a_library_that_is_missing_later_is_named_too() -> None:
    said = fresh(
        "import sys\nsys.modules['torch'] = None\nfrom swither.cli import main\n"
        "sys.stderr = sys.stdout\nprint(main(['compare', 'digits', '--out', 'x', '--dry-run']))"
    )
    assert "needs torch" in said
    assert "pip install 'swither[train]'" in said
    assert said.strip().endswith("1")


def test_a_warning_is_a_sentence_without_its_place_in_the_code_and_said_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def warn() -> int:
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            for _ in range(3):
                warnings.warn("cells/x was damaged and is made again.", UserWarning, stacklevel=1)
        return 0

    before = warnings.showwarning
    monkeypatch.setattr(app, "COMMANDS", ((warn, None, ""),))
    assert main(["warn"]) == 0
    assert capsys.readouterr().err == "swither: cells/x was damaged and is made again.\n"
    assert warnings.showwarning is before


def test_python_dash_m_is_the_same_command() -> None:
    done = subprocess.run([sys.executable, "-m", "swither", "--version"], capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout.strip()) == (0, swither.__version__)


def test_methods_are_listed_with_a_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    from swither.acquisition import ACQUISITIONS
    from swither.models import MODELS

    assert main(["methods"]) == 0
    said = capsys.readouterr().out
    assert [name for name in (*ACQUISITIONS, *MODELS) if name not in said] == []


def test_a_report_of_a_folder_without_results_says_what_was_expected(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", str(tmp_path)]) == 1
    assert "holds no experiment" in capsys.readouterr().err
