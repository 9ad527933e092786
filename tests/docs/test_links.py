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


def test_the_index_leads_to_every_page_of_the_documents() -> None:
    index = REPOSITORY / "docs" / "index.md"
    linked = {(index.parent / target.partition("#")[0]).resolve() for target in links(index.read_text("utf-8"))}
    pages = {path.resolve() for path in (REPOSITORY / "docs").glob("**/*.md")} - {index.resolve()}
    assert not pages - linked, f"docs/index.md does not mention {sorted(path.name for path in pages - linked)}"


def test_anchors_are_written_as_github_writes_them() -> None:
    assert anchors("# What `ask` promises, and when\n") == {"what-ask-promises-and-when"}
