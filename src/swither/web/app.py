"""The application: every group of routes, the errors in words, and the guard around all."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import Depends, FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp

from swither.errors import Busy, InputError, MissingExtra, NotEnoughSpace, SwitherError
from swither.web import (
    downloads,
    events,
    explanations,
    images,
    pages,
    questions,
    report,
    state,
    stream,
    training,
)
from swither.web.access import Access
from swither.web.answers import Answer
from swither.web.not_found import NotFound
from swither.web.same_project import OtherProject, same_project
from swither.web.security import LARGEST_BODY, UNEXPECTED, Guard, TooLarge, refused
from swither.web.workspace import Workspace

_log = logging.getLogger(__name__)

_OF_ANY_PROJECT = (pages, state, stream)  # they say which one is served
_GROUPS = (questions, events, images, explanations, training, downloads, report)


def make_app(workspace: Workspace, access: Access | None = None) -> ASGIApp:
    """The application that serves one project.

    Args:
        workspace: the project, and what the server keeps in memory.
        access: who may ask; None is loopback without a token.

    Returns:
        What an ASGI server runs.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:  # noqa: ARG001
        yield
        workspace.stopping.set()

    # The interactive documents of the interface would be loaded from elsewhere; nothing here is.
    app = FastAPI(
        title="swither",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        default_response_class=Answer,
    )
    app.state.workspace = workspace
    for group in _OF_ANY_PROJECT:
        app.include_router(group.router)
    for group in _GROUPS:
        app.include_router(group.router, dependencies=[Depends(same_project)])
    app.mount("/static", pages.static_files())
    app.add_exception_handler(SwitherError, _in_words)
    app.add_exception_handler(TooLarge, _too_large)
    app.add_exception_handler(HTTPException, _of_http)
    app.add_exception_handler(Exception, _unexpected)
    return Guard(app, access or Access())


def _in_words(request: Request, error: Exception) -> Response:  # noqa: ARG001
    if isinstance(error, OtherProject):
        return refused(409, str(error))
    if isinstance(error, NotFound):
        return refused(404, str(error))
    if isinstance(error, NotEnoughSpace):
        return refused(507, str(error))
    if isinstance(error, InputError):
        return refused(400, str(error))
    if isinstance(error, Busy | MissingExtra):
        return refused(503, str(error))
    _log.error("%s", error, exc_info=error)
    return refused(500, str(error))


def _too_large(request: Request, error: Exception) -> Response:  # noqa: ARG001
    return refused(413, f"Expected at most {LARGEST_BODY:,} bytes. Send it in parts.")


def _of_http(request: Request, error: Exception) -> Response:  # noqa: ARG001
    assert isinstance(error, HTTPException)
    words = "There is nothing at this address." if error.status_code == 404 else str(error.detail)
    return JSONResponse({"error": words}, error.status_code, headers=error.headers)


def _unexpected(request: Request, error: Exception) -> Response:  # noqa: ARG001
    """Answer in words; the guard, which the error reaches next, logs it."""
    return refused(500, UNEXPECTED)
