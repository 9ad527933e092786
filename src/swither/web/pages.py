"""The page itself and its static files."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from jinja2 import Environment, FileSystemLoader, select_autoescape
from starlette.responses import HTMLResponse, JSONResponse
from starlette.staticfiles import StaticFiles

import swither
from swither.project.ledger import KEYS
from swither.web.requests import json_body
from swither.web.session import checked_name, keep_name
from swither.web.workspace import workspace_of

router = APIRouter()

_HERE = Path(__file__).parent


class Revalidated(StaticFiles):
    """Files that the browser keeps and asks about: after an update nobody sees half of the old page."""

    def file_response(self, *arguments: Any, **more: Any) -> Any:
        """The file, or that it has not changed."""
        response = super().file_response(*arguments, **more)
        response.headers["cache-control"] = "no-cache"
        return response


def static_files() -> StaticFiles:
    """Scripts, styles and icons of the page, as they come with the package."""
    return Revalidated(directory=_HERE / "static")


@cache
def templates() -> Environment:
    """The pages' templates; what stands in them is escaped."""
    return Environment(loader=FileSystemLoader(_HERE / "templates"), autoescape=select_autoescape(), auto_reload=False)


@router.get("/")
async def page(request: Request) -> HTMLResponse:
    """The page; everything in it comes from the interface."""
    workspace = workspace_of(request)
    name = workspace.project.settings.name
    index = templates().get_template("index.html")
    return HTMLResponse(index.render(project=name, keys="".join(KEYS), version=swither.__version__))


@router.post("/api/name")
async def post_name(request: Request) -> JSONResponse:
    """Set who labels in this browser."""
    name = checked_name((await json_body(request)).get("name"))
    response = JSONResponse({"by": name})
    keep_name(response, name)
    return response
