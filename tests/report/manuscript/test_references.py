from __future__ import annotations

import re
from pathlib import Path

import pytest

from swither.acquisition import ACQUISITIONS
from swither.report.manuscript.references import OF_METHODS, REFERENCES, bibliography

PAGES = Path(__file__).resolve().parents[3] / "docs" / "methods"
NEEDED = {
    "inproceedings": {"author", "title", "booktitle", "year"},
    "article": {"author", "title", "journal", "year"},
    "techreport": {"author", "title", "institution", "year"},
    "misc": {"author", "title", "howpublished", "year"},
}


def parsed(bibtex: str) -> dict[str, tuple[str, dict[str, str]]]:
    """Key -> kind and fields, read letter by letter; fails where BibTeX would."""
    entries: dict[str, tuple[str, dict[str, str]]] = {}
    at = 0
    while (start := bibtex.find("@", at)) >= 0:
        assert not bibtex[at:start].strip(), f"words between entries: {bibtex[at:start]!r}"
        head = re.match(r"@(\w+)\{([A-Za-z0-9]+),", bibtex[start:])
        assert head is not None, bibtex[start : start + 40]
        at = start + head.end()
        fields: dict[str, str] = {}
        while not (end := re.match(r"\s*\}", bibtex[at:])):
            name = re.match(r"\s*(\w+) = \{", bibtex[at:])
            assert name is not None, bibtex[at : at + 40]
            at += name.end()
            depth, first = 1, at
            while depth:
                depth += {"{": 1, "}": -1}.get(bibtex[at], 0)
                at += 1
            assert name[1] not in fields
            fields[name[1]] = bibtex[first : at - 1]
            assert bibtex[at] == ","
            at += 1
        at += end.end()
        assert head[2] not in entries, f"{head[2]} twice"
        entries[head[2]] = head[1], fields
    assert not bibtex[at:].strip()
    return entries


def test_every_method_of_the_catalogue_has_its_papers() -> None:
    assert OF_METHODS.keys() == ACQUISITIONS.keys()
    assert {key for keys in OF_METHODS.values() for key in keys} <= REFERENCES.keys()


def test_every_entry_can_be_parsed_and_has_what_its_kind_needs() -> None:
    entries = parsed(bibliography(ACQUISITIONS, REFERENCES))
    assert entries.keys() == REFERENCES.keys()
    for key, (kind, fields) in entries.items():
        assert NEEDED[kind] <= fields.keys(), key
        assert re.fullmatch(r"(19|20)\d\d", fields["year"]), key
        assert all(value.strip() == value and value for value in fields.values()), key
        assert not re.search(r"(?<!\\)[&%#_$]", "".join(v for n, v in fields.items() if n != "doi")), key


def test_authors_are_last_name_comma_first_name() -> None:
    for reference in REFERENCES.values():
        for name in reference.author.split(" and "):
            assert re.fullmatch(r"\{[^}]+\}|[^,]+, [^,]+", name), name


@pytest.mark.parametrize("method", sorted(ACQUISITIONS))
def test_papers_agree_with_the_page_of_the_method(method: str) -> None:
    page = (PAGES / f"{method}.md").read_text(encoding="utf-8")
    papers = page[page.index("**Paper.**") :]
    for key in set(OF_METHODS[method]) - {"swither"}:
        reference = REFERENCES[key]
        first = reference.author.partition(",")[0]
        assert first in papers, f"{key}: {first}"
        assert reference.fields["year"] in papers or "CAIP" in papers or "SODA 2007" in papers, key


def test_only_what_is_needed_is_listed_and_each_once() -> None:
    entries = parsed(bibliography(["coreset", "kcenter", "coreset:nodes=3", "mine.py:score"], ["holm1979"]))
    assert list(entries) == sorted({"zolfaghari2021dispersion", "swither", "sener2018coreset", "holm1979"})


def test_the_dispersion_paper_is_cited_as_the_software_cites_it() -> None:
    facts = (PAGES.parents[1] / "CITATION.cff").read_text(encoding="utf-8")
    fields = REFERENCES["zolfaghari2021dispersion"].fields
    assert fields["title"] in facts
    assert f"doi: {fields['doi']}" in facts
    assert [f"start: {fields['pages'][:3]}" in facts, f"end: {fields['pages'][-3:]}" in facts] == [True, True]


def test_in_a_sentence_stand_names_and_year() -> None:
    assert REFERENCES["ash2020badge"].short == "Ash et al., 2020"
    assert REFERENCES["lewis1994sequential"].short == "Lewis and Gale, 1994"
    assert REFERENCES["swither"].short == "The swither authors, 2026"
