"""Figures and one self-contained HTML page, drawn from tables that the report is given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from swither.extras import lazy

if TYPE_CHECKING:
    from swither.report.contents import REFERENCE as REFERENCE
    from swither.report.contents import MontageImage as MontageImage
    from swither.report.contents import ReportData as ReportData
    from swither.report.page import write_report as write_report

__all__ = lazy(
    __name__,
    {
        "REFERENCE": "swither.report.contents",
        "MontageImage": "swither.report.contents",
        "ReportData": "swither.report.contents",
        "write_report": "swither.report.page",
    },
)
