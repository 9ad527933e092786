"""What the running server keeps in memory: the project, who labels, and how many may do what at once."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import Any, TypeVar

import anyio
import anyio.to_thread
from starlette.requests import Request

from swither.project.left import not_shown
from swither.project.project import Project
from swither.web.pace import Pace
from swither.web.remembered import Remembered
from swither.web.session import annotator, system_user

Result = TypeVar("Result")

_log = logging.getLogger(__name__)


class Workspace:
    """One project behind one server; reached by every route as `workspace_of(request)`.

    Work that blocks runs in threads, each kind within a limit of its own: an answer to a key never waits for the
    decoding of an image, and neither for an explanation.

    Attributes:
        project: what is labelled.
        user: who labels where the browser says nothing else.
        stopping: set when the server ends, so that open streams end too.
        answers: limit for what a key waits for.
        asking: limit for what finds the next images, which may have to be read for it.
        images: limit for decoding.
        thoughts: limit for what computes or reads much.
        pace: how quickly answers come.
        files_and_images: how many files and different images there are; a file that was not read yet is an image too.
        gone: images of which no file is there that can be shown.
        tested: number of the latest cycle (0 before the first), and its accuracy on the test images labelled by now.
        near: image -> its near copies; made behind the answers.
    """

    def __init__(self, project: Project, user: str | None = None) -> None:
        self.project = project
        self.user = user or system_user()
        self.stopping = threading.Event()
        self.answers = anyio.CapacityLimiter(8)
        self.asking = anyio.CapacityLimiter(3)
        self.images = anyio.CapacityLimiter(3)
        self.thoughts = anyio.CapacityLimiter(2)
        self.pace = Pace()
        self._background = ThreadPoolExecutor(1, "swither-later")
        self.files_and_images = Remembered(self._count)
        self.gone: Remembered[frozenset[str]] = Remembered(lambda: not_shown(self.project.store.files()))
        self.tested = Remembered(self._tested, seconds=1.0)
        self.near: Remembered[dict[str, list[str]]] = Remembered(self._near_copies, {}, seconds=5.0, behind=self.later)

    @cached_property
    def identity(self) -> str:
        """The project's id, by which a page knows that it is still the same."""
        return self.project.store.identity()

    def by(self, request: Request) -> str:
        """Who asks."""
        return annotator(request, self.user)

    def later(self, work: Callable[[], object]) -> None:
        """Do something behind the answer that is being given, one thing after the other."""

        def do() -> None:
            try:
                work()
            except Exception:
                _log.exception("what was to be done behind an answer failed; everything stored is stored")

        if not self.stopping.is_set():
            self._background.submit(do)

    def close(self) -> None:
        """End the streams and what is still to be done behind answers; then let go of the project."""
        self.stopping.set()
        self._background.shutdown(wait=True)
        self.project.close()

    def _count(self) -> tuple[int, int]:
        return self.project.store.count_files()

    def _tested(self) -> tuple[int, Mapping[str, Any] | None]:
        cycles = self.project.store.cycles()
        if not cycles:
            return 0, None
        from swither.project.accuracy import accuracy_by_now

        return cycles[-1].number, accuracy_by_now(self.project, cycles[-1])

    def _near_copies(self) -> dict[str, list[str]]:
        from swither.project.near_copies import near_copies

        return alike(near_copies(self.project))


def alike(groups: Mapping[str, str]) -> dict[str, list[str]]:
    """Image -> the others of its group.

    Example:
        >>> alike({"a": "g", "b": "g", "c": "h"})
        {'a': ['b'], 'b': ['a']}
    """
    members: dict[str, list[str]] = {}
    for image, group in groups.items():
        members.setdefault(group, []).append(image)
    return {
        one: [other for other in group if other != one] for group in members.values() if len(group) > 1 for one in group
    }


def workspace_of(request: Request) -> Workspace:
    """The workspace of the application that answers this request."""
    workspace: Workspace = request.app.state.workspace
    return workspace


async def in_thread(limiter: anyio.CapacityLimiter, work: Callable[[], Result]) -> Result:
    """Do blocking work beside the server's loop, within a limit."""
    return await anyio.to_thread.run_sync(work, limiter=limiter)
