"""How a command ends: errors as a few words instead of a traceback."""

from __future__ import annotations

import contextlib
import shlex
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from swither.cli.exits import FAILED, STOPPED, USAGE, NotUnderstood
from swither.errors import MissingExtra, SwitherError
from swither.extras import require

PACKAGES = ("cyclopts", "rich")
DEBUG = "--debug"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command ``swither``.

    Args:
        arguments: after the command's name; None takes those of this process.

    Returns:
        The exit code.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    debug = DEBUG in given
    given = [argument for argument in given if argument != DEBUG]
    try:
        for package in PACKAGES:
            require(package, "The command swither", "train")
        with _ended_as_stopped(), warnings.catch_warnings():
            if not debug:
                warnings.showwarning = _warner()
            return _run(given)
    except SwitherError as error:
        if debug:
            raise
        _complain(str(error))
        return USAGE if isinstance(error, NotUnderstood) else FAILED
    except ModuleNotFoundError as error:
        if debug or not error.name or error.name.startswith("swither"):
            raise
        package = error.name.split(".")[0]
        _complain(str(MissingExtra(f"swither {given[0] if given else ''}".strip(), "train", package)))
        return FAILED
    except KeyboardInterrupt:
        if debug:
            raise
        _complain("Stopped.")
        return STOPPED


@contextlib.contextmanager
def _ended_as_stopped() -> Iterator[None]:
    """End as on ^C where the system, or a queue of jobs, asks to: workers are ended and what to do next is said."""
    if threading.current_thread() is not threading.main_thread():  # no other may say what a signal does
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _run(arguments: Sequence[str]) -> int:
    from cyclopts import CycloptsError

    from swither.cli.app import make_app

    app = make_app()
    try:
        command, bound, _ = app.parse_args(list(arguments), exit_on_error=False, print_error=False)
    except CycloptsError as error:
        command_name = [name for name in arguments[:1] if name in app]
        said = _missing(error, arguments) or str(error)
        raise NotUnderstood(f"{said}\nHelp: {' '.join(['swither', *command_name, '--help'])}") from error
    code: Any = command(*bound.args, **bound.kwargs)
    return int(code or 0)


def _missing(error: Exception, arguments: Sequence[str]) -> str | None:
    """What to add where a flag lacks that was not typed at all; cyclopts speaks of it as one without its value."""
    from cyclopts import MissingArgumentError

    if not isinstance(error, MissingArgumentError) or error.argument is None:
        return None
    names = [name for name in error.argument.names if name.startswith("--")]
    if not names or any(given.split("=")[0] in names for given in arguments):
        return None
    return f"{names[0]} is missing: add {names[0]} and its value to: swither {shlex.join(arguments)}"


def _warner() -> Callable[..., None]:
    """What prints a warning without the place in the code that it came from, the same words once."""
    said: set[str] = set()

    def warn(message: Warning | str, *where: object, **more: object) -> None:  # noqa: ARG001
        if str(message) not in said:
            said.add(str(message))
            _complain(str(message), "yellow")

    return warn


def _complain(message: str, style: str = "red") -> None:
    """Print to the error stream, in colour on a terminal; without rich where that is missing."""
    try:
        from rich.console import Console
    except ModuleNotFoundError:
        print(f"swither: {message}", file=sys.stderr)
        return
    Console(stderr=True, soft_wrap=True).print(f"swither: {message}", style=style, markup=False, highlight=False)
