"""Who labels is what the page set, and nothing that a browser could smuggle in."""

from __future__ import annotations

import pytest
from starlette.requests import Request
from starlette.responses import Response

from swither.errors import InputError
from swither.web.session import LONGEST_NAME, annotator, checked_name, keep_name, system_user


def with_cookie(value: str) -> Request:
    """A request that brings one cookie."""
    return Request({"type": "http", "headers": [(b"cookie", value.encode("latin-1"))]})


@pytest.mark.parametrize("name", ["Ailsa", "Iain Mòr", "李", "semi;colon, comma=equals"])
def test_a_name_comes_back_as_it_was_kept(name: str) -> None:
    response = Response()
    keep_name(response, name)
    kept = response.headers["set-cookie"]
    assert "httponly" in kept.lower()
    assert "samesite=strict" in kept.lower()
    assert annotator(with_cookie(kept.partition("; ")[0]), "other") == name


@pytest.mark.parametrize(
    "cookie", ["", "swither-name=", "swither-name=%00", "swither-name=" + "x" * 200, ";;==", "other=a"]
)
def test_without_a_usable_name_it_is_the_servers(cookie: str) -> None:
    assert annotator(with_cookie(cookie), "other") == "other"


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "\ud800", "x" * (LONGEST_NAME + 1), None, 3])
def test_a_name_that_cannot_be_shown_is_refused(name: object) -> None:
    with pytest.raises(InputError):
        checked_name(name)


def test_the_system_knows_somebody() -> None:
    assert checked_name(system_user())
