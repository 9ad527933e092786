"""HTML as values: whatever is not markup already is escaped, so no name can break the page."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from typing import TypeAlias
from unicodedata import category

VOID = frozenset({"meta", "link", "img", "br", "hr", "col"})

FITTING = 12
"""More columns than this never fit into the page: their table says that it scrolls."""


class Markup(str):
    """Text that is HTML already and is not escaped again."""

    __slots__ = ()


Content: TypeAlias = "str | int | Iterable[Content] | None"


def text(content: Content) -> Markup:
    """Escape a string, join a sequence, leave markup as it is, and give nothing for None.

    Example:
        >>> text(["a < b", Markup("<br>")])
        'a &lt; b<br>'
    """
    if isinstance(content, Markup):
        return content
    if content is None:
        return Markup("")
    if isinstance(content, str | int):
        return Markup(html.escape(printable(str(content)), quote=True))
    return Markup("".join(text(part) for part in content))


def tag(name: str, /, *content: Content, **attributes: str | int | bool | None) -> Markup:
    """One element. ``class_`` and ``for_`` lose their underscore, ``aria_label`` becomes ``aria-label``.

    An attribute of None or False is left out; of True has no value.

    Example:
        >>> tag("a", "R & D", href="#x", class_="link", hidden=None)
        '<a href="#x" class="link">R &amp; D</a>'
    """
    parts = [name]
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        key = key.rstrip("_").replace("_", "-")
        parts.append(key if value is True else f'{key}="{text(str(value))}"')
    opening = f"<{' '.join(parts)}>"
    return Markup(opening if name in VOID else f"{opening}{text(content)}</{name}>")


def table(
    caption: Content,
    head: Sequence[Content],
    rows: Iterable[Sequence[Content]],
    *,
    class_: str = "",
    numeric: bool = True,
) -> Markup:
    """A table that scrolls sideways where it must; the first cell of each row is its header.

    A cell that is a ``<td>`` already (for a colour of its own) stays as it is.
    """
    header = tag("tr", [tag("th", cell, scope="col") for cell in head])
    body = [tag("tr", tag("th", first, scope="row"), [_cell(cell) for cell in rest]) for first, *rest in rows]
    hint = tag("span", f"Scroll sideways for all {len(head)} columns.", class_="hint") if len(head) > FITTING else None
    kind = f"{'numbers ' if numeric else ''}{class_}".strip()
    return tag(
        "div",
        tag(
            "table",
            tag("caption", tag("span", caption), hint),
            tag("thead", header),
            tag("tbody", body),
            class_=kind or None,
        ),
        class_="scroll",
        tabindex=0,
        role="region",
        aria_label=caption if isinstance(caption, str) else "Table",
    )


def _cell(cell: Content) -> Markup:
    return cell if isinstance(cell, Markup) and cell.startswith("<td") else tag("td", cell)


def printable(value: str) -> str:
    """Without control characters and halves of surrogate pairs, which HTML and SVG forbid."""
    return "".join(" " if category(letter) in ("Cc", "Cs", "Cn") else letter for letter in value)
