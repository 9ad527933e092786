"""The site is built without a warning, and nothing on it asks another host for anything."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
OTHER = r"(?:https?:)?//[\w.-]+"
LOADS = (
    re.compile(rf"\bsrc(?:set)?\s*=\s*[\"']?\s*{OTHER}[^\"'\s>]*"),
    re.compile(rf"<link\b(?=[^>]*\brel=[\"']?(?!canonical|next|prev|license)\w)[^>]*\bhref=[\"']?{OTHER}[^>]*"),
    re.compile(rf"@import\s+(?:url\()?[\"']?{OTHER}\S*"),
    re.compile(rf"url\(\s*[\"']?{OTHER}[^)]*"),
)
IN_A_SCRIPT = re.compile(r"[\"'`](?:https?:)?//[a-z][\w.-]+\.[a-z]{2,}/[^\"'`]*[\"'`]")
NEVER_ASKED = {
    "https://unpkg.com/mermaid@11/dist/mermaid.min.js": 'class="mermaid"',
    "https://unpkg.com/resize-observer-polyfill": "a browser without ResizeObserver, of before 2020",
    "https://api.github.com/users/": 'data-md-component="source"',
    "https://api.github.com/repos/": 'data-md-component="source"',
}
"""Addresses in the theme's script, and what a page must hold for the script to ask for them."""


def loaded_from_elsewhere(text: str) -> list[str]:
    """What a page or a style sheet would have a browser fetch from another host, unasked."""
    return [found[0] for pattern in LOADS for found in pattern.finditer(text)]


def addresses(script: str) -> set[str]:
    """Addresses of other hosts that stand in a script as text, comments left out."""
    return {found[0].strip("\"'`").partition("${")[0] for found in IN_A_SCRIPT.finditer(script)}


def hook(name: str) -> ModuleType:
    """One of the site's own scripts."""
    described = importlib.util.spec_from_file_location(f"site_{name}", REPOSITORY / "scripts" / "site" / f"{name}.py")
    assert described is not None
    assert described.loader is not None
    module = importlib.util.module_from_spec(described)
    described.loader.exec_module(module)
    return module


def built(to: Path) -> subprocess.CompletedProcess[str]:
    """Build the site as `make site` does."""
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(to)]
    quiet = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    return subprocess.run(command, cwd=REPOSITORY, env=quiet, capture_output=True, text=True)


def test_the_site_is_built_without_a_warning_and_asks_nothing_of_other_hosts(tmp_path: Path) -> None:
    site = tmp_path / "site"
    building = built(site)
    assert building.returncode == 0, building.stderr
    lines = [line for line in building.stderr.splitlines() if not line.startswith("INFO ")]
    assert not "".join(lines).strip(), f"the build is not quiet: {lines}"

    pages = {path: path.read_text(encoding="utf-8") for path in site.rglob("*.html")}
    sheets = {path: path.read_text(encoding="utf-8") for path in [*site.rglob("*.css"), *site.rglob("*.svg")]}
    foreign = {
        str(path.relative_to(site)): found
        for path, text in {**pages, **sheets}.items()
        if (found := loaded_from_elsewhere(text))
    }
    assert not foreign
    scripts = "".join(path.read_text(encoding="utf-8") for path in site.rglob("*.js") if path.name != "search_index.js")
    assert addresses(scripts) <= NEVER_ASKED.keys()
    everything = "".join(pages.values())
    assert not [sign for sign in NEVER_ASKED.values() if sign.startswith(("class=", "data-")) and sign in everything]

    promised = json.loads((REPOSITORY / "tests" / "docs" / "public_names.json").read_text(encoding="utf-8"))
    reference = "".join(text for path, text in pages.items() if path.parent.name == "api")
    absent = [
        f"{package}.{name}"
        for package, names in promised.items()
        for name in names
        if not re.search(rf'<h2 id="swither\.[\w.]+\.{name}"', reference)
    ]
    assert not absent, f"without an explanation in the reference: {absent}"
    assert "&gt;&gt;&gt;" not in re.sub(r"<(pre|code)\b.*?</\1>", "", reference, flags=re.DOTALL), "an example as text"

    benchmarks = (site / "benchmarks.html").read_text(encoding="utf-8")
    for name, benchmark in json.loads((REPOSITORY / "results" / "bench.json").read_text(encoding="utf-8")).items():
        assert f'<h2 id="{name}"' in benchmarks
        assert benchmark["when"] in benchmarks
    assert "<!-- not run:" not in everything
    assert "<!-- python" not in everything


def test_a_request_to_another_host_would_be_found() -> None:
    for text in (
        '<script src="https://cdn.example/a.js"></script>',
        '<link rel="stylesheet" href="//fonts.example/css">',
        '<link href="https://fonts.example" rel="preconnect" crossorigin>',
        "<style>@import url('https://a.example/b.css')</style>",
        "a { background: url(https://a.example/b.png) }",
        '<img alt="" src=//a.example/b.png>',
    ):
        assert loaded_from_elsewhere(text), text
    assert not loaded_from_elsewhere('<a href="https://doi.org/10.1">paper</a> <link rel="icon" href="assets/a.svg">')
    assert addresses('fetch("https://cdn.example/b")') == {"https://cdn.example/b"}
    assert not addresses("/*! https://a.example/ */")


