"""``swither label``: a folder of photographs, labelled in the browser."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

if TYPE_CHECKING:
    from swither.project.project import Project

USAGE = "swither label FOLDER [OPTIONS]"

EXAMPLES = """Examples:

  swither label photographs
      open the page; class names are typed there
  swither label photographs --seconds-per-cycle 120
      let each training take two minutes
  swither label photographs --host 0.0.0.0
      also from other machines; prints an address with a token

Labels, settings and everything derived lie in photographs/.swither; your images are never changed."""


def label(
    folder: Annotated[Path, Parameter(help="Folder of images; sub-folders count.")],
    /,
    *,
    project: Annotated[Path | None, Parameter(help="Where labels are kept; by default FOLDER/.swither.")] = None,
    port: Annotated[int | None, Parameter(help="Port; by default 8421, or the next that is free.")] = None,
    host: Annotated[str, Parameter(help="Address to listen on; all but loopback demand a token.")] = "127.0.0.1",
    token: Annotated[
        str | None, Parameter(help="What a browser must show; made where one is needed.", env_var="SWITHER_TOKEN")
    ] = None,
    known_as: Annotated[
        tuple[str, ...], Parameter(help="Further names of this server, as behind a proxy.", negative="")
    ] = (),
    browser: Annotated[bool, Parameter(help="Open the page.", negative="--no-browser")] = True,
    name: Annotated[str | None, Parameter(help="Who labels; by default the system's user.")] = None,
    seconds_per_cycle: Annotated[float | None, Parameter(help="How long a training may take; by default 60.")] = None,
    batch: Annotated[int | None, Parameter(help="How many images each training chooses; by default 20.")] = None,
    test_limit: Annotated[int | None, Parameter(help="Images kept for testing at most; by default 250.")] = None,
) -> int:
    """Label the images of a folder in the browser, while a model learns in the background and says what to label next.

    Begins at once, however many files there are. Stopped at any time, the same command goes on.
    """
    require_page("swither label")
    from swither.project.project import Project

    changed = {"seconds_per_cycle": seconds_per_cycle, "batch": batch, "test_limit": test_limit}
    given = {key: value for key, value in changed.items() if value is not None}
    opened = Project.open_or_create(folder, project, **given)
    change_settings(opened, given)
    return serve_page(opened, port=port, host=host, token=token, known_as=known_as, browser=browser, name=name)


def change_settings(project: Project, given: Mapping[str, float | int]) -> bool:
    """Change the settings that are given and other ones now; a worker that began with the old ones is asked to end.

    Args:
        project: an open project.
        given: settings by name.

    Returns:
        Whether any was changed.

    Raises:
        InputError: one of them cannot be had any more.
    """
    from swither.project.held_out import check_limit
    from swither.project.worker_process import stop_worker, worker_lives

    if all(getattr(project.settings, name) == value for name, value in given.items()):
        return False
    if "test_limit" in given:
        check_limit(project, int(given["test_limit"]))
    project.change(**given)
    if worker_lives(project):
        stop_worker(project)  # the server starts the next one, which goes on with what this one did
    return True


def require_page(feature: str) -> None:
    """Refuse, with the command that installs it, where the page's libraries are missing."""
    from importlib.util import find_spec

    from swither.errors import MissingExtra

    for package in ("sqlalchemy", "alembic", "fastapi", "uvicorn", "jinja2"):
        if find_spec(package) is None:  # not imported: the first image is waited for
            raise MissingExtra(feature, "label", package)


def serve_page(
    project: Project,
    *,
    port: int | None = None,
    host: str = "127.0.0.1",
    token: str | None = None,
    known_as: tuple[str, ...] = (),
    browser: bool = True,
    name: str | None = None,
) -> int:
    """Serve a project's page until ^C, and say what was stored.

    Args:
        project: an open project; closed in the end.
        port: None for the first free one.
        host: address to listen on.
        token: what a browser must show.
        known_as: further names of the server.
        browser: open the page.
        name: who labels.

    Returns:
        The exit code.
    """
    import threading
    import webbrowser
    from dataclasses import replace

    from rich.console import Console

    from swither.errors import plural
    from swither.web.access import Access, is_loopback, new_token
    from swither.web.heartbeat import running_server
    from swither.web.server import address, address_in_figures, listen, serve
    from swither.web.session import checked_name
    from swither.web.workspace import Workspace

    console = Console(soft_wrap=True, highlight=False, markup=False)
    loopback = is_loopback(host)
    with project:
        user = checked_name(name) if name is not None else None
        access = Access(host, token or (None if loopback else new_token()), tuple(one.lower() for one in known_as))
        listening = listen(host, port)
        taken = listening.getsockname()[1]
        access = replace(access, cookie=f"swither-token-{taken}")
        at = address(host, taken, access.token)
        figures, other = address_in_figures(host, taken, access.token), running_server(project)

        def started() -> None:
            console.print(f"Labelling {project.images} at {at}")
            if figures:
                console.print(f"Where this machine's name is not known: {figures}")
            if other is not None:
                console.print(
                    f"This folder is served already, at {other.url} Both pages share the labels; one server is enough."
                )
            if not loopback:
                console.print(
                    "Whoever has this address may label. It is not encrypted: share it in networks you trust."
                )
            console.print("Stop with Ctrl-C; every label is stored as you give it.", style="dim")
            if browser:
                threading.Thread(target=webbrowser.open, args=(at,), daemon=True).start()

        workspace = Workspace(project, user)
        try:
            serve(workspace, listening, access, started)
            labelled = len(project.ledger().labels)
        finally:
            workspace.close()
    console.print(f"\nStopped. {plural(labelled, 'image')} labelled, all stored in {project.folder}.")
    console.print("A training that runs goes on in the background and then ends by itself. To go on: the same command.")
    return 0
