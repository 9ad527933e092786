"""GET /api/export: the labels as one file; what is a folder is left to the command line."""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path

from fastapi import APIRouter, Request
from starlette.background import BackgroundTask
from starlette.responses import FileResponse, Response

from swither.errors import InputError
from swither.web.requests import text
from swither.web.workspace import Workspace, in_thread, workspace_of

router = APIRouter()


@router.get("/api/export")
async def get_export(request: Request) -> Response:
    """The labels as a file of the format that is asked for, CSV where none is."""
    workspace = workspace_of(request)
    name = text(request, "format") or "csv"
    return await in_thread(workspace.thoughts, lambda: exported(workspace, name))


def exported(workspace: Workspace, name: str) -> Response:
    """A file to be kept; the server's copy is removed when it has been sent.

    Args:
        workspace: whose labels.
        name: of the format.

    Raises:
        InputError: there are no labels, no such format, or it is a folder.
    """
    from swither.project.exporting.formats import FORMATS, export

    project = workspace.project
    form = FORMATS.get(name)
    if form is not None and not form.suffix:
        raise InputError(
            f"{form.title} is a folder and no file. Write it with: swither export {name} {project.images} --out FOLDER"
        )
    folder = Path(tempfile.mkdtemp(prefix="swither-export-"))
    try:
        done = export(project, name, folder / f"labels{form.suffix if form else ''}")
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    assert form is not None, "an unknown format was refused"
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", project.settings.name).strip("-.") or "labels"
    return FileResponse(
        done.out,
        media_type=form.media,
        filename=f"{plain}-labels{form.suffix}",
        background=BackgroundTask(shutil.rmtree, folder, ignore_errors=True),
    )
