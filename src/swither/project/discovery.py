"""Which image files there are: the folder is walked, the store told, and what was read before is not read again."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from swither.errors import Busy, SwitherError, plural
from swither.files import locked
from swither.project.clock import now
from swither.project.embeddings import look_again
from swither.project.notes import WALKED
from swither.project.records import ImageFile
from swither.project.walk import Passed, walk

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from swither.project.project import Project

__all__ = ["Discovery", "walk"]

_FIRST, _BLOCK = 64, 2000
"""Files told to the store together: few at first, so that somebody can be shown one of them at once."""


class Discovery:
    """One walk through a project's folder, in pieces.

    New and changed files are told to the store in blocks as they are found; at the end those that were not met are
    marked as not present, save below folders that could not be opened. A file of the size and time that the store
    knows keeps what was read of it. What was renamed or moved counts as vanished and new, and is known again by its
    content once it is read. Only one process walks a project at a time.

    Args:
        project: whose folder.

    Attributes:
        found: files met so far.
        changed: of them, files that are new or not as they were.
        vanished: files that are no longer there; known at the end.
        passed: what was met beside image files.
        problem: why the folder cannot be walked, None where it can.
        done: whether the walk is at its end.
        busy: whether another process walks this project, so that this one did not.
    """

    def __init__(self, project: Project) -> None:
        self.project = project
        self.found = self.changed = self.vanished = 0
        self.passed = Passed()
        self.problem: str | None = None
        self.done = self.busy = False
        self._lock: AbstractContextManager[None] | None = None
        self._known: dict[str, ImageFile] = {}
        self._walk: Iterator[ImageFile] = iter(())

    def run(self) -> None:
        """Walk to the end."""
        while self.step(60.0):
            pass

    def step(self, seconds: float) -> bool:
        """Walk on for about so long, at least one block; whether there is more to do."""
        if self.done:
            return False
        try:
            if self._lock is None and not self._begin():
                return False
            until = time.monotonic() + seconds
            while self._take_block():
                if time.monotonic() >= until:
                    return True
            self._finish()
        except SwitherError:  # the store or the lock, and not the folder
            self._stop("interrupted")
            raise
        except OSError as error:
            self._stop(f"The folder {self.project.images} cannot be opened: {error.strerror or error}.")
            return False
        except BaseException:
            self._stop("interrupted")
            raise
        return False

    def close(self) -> None:
        """Give up the rest of the walk; nothing is marked as vanished."""
        if not self.done:
            self._stop("interrupted")

    def words(self) -> str:
        """What was found and passed by, for people."""
        if self.problem:
            return self.problem
        met = ", ".join(f"{name} ({count:,})" for name, count in self.passed.left_out.most_common(5))
        passed = f" Passed by: {met}." if met else ""
        closed = f" {plural(len(self.passed.closed), 'folder')} could not be opened." if self.passed.closed else ""
        return f"{plural(self.found, 'image file')}.{passed}{closed}"

    def _begin(self) -> bool:
        lock = locked(self.project.derived("indexing") / "walk.lock")
        try:
            lock.__enter__()
        except Busy:
            self.done = self.busy = True
            return False
        self._lock = lock
        self._known = {file.path: file for file in self.project.store.files()}
        self._walk = walk(self.project.images, self.passed, self.project.folder)
        return True

    def _take_block(self) -> bool:
        block, last = [], True
        for met, file in enumerate(self._walk, 1):
            self.found += 1
            known = self._known.pop(file.path, None)
            if known is None or (known.size, known.modified) != (file.size, file.modified):
                block.append(file)
            elif not known.present:
                block.append(replace(known, present=True))
            if met == _BLOCK or self.found == _FIRST:
                last = False
                break
        self._put(block)
        self.changed += len(block)
        return not last

    def _finish(self) -> None:
        closed = tuple(f"{folder}/" for folder, _ in self.passed.closed)
        gone = [file for file in self._known.values() if file.present and not (closed and file.path.startswith(closed))]
        self._put([replace(file, present=False) for file in gone])
        self.vanished = len(gone)
        if self.project.store.note(WALKED) is None:
            self.project.store.set_note(WALKED, now())
        self._stop(None)

    def _put(self, files: list[ImageFile]) -> None:
        if files:
            self.project.store.put_files(files)
            look_again(self.project)

    def _stop(self, problem: str | None) -> None:
        self.done, self.problem = True, problem
        self._known = {}
        lock, self._lock = self._lock, None
        if lock is not None:
            lock.__exit__(None, None, None)
