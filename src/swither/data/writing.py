"""A new set of packed pixels, made of what was packed before and of what was decoded now."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterable, Mapping
from io import BytesIO
from pathlib import Path
from typing import IO

import numpy as np

from swither.arrays import ByteArray
from swither.data.cache import Known, Pack, write_pack
from swither.data.intake import Piece
from swither.data.packed_file import PackedFile
from swither.data.sources.contents import Contents
from swither.files import room_for


class Writing:
    """Packed pixels being written to a temporary file, which goes away unless `finish` is reached.

    Args:
        folder: where the cache of these images lies, None to keep them in memory.
        height: of every image, in pixels.
        width: of every image, in pixels.
        before: what was packed before at the same height and width.
    """

    def __init__(self, folder: Path | None, height: int, width: int, before: Pack | None) -> None:
        self._folder = folder
        self._before = before
        self._stored = {} if before is None else {image.content: image for image in before.known.values()}
        self._placed: dict[str, Known] = {}  # content -> where it lies in the new file
        self._closing = contextlib.ExitStack()
        self._file = PackedFile(self._open_file, height, width)

    def __enter__(self) -> Writing:
        self._closing.enter_context(room_for(self._folder or Path()))
        return self

    def __exit__(self, *error: object) -> None:
        self._closing.__exit__(*error)  # type: ignore[arg-type]

    def add_all(self, contents: Contents, unchanged: Mapping[int, Known], pieces: Iterable[Piece]) -> dict[int, Known]:
        """Write every image once; the answer says for each position of the source where its pixels lie."""
        known = {position: self._copy(image.content, image) for position, image in unchanged.items()}
        for piece in pieces:
            image = contents.images[piece.position]
            placed = self._place(piece)
            known[piece.position] = placed._replace(size=image.size, modified=image.modified)
        return dict(sorted(known.items()))

    def finish(self, contents: Contents, known: Mapping[int, Known]) -> ByteArray:
        """Make the new pixels the ones that the next start finds, and give them."""
        file = self._file.finish()
        if self._folder is None:
            file.seek(0)
            pixels: ByteArray = np.load(file, allow_pickle=False)
            return pixels
        os.fsync(file.fileno())
        file.close()
        index = {contents.images[position].path: image for position, image in known.items()}
        return write_pack(self._folder, Path(file.name), index).pixels

    def _place(self, piece: Piece) -> Known:
        if piece.content in self._placed:
            return self._placed[piece.content]
        if piece.decoded is None:
            return self._copy(piece.content, self._stored[piece.content])
        pixels = piece.decoded.pixels
        row = self._file.add(pixels)
        width, height = piece.decoded.size
        placed = Known(0, 0, piece.content, row, width, height, pixels.shape[-1] == 1)
        self._placed[piece.content] = placed
        return placed

    def _copy(self, content: str, image: Known) -> Known:
        """Take pixels over from what was packed before."""
        assert self._before is not None
        if content not in self._placed:
            pixels = self._before.pixels[image.row]
            row = self._file.add(pixels[..., :1] if image.grey else pixels)
            self._placed[content] = image._replace(row=row)
        return image._replace(row=self._placed[content].row)

    def _open_file(self) -> IO[bytes]:
        if self._folder is None:
            return BytesIO()
        handle, path = tempfile.mkstemp(dir=self._folder, prefix=".pixels-", suffix=".tmp")
        self._closing.callback(Path(path).unlink, missing_ok=True)
        return self._closing.enter_context(open(path, "w+b", opener=lambda *_: handle))
