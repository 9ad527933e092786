"""A part of the page: a heading, what stands under it, and the figures that are also written as files."""

from __future__ import annotations

from dataclasses import dataclass

from swither.report.comparison import Comparison
from swither.report.contents import REFERENCE
from swither.report.drawing import Drawing, inline
from swither.report.markup import Content, Markup, tag, text
from swither.report.style import colour_variables, method_styles


@dataclass(frozen=True)
class Section:
    """One part of the page.

    Attributes:
        anchor: its id, for links.
        title: its heading; often the question that it answers.
        body: what stands under the heading.
        drawings: figures of the body, written as files beside the page.
        short: the heading in the list of contents.
    """

    anchor: str
    title: str
    short: str
    body: Markup
    drawings: tuple[Drawing, ...] = ()


def figure(comparison: Comparison, drawing: Drawing, caption: Content) -> Markup:
    """A drawing with its caption, in the colours of the page."""
    colours, _, _ = colour_variables(method_styles(comparison.data.method_order()))
    return tag("figure", inline(drawing, colours), tag("figcaption", caption))


def method_name(comparison: Comparison, method: str) -> Markup:
    """A method's title behind a spot of its colour."""
    if method == REFERENCE:
        return text(comparison.titles[method])
    spot = tag("span", class_=f"key {comparison.css_class(method)}", aria_hidden="true")
    return text((spot, comparison.titles.get(method, method)))


def paragraph(content: Content, class_: str | None = None) -> Markup:
    """A paragraph."""
    return tag("p", content, class_=class_)
