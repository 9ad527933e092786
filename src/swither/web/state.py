"""GET /api/state: where the project stands, in one object."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request

import swither
from swither.project.clock import now
from swither.project.ledger import Ledger
from swither.project.left import images_left
from swither.project.project import Project
from swither.project.records import Cycle, Job
from swither.web.workspace import Workspace, in_thread, workspace_of

router = APIRouter()


@router.get("/api/state")
async def get_state(request: Request) -> dict[str, Any]:
    """Where the project stands now."""
    workspace = workspace_of(request)
    return await in_thread(workspace.answers, lambda: state_of(workspace, workspace.by(request)))


def state_of(workspace: Workspace, by: str) -> dict[str, Any]:
    """The object that the page draws itself from.

    Args:
        workspace: the project.
        by: who looks.
    """
    project = workspace.project
    version = project.store.changes()  # before anything is read: what comes later is another version
    ledger = project.ledger()
    cycles = project.store.cycles()
    counts = counts_of(workspace, ledger)
    return {
        "project": {
            "id": workspace.identity,
            "name": project.settings.name,
            "folder": str(project.images),
            "notice": project.store.note("notice"),
            "seconds_per_cycle": project.settings.seconds_per_cycle,
            "retrain_after": project.settings.retrain_after,
        },
        "by": by,
        "classes": classes_of(ledger),
        "counts": counts,
        "indexing": indexing_of(workspace),
        "job": job_of(project.store.jobs(1)),
        "cycle": cycle_of(cycles, *workspace.tested()),
        "first_training": first_training_of(project, ledger, cycles),
        "advice": advice_of(cycles, workspace.tested()[1]),
        "pace": pace_of(workspace, counts["left"]),
        "model": model_of(project),
        "version": version,
        "swither": swither.__version__,
    }


def classes_of(ledger: Ledger) -> list[dict[str, Any]]:
    """Every class that was ever added, in order: keys belong to them for good."""
    return [
        {"id": one.id, "name": one.name, "key": one.key, "labels": one.labels, "merged_into": one.merged_into}
        for one in ledger.classes
    ]


def counts_of(workspace: Workspace, ledger: Ledger) -> dict[str, int]:
    """Files and images found so far, and what became of them.

    An image that was not read yet counts as one of its own; one whose files are gone or cannot be read keeps its label,
    and is none of those among which some are left.
    """
    files, images = workspace.files_and_images()
    labelled, declined = len(ledger.labels), len(ledger.declined_images)
    return {
        "files": files,
        "images": images,
        "labelled": labelled,
        "declined": declined,
        "left": images_left(images, ledger, workspace.gone()),
    }


def indexing_of(workspace: Workspace) -> dict[str, Any]:
    """How far the reading of the folder is."""
    note = workspace.project.store.note("indexing") or {}
    return {
        "what": note.get("what", "waiting"),
        "done": note.get("done", 0),
        "of": note.get("of", 0),
        "problems": note.get("problems", 0),
        "running": bool(note.get("running", True)),
        "named": note.get("named", []),
    }


def job_of(jobs: tuple[Job, ...]) -> dict[str, Any] | None:
    """The latest training job, as far as it is of interest."""
    if not jobs:
        return None
    job = jobs[0]
    progress: Mapping[str, Any] = job.progress
    return {
        "number": job.number,
        "state": job.state,
        "what": progress.get("what", ""),
        "done": progress.get("done", 0),
        "of": progress.get("of", 0),
        "error": job.error or None,
    }


def cycle_of(cycles: tuple[Cycle, ...], tested: int, accuracy: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The latest finished training.

    Args:
        cycles: all that finished, in order.
        tested: number of the cycle that `accuracy` is of.
        accuracy: what is shown of that one by now; an older one is not shown beside a newer cycle.
    """
    if not cycles:
        return None
    cycle = cycles[-1]
    return {
        "number": cycle.number,
        "labelled": cycle.labelled,
        "at": cycle.at,
        "accuracy": accuracy if tested == cycle.number else cycle.facts.get("accuracy"),
        "facts": cycle.facts,
    }


def first_training_of(project: Project, ledger: Ledger, cycles: tuple[Cycle, ...]) -> dict[str, int] | None:
    """What the first training waits for; None once there was one.

    Args:
        project: whose settings say how many answers it takes.
        ledger: knows the answers.
        cycles: all that finished, in order.

    Returns:
        ``labels`` and ``classes``: how many of each are lacking.
    """
    if any(cycle.training is not None for cycle in cycles):
        return None
    from swither.project.due import lacking

    held = project.store.held_out()
    classes = {label for image, label in ledger.labels.items() if image not in held}
    return {"labels": lacking(project), "classes": max(0, 2 - len(classes))}


def advice_of(cycles: tuple[Cycle, ...], accuracy: Mapping[str, Any] | None = None) -> dict[str, str]:
    """Whether to go on, in words.

    Args:
        cycles: all that finished, in order.
        accuracy: of the latest by now, as the page shows it; None: as it was measured.
    """
    from swither.project.advice import advice

    said = advice(cycles, accuracy)
    return {"verdict": said.verdict, "words": said.words}


def pace_of(workspace: Workspace, left: int) -> dict[str, float | None]:
    """Answers a minute, and how long the rest would take so."""
    workspace.pace.take(workspace.project.store.events(workspace.pace.sequence))
    per_minute = workspace.pace.per_minute(now())
    return {"per_minute": per_minute, "seconds_left": round(60 * left / per_minute) if per_minute else None}


def model_of(project: Project) -> dict[str, str | None]:
    """What looks at the images; and, where its backbone is missing, what is used instead and how to change it."""
    from swither.project.embeddings import backbone_state

    state = backbone_state(project)
    return {"words": state["words"] or state["used"], "missing": state["missing"], "command": state["command"]}
