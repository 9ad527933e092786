"""A growing ``.npy`` file of images: grey until the first coloured image comes."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import IO

import numpy as np

from swither.arrays import ByteArray

_BLOCK = 1 << 22  # bytes read at once while a grey file is widened


class PackedFile:
    """Images written one behind the other, and a header in front that is true once `finish` was called.

    Written with plain writes, not through a memory map: on a full disk a write raises an error, while a map
    kills the process.

    Args:
        open_file: opens an empty file for reading and writing; called again when colour comes.
        height: of every image, in pixels.
        width: of every image, in pixels.
    """

    def __init__(self, open_file: Callable[[], IO[bytes]], height: int, width: int) -> None:
        self._open_file = open_file
        self.height, self.width, self.channels = height, width, 1
        self.count = 0
        self.file = open_file()
        self._start()

    def add(self, pixels: ByteArray) -> int:
        """Append one image (height, width, 1 or 3); the answer is its row."""
        height, width, channels = pixels.shape
        assert (height, width) == (self.height, self.width), pixels.shape
        if channels > self.channels:
            self._widen()
        elif channels < self.channels:
            pixels = np.repeat(pixels, 3, axis=-1)
        self.file.write(np.ascontiguousarray(pixels).data)
        self.count += 1
        return self.count - 1

    def finish(self) -> IO[bytes]:
        """Write the header with the final count and give the file, flushed to its end."""
        self.file.seek(0)
        self.file.write(self._header())
        self.file.seek(0, 2)
        self.file.flush()
        return self.file

    def _start(self) -> None:
        self.file.write(self._header())

    def _header(self) -> bytes:
        header = BytesIO()
        shape = (self.count, self.height, self.width, self.channels)
        np.lib.format.write_array_header_1_0(
            header, {"descr": "|u1", "fortran_order": False, "shape": shape}
        )  # NumPy leaves room for the first number to grow, so the length is the same for every count
        return header.getvalue()

    def _widen(self) -> None:
        grey, behind_header = self.file, len(self._header())
        grey.flush()
        grey.seek(behind_header)
        self.channels = 3
        self.file = self._open_file()
        self._start()
        while block := grey.read(_BLOCK):
            self.file.write(np.repeat(np.frombuffer(block, dtype=np.uint8), 3).data)
        grey.close()
