"""Brings the repository's other pages onto the site, and turns links for GitHub into links of the site.

The documents are written to be read in the repository: they link to the README of an example or to a source file.
On the site a README is a page, `CHANGELOG.md` is `changelog.md`, and a link to a file that is no page becomes plain
text. Comments that tests read (``<!-- python``, ``<!-- not run: ... -->``) are left out.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

REPOSITORY = Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^```.*?^```[ ]*$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"(?P<image>!?)\[(?P<text>[^\]]*)\]\((?P<target>[^)\s]+)\)")
UNSEEN = re.compile(r"^<!-- (?:python\n.*?^-->|not run: .*? -->)\n?", re.MULTILINE | re.DOTALL)
OUTSIDE = ("http://", "https://", "mailto:", "#")


def pages() -> dict[str, str]:
    """Path in the repository -> path on the site, of what lies outside of ``docs`` and belongs to the site."""
    found = {"CHANGELOG.md": "changelog.md", "CONTRIBUTING.md": "contributing.md", "SECURITY.md": "security.md"}
    for readme in sorted(REPOSITORY.glob("examples/*/README.md")):
        found[f"examples/{readme.parent.name}/README.md"] = f"examples/{readme.parent.name}.md"
    for readme in sorted(REPOSITORY.glob("results/*/README.md")):
        folder = readme.parent.name
        found[f"results/{folder}/README.md"] = f"results/{folder}/index.md"
        if (readme.parent / "report.html").exists():
            found[f"results/{folder}/report.html"] = f"results/{folder}/report.html"
    found["results/README.md"] = "results/index.md"
    return found


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that lie outside of ``docs``."""
    for source, place in pages().items():
        files.append(File.generated(config, place, abs_src_path=str(REPOSITORY / source)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:  # noqa: ARG001
    """Leave out what only tests read, and lead links to where things are on the site."""
    sources = {place: source for source, place in pages().items()}
    source = sources.get(page.file.src_uri, f"docs/{page.file.src_uri}")
    return program_shown(led(UNSEEN.sub("", markdown), source, page.file.src_uri), source)


def led(markdown: str, source: str, place: str) -> str:
    """The text with its links turned, outside of code.

    Args:
        markdown: the text.
        source: where it lies in the repository.
        place: where it lies on the site.
    """
    parts, end = [], 0
    for fence in [*FENCE.finditer(markdown), None]:
        start = fence.start() if fence else len(markdown)
        parts.append(LINK.sub(lambda link: turned(link, source, place), markdown[end:start]))
        if fence:
            parts.append(fence[0])
            end = fence.end()
    return "".join(parts)


def turned(link: re.Match[str], source: str, place: str) -> str:
    """One link as the site has it."""
    target, _, anchor = link["target"].partition("#")
    if link["target"].startswith(OUTSIDE):
        return link[0]
    path = posixpath.normpath(posixpath.join(posixpath.dirname(source), target))
    if path == "README.md":
        place_of_it, anchor = "index.md", ""
    elif path.startswith("docs/"):
        place_of_it = path.removeprefix("docs/")
    elif path in pages():
        place_of_it = pages()[path]
    elif (REPOSITORY / path).exists():
        return link["text"]
    else:
        return link[0]  # leads nowhere: the strict build says so
    away = posixpath.relpath(place_of_it, posixpath.dirname(place) or ".")
    return f"{link['image']}[{link['text']}]({away}{'#' + anchor if anchor else ''})"


def program_shown(markdown: str, source: str) -> str:
    """The page of an example, with the example itself behind it."""
    if not source.startswith("examples/"):
        return markdown
    programs = sorted((REPOSITORY / source).parent.glob("*.py"))
    shown = [f"\n\n## {path.name}\n\n```py\n{path.read_text(encoding='utf-8')}```\n" for path in programs]
    return markdown + "".join(shown)
