"""From where the server may be asked, under which names, and with which token."""

from __future__ import annotations

import hmac
import ipaddress
import secrets
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from swither.errors import InputError

SHORTEST_TOKEN = 16

_LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class Access:
    """From where the server may be asked, and with which token.

    Attributes:
        host: the address that it listens on.
        token: what everyone must show; None only on loopback.
        names: further names that it may be called by, as behind a proxy.
        cookie: name of the cookie that keeps the token: browsers send cookies to every port of a host.
    """

    host: str = "127.0.0.1"
    token: str | None = None
    names: tuple[str, ...] = ()
    cookie: str = "swither-token"

    def __post_init__(self) -> None:
        if self.token is None and not is_loopback(self.host):
            raise InputError(
                f"Listening on {self.host} lets others in: a token is needed there, or listen on 127.0.0.1."
            )
        if self.token is not None and (len(self.token) < SHORTEST_TOKEN or not self.token.isascii()):
            raise InputError(
                f"Expected a token of at least {SHORTEST_TOKEN} letters and digits, got {len(self.token)}."
            )

    def knows(self, host: str) -> bool:
        """Whether a request to `host` (as its Host header says) is meant for this server.

        A page elsewhere may point a name of its own at this address and so be of "the same origin"; it cannot do so
        with an address in figures, nor with the names that are listed here.
        """
        name = _host_name(host)
        if name in _LOOPBACK_NAMES or name in self.names or name == self.host.lower().strip("[]"):
            return True
        if is_loopback(self.host):
            return False
        return _is_address(name) or name in {socket.gethostname().lower(), socket.getfqdn().lower()}

    def admits(self, shown: str | None) -> bool:
        """Whether this is the token; compared in a time that says nothing of where they differ."""
        if self.token is None:
            return True
        return shown is not None and hmac.compare_digest(shown.encode(), self.token.encode())


def new_token() -> str:
    """A token that nobody guesses: 256 bits of the system's randomness."""
    return secrets.token_urlsafe(32)


def is_loopback(host: str) -> bool:
    """Whether an address to listen on is reached from this machine alone.

    Example:
        >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("0.0.0.0")
        (True, True, False)
    """
    if host.lower() == "localhost":
        return True
    return _is_address(host) and ipaddress.ip_address(host.strip("[]")).is_loopback


def _host_name(host: str) -> str:
    """The name in a Host header, without the port.

    Example:
        >>> _host_name("LocalHost:8000"), _host_name("[::1]:8000"), _host_name("")
        ('localhost', '::1', '')
    """
    try:
        return (urlsplit(f"//{host}").hostname or "").lower()
    except ValueError:
        return ""


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True
