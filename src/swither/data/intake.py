"""Reading, hashing and decoding many images on all cores, with bounded memory."""

from __future__ import annotations

import os
import warnings
from collections import deque
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from swither.data.decoding import Decoded, Fit, Unreadable, decode, decode_array, hush_pillow
from swither.data.identity import array_id, content_id
from swither.data.progress import Progress
from swither.data.sources.contents import Content, Contents

_IMAGES_AT_ONCE = 32  # one task: small enough to spread, large enough that handing it over costs nothing
_BYTES_AT_ONCE = 8 << 20

_Task = TypeVar("_Task")
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Piece:
    """What became of one image.

    Attributes:
        position: of the image in its source.
        content: its hash, "" where it could not be read.
        decoded: its pixels, None where the hash was known already or it could not be read.
        problem: why it could not be read, "" where it could.
    """

    position: int
    content: str
    decoded: Decoded | None
    problem: str = ""


def take_in(
    contents: Contents, positions: Sequence[int], fit: Fit, known: Container[str], progress: Progress
) -> Iterator[Piece]:
    """Read, hash and decode the images at `positions`, several at a time.

    Memory is bounded by a few tasks of at most 32 images (or 8 MB of encoded images) for each core.

    Args:
        contents: the source.
        positions: which images.
        fit: the size that they are brought to.
        known: hashes whose pixels are at hand; such images are not decoded.
        progress: told after each task.

    Raises:
        SizesDiffer: `fit` is a size that an image does not have.
    """

    def work(task: list[tuple[int, Content]]) -> list[Piece]:
        return [_take_in_one(position, content, fit, known) for position, content in task]

    done = 0
    with warnings.catch_warnings():
        hush_pillow()  # filters are of the whole process, so they hold in the threads
        for pieces in _in_parallel(_tasks(contents.read(positions)), work, cores()):
            done += len(pieces)
            progress("decoding images", done, len(positions))
            yield from pieces


def cores() -> int:
    """How many processor cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _tasks(images: Iterable[tuple[int, Content]]) -> Iterator[list[tuple[int, Content]]]:
    task: list[tuple[int, Content]] = []
    size = 0
    for position, content in images:
        task.append((position, content))
        size += _held(content)
        if len(task) == _IMAGES_AT_ONCE or size >= _BYTES_AT_ONCE:
            yield task
            task, size = [], 0
    if task:
        yield task


def _held(content: Content) -> int:
    if isinstance(content, Path):
        return 0
    return len(content) if isinstance(content, bytes) else content.nbytes


def _take_in_one(position: int, content: Content, fit: Fit, known: Container[str]) -> Piece:
    try:
        if isinstance(content, np.ndarray):
            name = array_id(content)
            return Piece(position, name, None if name in known else decode_array(content, fit))
        data = content.read_bytes() if isinstance(content, Path) else content
        name = content_id(data)
        return Piece(position, name, None if name in known else decode(data, fit))
    except Unreadable as error:
        return Piece(position, "", None, str(error))
    except OSError as error:
        return Piece(position, "", None, error.strerror or str(error))


def _in_parallel(tasks: Iterable[_Task], work: Callable[[_Task], _Result], workers: int) -> Iterator[_Result]:
    """Results in the order of the tasks; no more than two tasks a worker are held at once."""
    waiting: deque[Future[_Result]] = deque()
    with ThreadPoolExecutor(workers) as pool:
        try:
            for task in tasks:
                waiting.append(pool.submit(work, task))
                if len(waiting) > 2 * workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
