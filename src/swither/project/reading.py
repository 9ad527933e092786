"""One image file: read once, which gives its identity and its upright pixels."""

from __future__ import annotations

import errno
import os
import stat
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from swither.arrays import ByteArray
from swither.data.decoding import Unreadable, decode_upright, hush_pillow
from swither.data.identity import content_id
from swither.data.progress import in_bytes
from swither.errors import InputError

MOST_BYTES = 512 * 1024 * 1024
"""A file above this is refused unread: no camera writes one, and it would fill the memory."""


class ImageProblem(InputError):
    """An image file that cannot be shown; the message says why, to stand behind the file's name.

    Attributes:
        gone: whether there is no such file any more.
        image: id of the content, None where it could not be read at all.
        passing: whether the disk or this machine failed, and not the file: it is to be tried again.
    """

    def __init__(self, words: str, *, gone: bool = False, image: str | None = None, passing: bool = False) -> None:
        super().__init__(words)
        self.gone, self.image, self.passing = gone, image, passing


@dataclass(frozen=True)
class Read:
    """A file as it was read.

    Attributes:
        image: id of its content.
        width: of the upright image in pixels, before anything was scaled.
        height: likewise.
        picture: the upright image, RGB, its longer side brought down to what was asked for.
        profile: the colour profile that its colours are meant in, None for the usual one.
        size: of the file in bytes, when it was read.
        modified: when it was last changed, in nanoseconds, when it was read.
        square: (side, side, 3) uint8, the centre square for a network, where it was asked for.
    """

    image: str
    width: int
    height: int
    picture: Image.Image
    profile: bytes | None
    size: int
    modified: int
    square: ByteArray | None = None

    @property
    def pixels(self) -> ByteArray:
        """(height, width, 3) uint8."""
        return np.asarray(self.picture)


def read_image(path: Path, largest: int | None = None, square: int | None = None) -> Read:
    """Read a file once: its content's id, and its pixels, upright.

    Grey, palette, CMYK, 16-bit and transparent images become RGB (on white), of an animation the first frame is taken.

    Args:
        path: of the file.
        largest: pixels that its longer side is brought down to; a JPEG is then decoded at a reduced scale. None: the
            full size.
        square: side of the centre square in pixels, see `decode_upright`; None: it is not wanted.

    Raises:
        ImageProblem: it is gone, is too large, or does not decode.
    """
    content, status = _read_bytes(path)
    image = content_id(content)
    try:
        with quiet_pillow():
            upright = decode_upright(content, largest, square)
    except Unreadable as error:
        raise ImageProblem(str(error), image=image) from None
    except MemoryError:
        raise ImageProblem("too large for the memory of this machine", image=image, passing=True) from None
    except Exception as error:  # a decoder may fail in any way on bytes of a stranger; one file stops nothing
        raise ImageProblem(f"damaged: {type(error).__name__} {error}".strip(), image=image) from error
    width, height = upright.size
    return Read(
        image, width, height, upright.image, upright.profile, status.st_size, status.st_mtime_ns, upright.square
    )


def _read_bytes(path: Path) -> tuple[bytes, os.stat_result]:
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with open(handle, "rb") as file:  # O_NONBLOCK: what is a pipe by now must not be waited for
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise ImageProblem("not a plain file")
            if status.st_size > MOST_BYTES:
                most = in_bytes(MOST_BYTES)
                raise ImageProblem(
                    f"too large: {in_bytes(status.st_size)}, and at most {most} are read; make it smaller"
                )
            return file.read(), status
    except OSError as error:
        gone = error.errno in (errno.ENOENT, errno.ENOTDIR)
        words = "no longer there" if gone else error.strerror or str(error)
        raise ImageProblem(words, gone=gone, passing=not gone) from None


_hushed = 0
_hushing = threading.Lock()
_before = warnings.catch_warnings()


@contextmanager
def quiet_pillow() -> Iterator[None]:
    """No warnings of Pillow's while any thread is in here; filters are of the whole process, so they are counted."""
    global _hushed, _before
    with _hushing:
        _hushed += 1
        if _hushed == 1:
            _before = warnings.catch_warnings()
            _before.__enter__()
            hush_pillow()
    try:
        yield
    finally:
        with _hushing:
            _hushed -= 1
            if not _hushed:
                _before.__exit__(None, None, None)
