"""The server's process: an address, uvicorn on it, and an end that leaves nothing half done."""

from __future__ import annotations

import errno
import os
import signal
import socket
from collections.abc import Callable
from urllib.parse import quote

import uvicorn

from swither.errors import InputError
from swither.web.access import Access, is_loopback
from swither.web.app import make_app
from swither.web.heartbeat import Heartbeat, Served
from swither.web.workspace import Workspace

DEFAULT_PORT = 8421
PORTS_TRIED = 20


def listen(host: str, port: int | None) -> socket.socket:
    """Take a port; where none was asked for, the first free one from the default.

    Args:
        host: address to listen on.
        port: None for any; 0 for one that the system chooses.

    Raises:
        InputError: the asked port is taken, or the address is not of this machine.
    """
    wanted = [port] if port is not None else [*range(DEFAULT_PORT, DEFAULT_PORT + PORTS_TRIED), 0]
    for one in wanted:
        try:
            return _bound(host, one)
        except OSError as error:
            if error.errno != errno.EADDRINUSE or len(wanted) == 1 or one == 0:
                raise InputError(
                    f"Cannot listen on {host}, port {one}: {error.strerror or error}. Give another --port or --host."
                ) from error
    raise AssertionError("port 0 is always free")


def address(host: str, port: int, token: str | None) -> str:
    """What to open in a browser.

    Example:
        >>> address("127.0.0.1", 8421, None), address("0.0.0.0", 80, "x")[-7:]
        ('http://127.0.0.1:8421/', 'token=x')
    """
    if host in ("0.0.0.0", "::"):
        host = socket.gethostname()
    name = f"[{host}]" if ":" in host else host
    return f"http://{name}:{port}/" + (f"?token={quote(token, safe='')}" if token else "")


def address_in_figures(host: str, port: int, token: str | None) -> str | None:
    """The address by this machine's IP address, where it listens on every one: its name is not known everywhere.

    Args:
        host: address to listen on.
        port: that it listens on.
        token: what a browser must show.

    Returns:
        None where `address` says it already, or where this machine is in no network.
    """
    if host not in ("0.0.0.0", "::"):
        return None
    # Connecting without sending: the system only says by which of its addresses it would go there.
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as way:
        try:
            way.connect(("192.0.2.1", 9))
        except OSError:
            return None
        own = str(way.getsockname()[0])
    return None if own == "0.0.0.0" or is_loopback(own) else address(own, port, token)


def served_at(listening: socket.socket, host: str) -> Served:
    """Where a server is found from this machine.

    Args:
        listening: from `listen`.
        host: the address that was asked for.
    """
    port = int(listening.getsockname()[1])
    near = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return Served(address(host, port, None), near, port)


def serve(
    workspace: Workspace, listening: socket.socket, access: Access, started: Callable[[], None] | None = None
) -> None:
    """Serve until ^C or a signal to end; every label that was acknowledged is stored by then.

    Args:
        workspace: the project.
        listening: from `listen`.
        access: who may ask.
        started: called once the address answers.
    """
    config = uvicorn.Config(
        make_app(workspace, access),
        log_level="warning",
        access_log=False,
        server_header=False,
        date_header=False,
        lifespan="on",
        timeout_graceful_shutdown=3,
        timeout_keep_alive=75,
        h11_max_incomplete_event_size=64 * 1024,
        ws="none",
        proxy_headers=False,  # what a request says of itself is nothing to go by
    )
    server = _Server(config, workspace, started)
    # uvicorn ends in order and then sends itself the signal again: that must not end the process before the rest.
    ended = signal.signal(signal.SIGTERM, _interrupt)
    try:
        with Heartbeat(workspace.project, workspace.stopping, served_at(listening, access.host)):
            server.run(sockets=[listening])
    except KeyboardInterrupt:
        pass
    finally:
        signal.signal(signal.SIGTERM, ended)


class _Server(uvicorn.Server):
    """Ends open streams when it is told to end, and says when it answers."""

    def __init__(self, config: uvicorn.Config, workspace: Workspace, started: Callable[[], None] | None) -> None:
        super().__init__(config)
        self._workspace = workspace
        self._said = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self._said is not None and self.started:
            self._said()

    def handle_exit(self, sig: int, frame: object) -> None:
        self._workspace.stopping.set()
        super().handle_exit(sig, frame)  # type: ignore[arg-type]


def _interrupt(number: int, frame: object) -> None:  # noqa: ARG001
    raise KeyboardInterrupt


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name != "nt":  # there it would let a second server take the same port
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(128)
    except OSError:
        listening.close()
        raise
    return listening
