"""Lists public names on the pages of the reference, from what the packages themselves call public.

A line ``<!-- public names of swither.dynamics -->`` becomes the explanation of each of them, classes first.
"""

from __future__ import annotations

import importlib
import inspect
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

MARK = re.compile(r"^<!-- public names of (?P<package>[\w.]+) -->$", re.MULTILINE)
PACKAGES = ("swither", "swither.dynamics", "swither.acquisition", "swither.statistics", "swither.adapters")
SOURCE = Path(__file__).resolve().parents[2] / "src"


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:  # noqa: ARG001
    """Write the names where the line stands."""
    return MARK.sub(lambda mark: listing(mark["package"]), markdown)


def homes(package: str) -> dict[str, str]:
    """Public name -> the module whose code it is: classes first, then functions, then tables."""
    module = importlib.import_module(package)
    if package == "swither.adapters":  # each asks for a framework of its own, which the site does without
        return dict(sorted(module._public.items()))
    home, kind = {}, {}
    for name in module.__all__:
        value = getattr(module, name)
        home[name] = (
            value.__module__ if inspect.isroutine(value) or inspect.isclass(value) else written_in(package, name)
        )
        kind[name] = (not inspect.isclass(value), not inspect.isroutine(value), name.lower())
    return {name: home[name] for name in sorted(home, key=lambda name: kind[name])}


def written_in(package: str, name: str) -> str:
    """The module of a package whose code gives a table its name."""
    for path in sorted((SOURCE / package.replace(".", "/")).glob("*.py")):
        if re.search(rf"^{name}\b[^=\n]* = ", path.read_text(encoding="utf-8"), re.MULTILINE):
            return f"{package}.{path.stem}"
    raise LookupError(f"{name} of {package} is written in none of its files")


def listing(package: str) -> str:
    """What mkdocstrings is asked to explain: each name once, on the page of the package that it belongs to."""
    named = {f"{home}.{name}": home for name, home in homes(package).items()}
    elsewhere = tuple(f"{other}." for other in PACKAGES if other.startswith(f"{package}."))
    return "\n\n".join(f"::: {name}" for name, home in named.items() if not home.startswith(elsewhere))
