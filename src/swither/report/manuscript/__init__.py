"""What a report shows as a manuscript needs it: figures for print, tables, a paragraph on the protocol, references."""

from __future__ import annotations

from typing import TYPE_CHECKING

from swither.extras import lazy

if TYPE_CHECKING:
    from swither.report.manuscript.writing import write_manuscript as write_manuscript

__all__ = lazy(__name__, {"write_manuscript": "swither.report.manuscript.writing"})
