from __future__ import annotations

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from swither.report.markup import Markup, table, tag, text


class Reader(HTMLParser):
    """Collects the text and the attributes of what it reads."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.words = ""
        self.attributes: dict[str, str | None] = {}
        self.tags: list[str] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= dict(attrs)

    def handle_data(self, data: str) -> None:
        self.words += data


@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn"]), max_size=30))
def test_any_name_comes_back_as_it_was_from_text_and_attribute(name: str) -> None:
    reader = Reader(tag("p", name, title=name))

    assert reader.tags == ["p"]
    assert reader.words == name
    assert reader.attributes["title"] == name


@given(st.text(st.characters(categories=["Cc", "Cs"]), min_size=1, max_size=5))
def test_what_html_forbids_becomes_spaces(name: str) -> None:
    escaped = text(name)

    assert escaped.strip() == ""
    escaped.encode()


def test_markup_is_not_escaped_again_and_strings_are() -> None:
    assert tag("p", [Markup("<b>x</b>"), "<b>"]) == "<p><b>x</b>&lt;b&gt;</p>"


def test_a_cell_may_bring_its_own_element() -> None:
    markup = table("caption", ["a", "b"], [["x", tag("td", "y", style="color:red")], ["<td>", "<td"]])

    assert markup.count("<td") == 2
    assert "&lt;td&gt;" in markup


def test_a_table_too_wide_for_the_page_says_that_it_scrolls() -> None:
    assert "Scroll sideways for all 19 columns." in table("caption", [str(n) for n in range(19)], [])
    assert "sideways" not in table("caption", ["a", "b"], [])
