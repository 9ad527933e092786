"""Asking for a training: by the button, and by enough new labels."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request

from swither.project.clock import now
from swither.project.project import Project
from swither.web.workspace import in_thread, workspace_of

router = APIRouter()


@router.post("/api/train")
async def post_train(request: Request) -> dict[str, Any]:
    """Ask for a training now; one that waits already is it."""
    workspace = workspace_of(request)

    def ask() -> dict[str, Any]:
        job = workspace.project.store.request_job("cycle", now())
        start_worker(workspace.project)
        return {"job": job.number, "state": job.state}

    return await in_thread(workspace.answers, ask)


def train_when_due(project: Project) -> None:
    """Ask for a training where enough was said since the last one."""
    from swither.project.due import request_if_due

    if request_if_due(project) is not None:
        start_worker(project)


def start_worker(project: Project) -> bool:
    """Have the background worker run, which outlives this server; whether it was started now."""
    from swither.project.worker_process import ensure_worker

    return ensure_worker(project)
