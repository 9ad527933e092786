"""Every method has a page that says what it is, what it costs and when it fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from swither.acquisition import ACQUISITIONS

PAGES = Path(__file__).parents[2] / "docs" / "methods"
PARTS = ("**Idea.**", "**Formula.**", "**Cost.**", "**When it fails.**", "**Settings.**", "**Paper.**")


@pytest.mark.parametrize("name", ACQUISITIONS)
def test_a_method_of_the_catalogue_has_a_page_with_every_part(name: str) -> None:
    page = (PAGES / f"{name}.md").read_text(encoding="utf-8")
    missing = [part for part in PARTS if part not in page]
    assert not missing, f"docs/methods/{name}.md lacks {', '.join(missing)}"
    settings = {**ACQUISITIONS[name].settings, **ACQUISITIONS[name].evidence_settings}
    unnamed = [setting for setting in settings if f"`{setting}`" not in page and f"`{setting}=" not in page]
    assert not unnamed, f"docs/methods/{name}.md does not say what {', '.join(unnamed)} does"


def test_the_overview_leads_to_every_page() -> None:
    overview = (PAGES.parent / "acquisition.md").read_text(encoding="utf-8")
    missing = [name for name in ACQUISITIONS if f"(methods/{name}.md)" not in overview]
    assert not missing


def test_no_page_speaks_of_a_method_that_is_not_there() -> None:
    assert {page.stem for page in PAGES.glob("*.md")} <= set(ACQUISITIONS)