def test_links_for_the_repository_become_links_of_the_site() -> None:
    pages = hook("repository_pages")
    for source, place, written, expected in (
        ("docs/paper.md", "paper.md", "[s](statistics.md#a-b)", "[s](statistics.md#a-b)"),
        ("docs/index.md", "index.md", "[c](../CHANGELOG.md)", "[c](changelog.md)"),
        ("docs/adapters.md", "adapters.md", "[r](../README.md#start)", "[r](index.md)"),
        ("CONTRIBUTING.md", "contributing.md", "[d](docs/decisions/index.md)", "[d](decisions/index.md)"),
        (
            "examples/lightning_loop/README.md",
            "examples/lightning_loop.md",
            "[a](../../docs/adapters.md)",
            "[a](../adapters.md)",
        ),
        ("docs/index.md", "index.md", "[l](../LICENSE)", "l"),
        ("docs/index.md", "index.md", "[n](../nothing.md)", "[n](../nothing.md)"),
        ("docs/index.md", "index.md", "```md\n[c](../CHANGELOG.md)\n```", "```md\n[c](../CHANGELOG.md)\n```"),
        ("docs/index.md", "index.md", "[w](https://a.example/README.md)", "[w](https://a.example/README.md)"),
    ):
        assert pages.led(written, source, place) == expected


def test_readers_do_not_see_what_only_tests_read() -> None:
    unseen = hook("repository_pages").UNSEEN
    text = "a\n\n<!-- python\nx = 1\n\ny = x > 0\n-->\n<!-- not run: long -->\n```sh\nb\n```\n<!-- kept -->\n"
    assert unseen.sub("", text) == "a\n\n```sh\nb\n```\n<!-- kept -->\n"


def test_figures_of_a_benchmark_are_shown_as_they_are() -> None:
    tables = hook("bench_tables")
    shown = [tables.shown(value) for value in (0.0046107, 15.41, 215307.9, 50000, True, None, 4.0, "optimal")]
    assert shown == ["0.00461", "15.4", "215,308", "50,000", "yes", "", "4", "optimal"]
    rows = [{"ratio": {"mode": 12.8}, "seconds": {"swither": 0.1}}, {"ratio": {"mode": 6.2}}]
    table = tables.ratio_table({"speed": {"measured": {"rows": rows}}})
    assert table.splitlines()[-1] == "| [speed](#speed) | mode | 6.2 to 12.8 |"
    peer = tables.beside("ratio", {"seconds": 1.0, "seconds_plain_loop": 5.0, "ratio": 5.0})
    assert peer == "plain loop"
    assert tables.beside("train_ratio_jpeg", {}) == "jpeg (train)"


def test_a_page_shows_one_benchmark_or_says_that_it_was_not_run_yet() -> None:
    tables = hook("bench_tables")
    line = tables.ROWS_OF_ONE.search("above\n\n<!-- rows of results/bench.json: large_pools -->\n")
    assert line[1] == "large_pools"
    measured = {"rows": [{"seconds": {"swither": 0.25}}]}
    kept = {"command": "it", "commit": "abc", "when": "now", "circumstances": {"python": "3"}, "measured": measured}
    text = tables.one_benchmark("large_pools", {"large_pools": kept})
    assert not text.startswith("#")
    assert "| seconds: swither | 0.25 |" in text
    assert "nothing has been measured yet" in tables.one_benchmark("large_pools", {})


@pytest.mark.parametrize("line", ["methods/*.md", "decisions/*.md", "examples/*.md"])
def test_one_line_of_the_navigation_stands_for_a_folder(line: str) -> None:
    pages = hook("contents").written_out([{"Part": [line]}])[0]["Part"]
    assert len(pages) > 3
    assert not [page for page in pages if "index" in page or "*" in page]


def test_methods_stand_in_the_order_of_the_catalogue() -> None:
    from swither.acquisition import ACQUISITIONS

    names = [page.removeprefix("methods/").removesuffix(".md") for page in hook("contents").matching("methods/*.md")]
    assert names == list(ACQUISITIONS)


def test_docstrings_are_set_with_their_examples_as_code() -> None:
    text = "A line.\n\nReferences:\n    Someone,\n    2020.\n\nExample:\n    >>> 1\n    1"
    assert (
        hook("docstrings").rewritten(text)
        == "A line.\n\n**References.** Someone,\n2020.\n\nExamples:\n    >>> 1\n    1"
    )


def test_what_the_documents_import_stands_in_the_reference() -> None:
    promised = json.loads((REPOSITORY / "tests" / "docs" / "public_names.json").read_text(encoding="utf-8"))
    inside = (REPOSITORY / "docs" / "api" / "inside.md").read_text(encoding="utf-8")
    explained = {name for names in promised.values() for name in names}
    explained |= {line.rpartition(".")[2] for line in inside.splitlines() if line.startswith("::: ")}
    missing = set()
    for page in [REPOSITORY / "README.md", *(REPOSITORY / "docs").glob("**/*.md")]:
        for block in re.findall(r"^```python\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL):
            for names in re.findall(r"^from swither[\w.]* import ([\w, ]+)", block, re.MULTILINE):
                missing |= {f"{name} ({page.name})" for name in names.split(", ") if name not in explained}
    assert not missing, f"add to docs/api/inside.md: {sorted(missing)}"
