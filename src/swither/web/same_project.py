"""Which project a request speaks of: another one may be served at the address from which its page came."""

from __future__ import annotations

from fastapi import Request

from swither.errors import InputError
from swither.web.workspace import in_thread, workspace_of

HEADER = "x-swither-project"


class OtherProject(InputError):
    """What was asked or said belongs to another project."""


async def same_project(request: Request) -> None:
    """Refuse what names another project; a program that names none knows whom it speaks to.

    Raises:
        OtherProject: the header names another one; nothing was read or stored.
    """
    named = request.headers.get(HEADER)
    if named is None:
        return
    workspace = workspace_of(request)
    if named != await in_thread(workspace.answers, lambda: workspace.identity):
        raise OtherProject(
            f"This is for another project than {workspace.project.settings.name}, which is served at this address "
            "now. Nothing was stored."
        )
