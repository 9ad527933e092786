"""The files that accompany the code keep their forms: change log, citation, decision records."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import yaml

import swither

REPOSITORY = Path(__file__).resolve().parents[2]
KINDS = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
PAPER = "10.1007/978-3-030-89128-2_39"


def test_the_change_log_names_this_version_and_known_kinds_of_change() -> None:
    text = (REPOSITORY / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = re.findall(r"^## \[(.+?)\] - (.+)$", text, re.MULTILINE)
    assert [name for name, _ in versions][:1] == [swither.__version__]
    for name, when in versions:
        assert re.fullmatch(r"\d+\.\d+\.\d+", name)
        assert when == "Unreleased" or date.fromisoformat(when)
    assert set(re.findall(r"^### (.+)$", text, re.MULTILINE)) <= KINDS
    assert "keepachangelog.com" in text


def test_the_citation_names_the_software_and_the_paper() -> None:
    citation = yaml.safe_load((REPOSITORY / "CITATION.cff").read_text(encoding="utf-8"))
    assert {"cff-version", "message", "title", "authors", "version", "license", "type"} <= citation.keys()
    assert citation["version"] == swither.__version__
    assert citation["license"] == "Apache-2.0"
    paper = next(work for work in citation["references"] if work.get("doi") == PAPER)
    assert [author["family-names"] for author in paper["authors"]] == ["Zolfaghari Bengar", "Raducanu", "van de Weijer"]


def test_one_version_stands_everywhere() -> None:
    described = (REPOSITORY / "pyproject.toml").read_text(encoding="utf-8")
    assert f'version = "{swither.__version__}"' in described


def test_decisions_are_numbered_without_gaps_and_say_why() -> None:
    records = sorted((REPOSITORY / "docs" / "decisions").glob("[0-9]*.md"))
    numbers = [int(path.name[:4]) for path in records]
    assert numbers == list(range(1, len(records) + 1))
    for path in records:
        text = path.read_text(encoding="utf-8")
        assert text.startswith(f"# {path.name[:4]} "), path.name
        headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
        assert headings == ["Context", "Decision", "Consequences"], path.name
        assert len(text.split()) < 400, f"{path.name} is no short record"
