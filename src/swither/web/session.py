"""Who labels: a name that the page sets, kept in a cookie; by default the system's user."""

from __future__ import annotations

import getpass
import unicodedata
from urllib.parse import quote, unquote

from starlette.requests import Request
from starlette.responses import Response

from swither.errors import InputError
from swither.web.security import cookie

COOKIE = "swither-name"
LONGEST_NAME = 80
_YEAR = 365 * 24 * 3600


def system_user() -> str:
    """The name of whoever started the server; ``annotator`` where the system does not tell."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "annotator"


def annotator(request: Request, otherwise: str) -> str:
    """The name in the request's cookie, or `otherwise`."""
    kept = cookie(request.headers, COOKIE)
    if kept is None:
        return otherwise
    try:
        return checked_name(unquote(kept))
    except InputError:
        return otherwise


def keep_name(response: Response, name: str) -> None:
    """Keep a name in the browser, where no script reads it."""
    response.set_cookie(COOKIE, quote(name), max_age=_YEAR, httponly=True, samesite="strict", path="/")


def checked_name(name: object) -> str:
    """A name as it is kept: without spaces around it, printable, not too long.

    Example:
        >>> checked_name("  Ailsa ")
        'Ailsa'
    """
    if not isinstance(name, str):
        raise InputError(f"Expected a name, got {type(name).__name__}.")
    said = unicodedata.normalize("NFC", name).strip()
    if not said or len(said) > LONGEST_NAME or not said.isprintable():
        raise InputError(f"Expected a name of 1 to {LONGEST_NAME} printable characters, got {name[:100]!r}.")
    return said
