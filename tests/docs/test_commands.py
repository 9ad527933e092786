"""Every command that a document shows exists: ``swither ...`` parses, ``make ...`` is a target."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^```(?:sh|console|bash|powershell|yaml)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`(?P<command>(?:swither|make) [^`]+)`")


def documents() -> list[Path]:
    """Documents for people, and the workflow."""
    return sorted(
        [
            *REPOSITORY.glob("*.md"),
            *REPOSITORY.glob("docs/**/*.md"),
            *REPOSITORY.glob("examples/**/*.md"),
            *REPOSITORY.glob("results/**/*.md"),
        ]
    )


def commands(program: str) -> list[tuple[str, str]]:
    """(document, command line) of each shown call of `program`, continued lines joined, comments removed."""
    found = []
    for document in documents():
        text = document.read_text(encoding="utf-8")
        lines = [line for fence in FENCE.finditer(text) for line in fence["body"].replace("\\\n", " ").splitlines()]
        lines += [inline["command"] for inline in INLINE.finditer(text)]
        for line in lines:
            line = re.sub(r"^(\$ |> )", "", line.strip())
            line = re.sub(r"^(\.venv\S*[/\\])", "", line).partition("  #")[0].strip()
            if re.match(rf"{program}(\.exe)? ", line) and "..." not in line:
                found.append((document.relative_to(REPOSITORY).as_posix(), line))
    return sorted(set(found))


def targets() -> set[str]:
    """The targets of the Makefile."""
    text = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z][a-z-]*):", text, re.MULTILINE))


def parses(command: str) -> None:
    """Parse one command line with the real program; raise where it would be refused."""
    from swither.cli.app import make_app

    app = make_app()
    words = shlex.split(command)[1:]
    if len(words) == 1 and not words[0].startswith("-"):
        app[words[0]]  # a command that is only named
    elif words != ["--help"]:
        app.parse_args(words, print_error=False, exit_on_error=False)


@pytest.mark.parametrize(("document", "command"), commands("swither"))
def test_a_shown_command_parses(document: str, command: str, in_empty_folder: Path) -> None:
    parses(command)


@pytest.mark.parametrize(("document", "command"), commands("make"))
def test_a_shown_make_target_exists(document: str, command: str) -> None:
    named = [word for word in command.split()[1:] if "=" not in word and not word.startswith("-")]
    assert set(named) <= targets(), f"{document} shows {command!r}"


def test_commands_that_do_not_exist_are_refused() -> None:
    from cyclopts import CycloptsError

    for command in ("swither comparre photos", "swither compare photos --sedes 3"):
        with pytest.raises(CycloptsError):
            parses(command)


def test_the_readme_shows_both_commands_of_the_start() -> None:
    shown = {command for document, command in commands("make") if document == "README.md"}
    assert {"make demo", "make test"} <= shown
    assert any(document == "README.md" for document, _ in commands("swither"))
