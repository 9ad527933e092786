"""What a request carries: a JSON body, numbers in its address; anything else is answered in words."""

from __future__ import annotations

import json
from typing import Any

from starlette.requests import Request

from swither.errors import InputError


async def json_body(request: Request) -> dict[str, Any]:
    """The request's body as a JSON object; empty where nothing was sent.

    Raises:
        InputError: it is none.
    """
    sent = await request.body()
    try:
        value = json.loads(sent or b"{}")
    except (ValueError, RecursionError) as error:
        raise InputError(f"Expected JSON in the request's body: {error}.") from error
    if not isinstance(value, dict):
        raise InputError(f"Expected a JSON object in the request's body, got {type(value).__name__}.")
    return value


def number(request: Request, name: str, otherwise: int, most: int, least: int = 1) -> int:
    """A whole number from `least` in the request's address.

    Raises:
        InputError: it is none, below that, or over `most`.
    """
    given = request.query_params.get(name)
    if given is None or given == "":
        return otherwise
    if not (given.isascii() and given.isdigit() and len(given) < 10 and least <= int(given) <= most):
        raise InputError(f"Expected {name} from {least} to {most}, got {given[:40]!r}.")
    return int(given)


def text(request: Request, name: str, longest: int = 200) -> str:
    """A text in the request's address; empty where there is none."""
    given = request.query_params.get(name, "").strip()
    if len(given) > longest:
        raise InputError(f"Expected {name} of at most {longest} characters, got {len(given)}.")
    return given
