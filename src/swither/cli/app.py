"""The command line: its commands and the words above and below them."""

from __future__ import annotations

from collections.abc import Callable

from cyclopts import App, Group

import swither
from swither.cli import (
    check,
    compare,
    demo,
    export,
    figures,
    import_labels,
    init,
    label,
    merge,
    methods,
    opinions,
    pack,
    paper,
    predict,
    report,
    status,
)
from swither.cli.flags import PANELS

EXAMPLES = """Begin with:

  swither demo                           what this is about, in a minute and a half
  swither compare photos --out results   your images, one sub-folder a class

--debug, anywhere, shows where in the code an error came from."""

COMMANDS: tuple[tuple[Callable[..., int], str | None, str], ...] = (
    (demo.demo, None, ""),
    (label.label, label.USAGE, label.EXAMPLES),
    (init.init, None, init.EXAMPLES),
    (import_labels.import_labels, import_labels.USAGE, import_labels.EXAMPLES),
    (status.status, None, ""),
    (export.export, export.USAGE, export.EXAMPLES),
    (predict.predict, None, predict.EXAMPLES),
    (compare.compare, compare.USAGE, compare.EXAMPLES),
    (paper.paper, paper.USAGE, paper.EXAMPLES),
    (report.report, None, ""),
    (figures.figures, None, ""),
    (opinions.opinions, None, opinions.EXAMPLES),
    (pack.pack, None, ""),
    (merge.merge, None, ""),
    (methods.methods, None, ""),
    (check.check, None, check.EXAMPLES),
)

NAMES = {import_labels.import_labels: "import"}
"""Commands that cannot be called as their functions are."""


def make_app() -> App:
    """The application that parses a command line and runs its command."""
    options = Group("Options", sort_key=len(PANELS))
    app = App(
        name="swither",
        help="Which images to label next, by watching what your network changes its mind about.",
        help_epilogue=EXAMPLES,
        help_format="plaintext",
        version=swither.__version__,
        group_commands=Group("Commands", sort_key=0),
        group_parameters=options,
    )
    for order, (command, usage, examples) in enumerate(COMMANDS):
        name, words = NAMES.get(command, command.__name__), _paragraphs(command.__doc__ or "")
        part = App(name=name, help=words, usage=usage and f"Usage: {usage}", help_epilogue=examples, sort_key=order)
        app.command(part).default(command)
    for flag in ("--help", "--version"):
        app[flag].group = options
    return app


def _paragraphs(text: str) -> str:
    """A docstring with its lines joined, so that a terminal breaks them where it needs to."""
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n"))
