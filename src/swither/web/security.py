"""What may be asked: the host's name, the token, the origin of changes, sizes; and the policy of every answer."""

from __future__ import annotations

import html
import logging
from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from swither.web.access import Access

_log = logging.getLogger(__name__)

UNEXPECTED = "The server met an error that it did not expect; its terminal says more. Nothing that was stored is lost."
LARGEST_BODY = 1_000_000
CHANGE_HEADER = "x-swither"

_PAGES = ("/", "/report")
_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")

POLICY = (
    "default-src 'self'; img-src 'self' blob: data:; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "font-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)

_HEADERS: Mapping[str, str] = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
    "cache-control": "no-store",
    CHANGE_HEADER: "1",  # so that the page knows an answer of ours from one of another server at the same address
}


class Guard:
    """Wraps the application: refuses what may not be asked, and adds the headers that every answer has."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self.app = app
        self.access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self.app(scope, receive, send)
            return

        begun = False

        async def with_headers(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        refusal = self._refusal(scope)
        if refusal is not None:
            await refusal(scope, receive, with_headers)
            return
        try:
            await self.app(scope, _limited(receive), with_headers)
        except Exception:
            _log.exception("%s %s failed", scope["method"], scope["path"])
            if not begun:
                await refused(500, UNEXPECTED)(scope, receive, with_headers)

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        if not self.access.knows(headers.get("host", "")):
            return refused(421, "This server does not go by that name; open the address that it printed.")
        changes = scope["method"] not in _SAFE_METHODS
        if words := _foreign(scope, headers, changes):
            return refused(403, words)
        if (answer := self._token(scope, headers)) is not None:
            return answer
        return _unfit(headers) if changes else None

    def _token(self, scope: Scope, headers: Headers) -> Response | None:
        """None where the token was shown; else what is answered."""
        if self.access.token is None:
            return None
        asked = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        shown = dict(asked).get("token")
        if scope["method"] == "GET" and shown is not None and scope["path"] in _PAGES:
            if not self.access.admits(shown):
                return _not_admitted(scope)
            rest = urlencode([(name, value) for name, value in asked if name != "token"])
            return self._let_in(scope["path"] + (f"?{rest}" if rest else ""), headers)
        bearer = headers.get("authorization", "").removeprefix("Bearer ") or None
        if self.access.admits(cookie(headers, self.access.cookie)) or self.access.admits(bearer):
            return None
        return _not_admitted(scope)

    def _let_in(self, target: str, headers: Headers) -> Response:
        """Keep the token in a cookie, and take it out of the address."""
        answer: Response
        if headers.get("sec-fetch-site", "none") in ("none", "same-origin"):
            answer = RedirectResponse(target, 303)
        else:
            # Followed from another page, a redirect would be sent without a strict cookie; a page of ours is not.
            answer = HTMLResponse(f'<!doctype html><meta http-equiv="refresh" content="0;url={html.escape(target)}">')
        answer.set_cookie(self.access.cookie, self.access.token or "", httponly=True, samesite="strict", path="/")
        return answer


def refused(status: int, words: str) -> JSONResponse:
    """An error as everything here answers it."""
    return JSONResponse({"error": words}, status)


def cookie(headers: Headers, name: str) -> str | None:
    """A cookie of the request."""
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(name)
    except CookieError:
        return None
    return None if found is None else found.value


def _foreign(scope: Scope, headers: Headers, changes: bool) -> str | None:
    """Why a request that another site began is refused; None for our own page's and for programs'."""
    site = headers.get("sec-fetch-site", "none")
    navigates = scope["path"] in _PAGES and headers.get("sec-fetch-mode", "navigate") == "navigate"
    if site not in ("same-origin", "none") and (changes or not navigates):
        return "Another site asked for this; only the page of this server may."
    if not changes:
        return None
    origin = headers.get("origin")
    if origin is not None and urlsplit(origin).netloc.lower() != headers.get("host", "").lower():
        return f"A change was asked for by {origin[:200]}; only the page of this server may."
    if headers.get(CHANGE_HEADER) != "1":
        return "A change needs the header X-Swither: 1, which other sites cannot send."
    return None


def _unfit(headers: Headers) -> Response | None:
    """What is wrong with the body of a change, as far as its headers tell."""
    length = headers.get("content-length", "0")
    if not length.isdigit() or int(length) > LARGEST_BODY:
        return refused(413, f"Expected at most {LARGEST_BODY:,} bytes, got {length[:20]}. Send it in parts.")
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in ("application/json", ""):
        return refused(415, f"Expected application/json, got {kind[:100]}.")
    return None


class TooLarge(Exception):
    """A body without a stated length that is over the limit."""


def _limited(receive: Receive) -> Receive:
    """Count the bytes of a body that did not say how many they are."""
    taken = 0

    async def counted() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > LARGEST_BODY:
            raise TooLarge
        return message

    return counted


def _not_admitted(scope: Scope) -> Response:
    words = "This page needs its token: open the address that the command printed, with ?token= in it."
    if scope["path"] in _PAGES and scope["method"] == "GET":
        return HTMLResponse(f"<!doctype html><title>swither</title><p>{words}</p>", 401)
    return refused(401, words)
