"""Shows ``results/bench.json`` on the page of the benchmarks: no figure there is copied by hand.

A line ``<!-- ratios of results/bench.json -->`` becomes the table of what swither was compared with;
``<!-- rows of results/bench.json -->`` becomes all that was measured, with the circumstances of each benchmark;
``<!-- rows of results/bench.json: NAME -->`` what one benchmark measured.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

REPOSITORY = Path(__file__).resolve().parents[2]
RATIOS, ROWS = "<!-- ratios of results/bench.json -->", "<!-- rows of results/bench.json -->"
ROWS_OF_ONE = re.compile(r"<!-- rows of results/bench\.json: (\w+) -->")
CIRCUMSTANCES = ("machine", "cores", "threads", "load before", "precision", "python", "torch", "numpy", "scipy")


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:  # noqa: ARG001
    """Write the tables where the lines stand."""
    if RATIOS not in markdown and ROWS not in markdown and not ROWS_OF_ONE.search(markdown):
        return markdown
    benchmarks = json.loads((REPOSITORY / "results" / "bench.json").read_text(encoding="utf-8"))
    markdown = ROWS_OF_ONE.sub(lambda found: one_benchmark(found[1], benchmarks), markdown)
    return markdown.replace(RATIOS, ratio_table(benchmarks)).replace(ROWS, every_benchmark(benchmarks))


def ratio_table(benchmarks: Mapping[str, Any]) -> str:
    """How many times as fast as what, from the lowest row of a benchmark to the highest."""
    lines = ["| benchmark | beside | times as fast |", "|---|---|---|"]
    for name, benchmark in benchmarks.items():
        seen: dict[str, list[float]] = {}
        for row in rows_of(benchmark):
            for field, value in flat(row):
                if is_ratio(field):
                    seen.setdefault(beside(field, row), []).append(float(value))
        for peer, ratios in seen.items():
            least, most = shown(min(ratios)), shown(max(ratios))
            lines.append(f"| [{name}](#{name}) | {peer} | {least if least == most else f'{least} to {most}'} |")
    return "\n".join(lines)


def is_ratio(field: str) -> bool:
    """Whether a field is a ratio of medians: ``ratio``, ``train_ratio_jpeg``, or one of a group named ``ratio``."""
    return field.startswith("ratio: ") or (":" not in field and "ratio" in field.split("_"))


def beside(field: str, row: Mapping[str, Any]) -> str:
    """What a ratio compares with: named behind it, or else by the only other field of seconds or of images a second."""
    if field.startswith("ratio: "):
        return field.removeprefix("ratio: ")
    work, _, peer = field.partition("ratio")
    if not peer:
        for unit in ("seconds_", "images_per_second_"):
            others = [name.removeprefix(unit) for name in row if name.startswith(unit) and not name.endswith("once")]
            peer = peer or next(iter(others), "")
    peer = peer.strip("_").replace("_", " ")
    return f"{peer} ({work.strip('_')})" if work else peer


def every_benchmark(benchmarks: Mapping[str, Any]) -> str:
    """A section for each benchmark: what it is, what it was measured with, and all that it measured."""
    return "\n\n".join(section(name, benchmark) for name, benchmark in benchmarks.items())


def one_benchmark(name: str, benchmarks: Mapping[str, Any]) -> str:
    """One benchmark for a page of its own, without its heading."""
    if name not in benchmarks:
        return f"`python benchmarks/{name}.py` measures it; nothing has been measured yet."
    return section(name, benchmarks[name]).partition("\n\n")[2]


def section(name: str, benchmark: Mapping[str, Any]) -> str:
    """One benchmark: a column for each of its rows, because there are more figures than rows."""
    measured = benchmark["measured"]
    around = {**benchmark["circumstances"], **measured.get("circumstances", {}), **benchmark}
    circumstances = [f"{field} {shown(around[field])}" for field in CIRCUMSTANCES if around.get(field) is not None]
    text = [
        f"## {name}",
        described(REPOSITORY / "benchmarks" / f"{name}.py"),
        f"`{benchmark['command']}`, commit {benchmark['commit']}, {benchmark['when']}; {', '.join(circumstances)}.",
    ]
    if "goal" in measured:
        text.append(f"Goal: {measured['goal']}.")
    columns = [dict(flat(row)) for row in rows_of(benchmark)]
    fields = list(dict.fromkeys(field for column in columns for field in column))
    table = ["| |" + " |" * len(columns), "|---|" + "---|" * len(columns)]
    table += [f"| {words(f)} | " + " | ".join(shown(column.get(f)) for column in columns) + " |" for f in fields]
    return "\n\n".join([*text, "\n".join(table)])


def rows_of(benchmark: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What was measured, row by row; a benchmark without rows is one row."""
    measured = benchmark["measured"]
    rows = measured.get("rows", measured)
    return [rows] if isinstance(rows, dict) else rows


def flat(row: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Fields and values, those of a group named after it."""
    for field, value in row.items():
        if isinstance(value, dict):
            yield from ((f"{field}: {inner}", deeper) for inner, deeper in flat(value))
        else:
            yield field, value


def described(script: Path) -> str:
    """The first line of a benchmark's own description."""
    text = ast.get_docstring(ast.parse(script.read_text(encoding="utf-8"))) if script.exists() else None
    return (text or "").partition("\n")[0]


def words(field: str) -> str:
    """A field's name as words; names of functions stay what they are."""
    return field if "." in field else field.replace("_", " ")


def shown(value: Any) -> str:
    """A value as people read it: three digits that say something, or all of a whole number."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int) or (isinstance(value, float) and value.is_integer()):
        return f"{int(value):,}"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return ", ".join(map(shown, value)) if isinstance(value, list) else str(value)
