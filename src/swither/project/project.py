"""A project: a folder of images that people label, and what swither keeps beside it."""

from __future__ import annotations

import os
import threading
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from swither.errors import InputError, MissingExtra
from swither.files import locked, make_folder
from swither.project.ledger import Ledger
from swither.project.settings import FILE, ProjectSettings, read_settings, write_settings

if TYPE_CHECKING:
    from swither.project.sql_store import SqlStore

FOLDER = ".swither"
"""Where a project lies in its folder of images, unless another place is named."""

DATABASE = "labels.db"


class Project:
    """The settings, the store and the derived files of one project.

    Made by `create`, `open` or `open_or_create`. May be used by many threads; each process opens its own.

    Attributes:
        folder: where the project lies.
        images: the folder of images.
        settings: as they were when it was opened; see `change`.

    Example:
        >>> import tempfile
        >>> with Project.create(Path(tempfile.mkdtemp())) as project:
        ...     project.folder.name, project.ledger().sequence
        ('.swither', 0)
    """

    def __init__(self, folder: Path, settings: ProjectSettings) -> None:
        self.folder = folder
        self.settings = settings
        self.images = Path(os.path.abspath(folder / settings.images))
        self._store: SqlStore | None = None
        self._opening = threading.Lock()
        self._reading = threading.Lock()
        self._ledger = Ledger()

    @classmethod
    def create(cls, images: Path | str, folder: Path | str | None = None, **settings: Any) -> Self:
        """Begin a project.

        Args:
            images: the folder of images.
            folder: where the project shall lie; None: ``.swither`` in the folder of images.
            **settings: of `ProjectSettings`; the name is the folder's where none is given.

        Raises:
            InputError: there is no such folder, or a project is there already.
            NotWritable: nothing can be written there.
        """
        images, folder = _image_folder(images), _project_folder(images, folder)
        with locked(folder / "project.lock", wait=True):
            if (folder / FILE).exists():
                raise InputError(f"There is a project in {folder} already. Open it, or give another folder.")
            return cls._begin(images, folder, settings)

    @classmethod
    def open(cls, folder: Path | str) -> Self:
        """Open a project, named by its own folder or by its folder of images.

        Raises:
            InputError: there is none.
            DamagedState, NewerFormat: it cannot be read; the message says what to do.
        """
        given = Path(os.path.abspath(Path(folder).expanduser()))
        for place in (given, given / FOLDER):
            if (place / FILE).is_file():
                return cls(place, read_settings(place))
        raise InputError(
            f"There is no project in {given}: expected {FILE} or {FOLDER}/{FILE} in it. "
            f"Begin one with: swither init {given}"
        )

    @classmethod
    def open_or_create(cls, images: Path | str, folder: Path | str | None = None, **settings: Any) -> Self:
        """Open the project of a folder of images, or begin it; `settings` are those of a new one."""
        given = Path(images).expanduser()
        if folder is None and (given / FILE).is_file():
            return cls.open(given)
        place = _project_folder(images, folder)
        if not (place / FILE).is_file():
            checked = _image_folder(images)
            with locked(place / "project.lock", wait=True):
                if not (place / FILE).is_file():
                    return cls._begin(checked, place, settings)
        return cls.open(place)

    @classmethod
    def _begin(cls, images: Path, folder: Path, settings: dict[str, Any]) -> Self:
        """Make the store first: settings without a store would mean that labels are missing."""
        inside = folder == images or images in folder.parents
        place = os.path.relpath(images, folder) if inside else str(images)
        if not inside and _as_text(place) != place:
            raise InputError(
                f"The path of {images!r} is not UTF-8, so a project elsewhere cannot keep it. Rename the folder, or "
                "let the project lie in it."
            )
        made = ProjectSettings(**{"name": _as_text(images.name or str(images)), "images": place, **settings})
        with _store_class()(folder / DATABASE) as store:
            store.identity()
        write_settings(folder, made)
        return cls(folder, made)

    @property
    def store(self) -> SqlStore:
        """The store, opened on first use.

        Raises:
            DamagedState, NewerFormat, NotWritable, Busy: it cannot be opened; the message says what to do.
            MissingExtra: what data bases need is not installed.
        """
        with self._opening:
            if self._store is None:
                self._store = _store_class()(self.folder / DATABASE, create=False)
            return self._store

    def ledger(self) -> Ledger:
        """What the events amount to now. What is given stays as it is; asked again, there is a newer one."""
        store = self.store
        with self._reading:
            new = store.events(self._ledger.sequence)
            if new:
                newer = self._ledger.copy()
                newer.take(new)
                self._ledger = newer
            return self._ledger

    def derived(self, name: str) -> Path:
        """Where a thing lies that can be made again, such as ``previews``; its folder is there, it may not be."""
        place = self.folder / "derived" / name
        make_folder(place.parent)
        return place

    def path_of(self, image: str) -> Path | None:
        """A file that shows the image; None where none is left.

        The first present one whose path leads, links included, to a place inside the folder of images.
        """
        root = self.images.resolve()
        for file in self.store.files_of(image):
            if file.present:
                path = (root / file.path).resolve()
                if root in path.parents and path.is_file():
                    return path
        return None

    def change(self, **settings: Any) -> None:
        """Change settings, on disk and here."""
        with locked(self.folder / "project.lock", wait=True):
            self.settings = replace(read_settings(self.folder), **settings)
            write_settings(self.folder, self.settings)

    def close(self) -> None:
        """Let go of the store; it is opened again where it is used again."""
        with self._opening:
            if self._store is not None:
                self._store.close()
                self._store = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _as_text(path: str) -> str:
    """A path with whatever is not UTF-8 in it replaced."""
    return os.fsencode(path).decode(errors="replace")


def _store_class() -> type[SqlStore]:
    """The store, whose libraries are loaded late, because a command line that asks for help needs none of them."""
    for package in ("sqlalchemy", "alembic"):
        if find_spec(package) is None:
            raise MissingExtra("A project", "label", package)
    from swither.project.sql_store import SqlStore

    return SqlStore


def _image_folder(images: Path | str) -> Path:
    path = Path(images).expanduser()
    if not path.is_dir():
        what = "a file" if path.exists() else "nothing"
        raise InputError(f"Expected a folder of images, found {what} at {path}.")
    return Path(os.path.abspath(path))


def _project_folder(images: Path | str, folder: Path | str | None) -> Path:
    path = Path(images).expanduser() / FOLDER if folder is None else Path(folder).expanduser()
    return Path(os.path.abspath(path))
