"""Nobody but the page of this server, opened by somebody who may, changes or reads anything."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from swither.web.access import Access
from swither.web.security import LARGEST_BODY, Guard, TooLarge

TOKEN = "a-token-of-enough-letters"
CHANGE = {"X-Swither": "1", "Content-Type": "application/json"}


async def _answer(request: Request) -> JSONResponse:
    body = await request.body()
    return JSONResponse({"bytes": len(body), "query": str(request.url.query)})


async def _too_large(request: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"error": "too large"}, 413)


def guarded(access: Access | None = None, base: str = "http://127.0.0.1:8421") -> TestClient:
    """A client of an application that answers everything, behind the guard."""
    routes = [Route(path, _answer, methods=["GET", "POST"]) for path in ("/", "/report", "/api/state", "/images/a")]
    app = Starlette(routes=routes, exception_handlers={TooLarge: _too_large})
    return TestClient(Guard(app, access or Access()), base_url=base, follow_redirects=False)


@pytest.mark.parametrize("host", ["127.0.0.1:8421", "localhost", "LOCALHOST:1", "[::1]:8421"])
def test_names_of_this_machine_are_answered(host: str) -> None:
    assert guarded().get("/api/state", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:8421", "", "[", "192.168.1.7"]
)
def test_a_name_that_somebody_else_points_here_is_refused(host: str) -> None:
    answer = guarded().get("/api/state", headers={"host": host})
    assert answer.status_code == 421
    assert "error" in answer.json()


def test_elsewhere_addresses_and_given_names_are_answered_and_other_names_refused() -> None:
    access = Access("0.0.0.0", TOKEN, names=("labels.example",))
    for host, status in (("192.168.1.7:8421", 200), ("labels.example", 200), ("evil.example", 421)):
        client = guarded(access)
        answer = client.get("/api/state", headers={"host": host, "authorization": f"Bearer {TOKEN}"})
        assert answer.status_code == status, host


def test_the_token_in_the_address_becomes_a_cookie_that_no_script_reads_and_leaves_the_address() -> None:
    client = guarded(Access("0.0.0.0", TOKEN, cookie="swither-token-8421"))
    answer = client.get(f"/?token={TOKEN}&theme=dark")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/?theme=dark"
    kept = answer.headers["set-cookie"].lower()
    assert "swither-token-8421=" in kept
    assert "httponly" in kept
    assert "samesite=strict" in kept
    assert client.get("/").status_code == 200
    assert client.post("/api/state", headers=CHANGE).status_code == 200


def test_a_link_with_the_token_followed_from_elsewhere_arrives_too() -> None:
    client = guarded(Access("0.0.0.0", TOKEN))
    cross = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    answer = client.get(f"/?token={TOKEN}", headers=cross)
    assert answer.status_code == 200
    assert 'http-equiv="refresh"' in answer.text
    assert TOKEN not in answer.text
    assert client.get("/").status_code == 200


@pytest.mark.parametrize("path", ["/", "/report", "/api/state", "/images/a"])
@pytest.mark.parametrize(
    "shown", [{}, {"cookie": "swither-token=wrong"}, {"authorization": f"Bearer {TOKEN}x"}, {"cookie": ";;=,"}]
)
def test_without_the_token_nothing_is_answered(path: str, shown: dict[str, str]) -> None:
    answer = guarded(Access("0.0.0.0", TOKEN)).get(path, headers=shown)
    assert answer.status_code == 401
    assert "query" not in answer.text


def test_a_wrong_token_in_the_address_sets_no_cookie() -> None:
    answer = guarded(Access("0.0.0.0", TOKEN)).get("/?token=wrong")
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "foreign",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:9999"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"X-Swither": ""},
    ],
)
def test_a_change_that_another_site_asks_for_is_refused(foreign: dict[str, str]) -> None:
    answer = guarded().post("/api/state", headers=CHANGE | foreign, content=b"{}")
    assert answer.status_code == 403


def test_a_change_that_the_page_asks_for_is_made() -> None:
    ours = {"origin": "http://127.0.0.1:8421", "sec-fetch-site": "same-origin"}
    assert guarded().post("/api/state", headers=CHANGE | ours, content=b"{}").json()["bytes"] == 2


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_site_reads_neither_state_nor_images_but_may_link_to_the_page(site: str) -> None:
    asked = {"sec-fetch-site": site}
    assert guarded().get("/api/state", headers=asked | {"sec-fetch-mode": "cors"}).status_code == 403
    assert guarded().get("/api/state", headers=asked | {"sec-fetch-mode": "navigate"}).status_code == 403
    assert guarded().get("/images/a", headers=asked | {"sec-fetch-mode": "no-cors"}).status_code == 403
    assert guarded().get("/", headers=asked | {"sec-fetch-mode": "no-cors"}).status_code == 403
    assert guarded().get("/", headers=asked | {"sec-fetch-mode": "navigate"}).status_code == 200


def test_a_body_over_the_limit_is_refused_whether_or_not_it_says_how_long_it_is() -> None:
    def in_pieces() -> Any:
        for _ in range(3):
            yield b" " * (LARGEST_BODY // 2)

    assert guarded().post("/api/state", headers=CHANGE, content=b" " * (LARGEST_BODY + 1)).status_code == 413
    assert guarded().post("/api/state", headers=CHANGE, content=in_pieces()).status_code == 413
    assert guarded().post("/api/state", headers=CHANGE, content=b" " * LARGEST_BODY).status_code == 200


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_a_form_of_another_page_is_no_change(kind: str) -> None:
    answer = guarded().post("/api/state", headers={"X-Swither": "1", "Content-Type": kind}, content=b"{}")
    assert answer.status_code == 415


def _allowed(client: TestClient) -> Any:
    return client.get("/api/state")


def _refused(client: TestClient) -> Any:
    return client.get("/api/state", headers={"host": "evil.example"})


def _missing(client: TestClient) -> Any:
    return client.get("/nothing")


@pytest.mark.parametrize("ask", [_allowed, _refused, _missing])
def test_every_answer_carries_the_policy(ask: Callable[[TestClient], Any]) -> None:
    headers = ask(guarded()).headers
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "access-control-allow-origin" not in headers
