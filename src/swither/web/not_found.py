"""The error of an address or id that nothing has."""

from __future__ import annotations

from swither.errors import InputError


class NotFound(InputError):
    """Nothing has this address or id."""
