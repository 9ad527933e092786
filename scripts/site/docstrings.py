"""Tells the reader of docstrings which of our sections are which.

It knows ``Examples:`` and takes ``Example:`` for a remark, so that examples would be set as running text. References
become a paragraph instead of a box.
"""

from __future__ import annotations

import re
from textwrap import dedent
from typing import Any

import griffe

REFERENCES = re.compile(r"^References:\n(?P<text>(?:[ ]{4}.*\n?|\n)+)", re.MULTILINE)


class OurSections(griffe.Extension):
    """Rewrites the docstring of everything that is read from the code."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """One object's docstring, before its sections are looked for."""
        if obj.docstring is not None:
            obj.docstring.value = rewritten(obj.docstring.value)


def rewritten(text: str) -> str:
    """A docstring with its sections named as they are looked for."""
    text = re.sub(r"^Example:$", "Examples:", text, flags=re.MULTILINE)
    return REFERENCES.sub(lambda found: f"**References.** {dedent(found['text']).strip()}\n\n", text)
