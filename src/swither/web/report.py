"""GET /report: the project on paper, for whoever did not label."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

import swither
from swither.project.clock import now
from swither.web.curve_figure import curve_figure
from swither.web.pages import templates
from swither.web.state import advice_of, counts_of, model_of
from swither.web.summary import class_history, classes_of, cycles_of, decisions_of, people_of
from swither.web.workspace import Workspace, in_thread, workspace_of

router = APIRouter()


@router.get("/report")
async def get_report(request: Request) -> HTMLResponse:
    """A page that prints."""
    workspace = workspace_of(request)
    return HTMLResponse(await in_thread(workspace.thoughts, lambda: report_of(workspace)))


def report_of(workspace: Workspace) -> str:
    """The report as HTML; everything that people typed is escaped."""
    project = workspace.project
    ledger, events, cycles = project.ledger(), project.store.events(), project.store.cycles()
    number, latest = workspace.tested()
    tested = latest if cycles and number == cycles[-1].number else None
    rows = cycles_of(cycles, tested)
    accuracies = [row["accuracy"] for row in rows if row["accuracy"]]
    return (
        templates()
        .get_template("report.html")
        .render(
            project=project.settings.name,
            at=_day(now()),
            version=swither.__version__,
            counts=counts_of(workspace, ledger),
            accuracy=accuracies[-1] if accuracies else None,
            advice=advice_of(cycles, tested),
            model=model_of(project)["words"],
            figure=curve_figure(rows),
            cycles=[{**row, "at": _minute(row["at"])} for row in rows],
            classes=classes_of(ledger, tested or next((c.facts.get("accuracy") for c in reversed(cycles)), None)),
            people=people_of(events),
            per_minute=workspace.pace.per_minute(now()),
            decisions=decisions_of(events),
            history=[{**row, "at": _minute(row["at"])} for row in class_history(events)],
            of=_share,
        )
    )


def _share(value: dict[str, Any]) -> str:
    """A share with its interval and what it was counted on."""
    low, high = 100 * value["low"], 100 * value["high"]
    return f"{100 * value['share']:.0f}\u00a0% ({low:.0f} to {high:.0f}; {value['right']} of {value['counted']})"


def _day(at: str) -> str:
    return datetime.fromisoformat(at).strftime("%Y-%m-%d")


def _minute(at: str) -> str:
    return datetime.fromisoformat(at).strftime("%Y-%m-%d %H:%M UTC")
