"""Writes out the lines of the navigation that stand for several pages.

``methods/*.md`` in ``mkdocs.yml`` stands for the page of each method, in the order of the catalogue;
``decisions/*.md`` and the like for all pages of a folder but its ``index.md``, by name.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig

from swither.acquisition import ACQUISITIONS

REPOSITORY = Path(__file__).resolve().parents[2]


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Write the navigation out before anything reads it."""
    config.nav = written_out(config.nav or [])
    return config


def written_out(entries: list[Any]) -> list[Any]:
    """The entries with patterns replaced by pages, at any depth."""
    found: list[Any] = []
    for entry in entries:
        if isinstance(entry, str) and "*" in entry:
            found += matching(entry)
        elif isinstance(entry, dict):
            found.append({title: written_out(at) if isinstance(at, list) else at for title, at in entry.items()})
        else:
            found.append(entry)
    return found


def matching(pattern: str) -> list[str]:
    """The pages that a pattern stands for."""
    outside = REPOSITORY if pattern.startswith("examples/") else REPOSITORY / "docs"
    if pattern.startswith("examples/"):
        return [f"examples/{path.parent.name}.md" for path in sorted(outside.glob("examples/*/README.md"))]
    names = {path.stem for path in outside.glob(pattern)} - {"index"}
    catalogue = {name: place for place, name in enumerate(ACQUISITIONS)}
    folder = pattern.rpartition("/")[0]
    return [f"{folder}/{name}.md" for name in sorted(names, key=lambda name: (catalogue.get(name, 0), name))]
