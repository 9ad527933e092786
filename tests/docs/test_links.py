"""Every link from one document to another file, or to a heading, leads somewhere."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
LINK = re.compile(r"!?\[[^\]]*\]\((?P<target>[^)\s]+)(?:\s+\"[^\"]*\")?\)")
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#+ +(?P<title>.+?) *$", re.MULTILINE)
OUTSIDE = ("http://", "https://", "mailto:")


def documents() -> list[Path]:
    """Every Markdown file that is ours."""
    folders = ("docs", "examples", "benchmarks", "results", ".github", "tests")
    nested = (path for folder in folders for path in (REPOSITORY / folder).glob("**/*.md"))
    return sorted([*REPOSITORY.glob("*.md"), *nested])


def links(text: str) -> list[str]:
    """Targets inside the repository."""
    targets = [link["target"] for link in LINK.finditer(FENCE.sub("", text))]
    return [target for target in targets if not target.startswith(OUTSIDE)]


def anchors(text: str) -> set[str]:
    """What the headings of a document are called in a link, as GitHub does it."""
    titles = (heading["title"].lower() for heading in HEADING.finditer(FENCE.sub("", text)))
    return {re.sub(r"[^\w\- ]", "", title).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("document", documents(), ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_links_lead_somewhere(document: Path) -> None:
    broken = []
    for target in links(document.read_text(encoding="utf-8")):
        path, _, anchor = target.partition("#")
        file = document.parent / unquote(path) if path else document
        if not file.exists() or (anchor and anchor not in anchors(file.read_text(encoding="utf-8"))):
            broken.append(target)
    assert not broken, f"{document.name} links to what is not there: {', '.join(broken)}"


def test_a_reader_gets_from_the_index_to_every_page_of_the_documents() -> None:
    index = (REPOSITORY / "docs" / "index.md").resolve()
    reached, waiting = {index}, [index]
    while waiting:
        page = waiting.pop()
        linked = {
            (page.parent / unquote(target.partition("#")[0])).resolve() for target in links(page.read_text("utf-8"))
        }
        new = {path for path in linked - reached if path.suffix == ".md" and path.is_file()}
        reached |= new
        waiting += new
    pages = {path.resolve() for path in (REPOSITORY / "docs").glob("**/*.md")}
    assert not pages - reached, f"no page leads to {sorted(path.name for path in pages - reached)}"


def test_the_list_of_decisions_names_every_record() -> None:
    folder = REPOSITORY / "docs" / "decisions"
    named = set(links((folder / "index.md").read_text(encoding="utf-8")))
    assert {path.name for path in folder.glob("[0-9]*.md")} <= named


def test_anchors_are_written_as_github_writes_them() -> None:
    assert anchors("# What `ask` promises, and when\n") == {"what-ask-promises-and-when"}
