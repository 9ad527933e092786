"""All images of a source, decoded on all cores into one array, and remembered for the next start."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Generator, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np

from swither.arrays import ByteArray, IntArray
from swither.data import cache
from swither.data.cache import Known, Pack
from swither.data.decoding import VERSION, Fit, SizesDiffer, displayed_size
from swither.data.intake import Piece, cores, take_in
from swither.data.progress import Progress, in_bytes
from swither.data.settings import LARGEST_NATIVE
from swither.data.sources.contents import Contents
from swither.data.wording import plural
from swither.data.writing import Writing
from swither.errors import Busy, DamagedState, NotEnoughSpace
from swither.files import key_of, locked


@dataclass(frozen=True)
class Packed:
    """The images of a source as they were packed.

    Attributes:
        pixels: (stored, height, width, channels) uint8; copies share a row.
        known: position in the source -> what is known of the image; unreadable images are missing.
        problems: (path, reason) of each image that could not be read, in the order of the source.
        decoded: how many images were decoded in this start; of all others the pixels were at hand.
        disk: what the packed pixels take on the disk, in bytes.
        notes: what people should know, one sentence each.
    """

    pixels: ByteArray
    known: Mapping[int, Known]
    problems: tuple[tuple[str, str], ...] = ()
    decoded: int = 0
    disk: int = 0
    notes: tuple[str, ...] = ()

    @property
    def rows(self) -> IntArray:
        """(readable,) where each readable image lies in `pixels`, in the order of `known`."""
        return np.array([image.row for image in self.known.values()], dtype=np.int64)


def pack(
    contents: Contents, image_size: int | None, root: Path, progress: Progress, largest: int = LARGEST_NATIVE
) -> Packed:
    """Decode what was not decoded before, and give all pixels.

    Images are known by the path, size and time of change of their file, so a second start reads none; a file
    that was changed, renamed or added is read, and decoded if its content is new.

    Args:
        contents: what the source holds.
        image_size: height and width in pixels, or None to keep a common size of up to `largest` and take that
            otherwise.
        root: the cache's folder; images that live in memory do not use it.
        progress: told what is going on.
        largest: pixels a side.

    Raises:
        NotEnoughSpace: the disk has no room.
    """
    if contents.origin is None:
        return _Packing(contents, image_size, None, progress, largest).run(None)
    other = [] if largest == LARGEST_NATIVE else [largest]
    folder = root / "images" / key_of(contents.origin, image_size, VERSION, *other)
    work = _Packing(contents, image_size, folder, progress, largest)
    with contextlib.suppress(DamagedState):
        before = cache.read_pack(folder)
        if before is not None and (warm := work.warm(before)) is not None:
            return warm
    cache.make_folder(folder)
    with _alone_in(folder, progress):
        notes: tuple[str, ...] = ()
        try:
            before = cache.read_pack(folder)  # another process may have done the work meanwhile
        except DamagedState as error:
            before, notes = None, (f"{error} They were packed anew.",)
            progress(notes[0], 0, 0)
        return work.run(before, notes)


@contextlib.contextmanager
def _alone_in(folder: Path, progress: Progress) -> Iterator[None]:
    with ExitStack() as stack:
        try:
            stack.enter_context(locked(folder / "lock"))
        except Busy:
            progress("Waiting for another process that packs the same images.", 0, 0)
            stack.enter_context(locked(folder / "lock", wait=True))
        for left_behind in folder.glob(".pixels-*.tmp"):  # by a process that was killed
            left_behind.unlink(missing_ok=True)
        yield


@dataclass
class _Packing:
    """One start: what was packed before, and what is still to be decoded."""

    contents: Contents
    image_size: int | None
    folder: Path | None
    progress: Progress
    largest: int = LARGEST_NATIVE

    def warm(self, before: Pack) -> Packed | None:
        """What was packed before, if it is all that is needed."""
        known = self._known(before)
        complete = len(known) == len(self.contents) and self._still_fits(before, known)
        return Packed(before.pixels, known, disk=before.pixels.nbytes) if complete else None

    def run(self, before: Pack | None, notes: tuple[str, ...] = ()) -> Packed:
        """Decode what is missing, at the size that all images together call for."""
        known = {} if before is None else self._known(before)
        sizes = {(image.width, image.height) for image in known.values()} or self._first_size()
        fit = self._fit(sizes)
        try:
            return self._decode(fit, before, notes)
        except SizesDiffer:
            notes = (*notes, f"The images differ in size, so they were brought to {self.largest} pixels.")
            self.progress(notes[-1], 0, 0)
            return self._decode(self.largest, None, notes)

    def _known(self, before: Pack) -> dict[int, Known]:
        """What is known of the files that have not changed since."""
        known = {}
        for position, image in enumerate(self.contents.images):
            entry = before.known.get(image.path)
            if entry is not None and entry.size == image.size and entry.modified == image.modified:
                known[position] = entry
        return known

    def _still_fits(self, before: Pack, known: Mapping[int, Known]) -> bool:
        """Whether what was packed has the size and the channels that these images call for."""
        fit = self._fit({(image.width, image.height) for image in known.values()})
        width, height = (fit, fit) if isinstance(fit, int) else fit
        channels = 1 if all(image.grey for image in known.values()) else 3
        return before.pixels.shape[1:] == (height, width, channels)

    def _fit(self, sizes: set[tuple[int, int]]) -> Fit:
        if self.image_size is not None:
            return self.image_size
        if len(sizes) == 1:
            (only,) = sizes
            if max(only) <= self.largest:
                return only
        return self.largest

    def _first_size(self) -> set[tuple[int, int]]:
        """The size of the first image that can be read; the others are compared with it as they come."""
        if self.image_size is not None:
            return set()
        for _, content in self.contents.read(range(len(self.contents))):
            if isinstance(content, np.ndarray):
                return {(content.shape[1], content.shape[0])}
            with contextlib.suppress(OSError):
                size = displayed_size(content.read_bytes() if isinstance(content, Path) else content)
                if size is not None:
                    return {size}
        return set()

    def _decode(self, fit: Fit, before: Pack | None, notes: tuple[str, ...]) -> Packed:
        width, height = (fit, fit) if isinstance(fit, int) else fit
        if before is not None and before.pixels.shape[1:3] != (height, width):
            before = None
        unchanged = {} if before is None else self._known(before)
        missing = [position for position in range(len(self.contents)) if position not in unchanged]
        self._say_needs(len(missing), height, width, notes)
        stored = {} if before is None else {image.content: image for image in before.known.values()}
        problems: list[tuple[str, str]] = []
        interrupted: list[KeyboardInterrupt] = []

        def readable() -> Generator[Piece, None, None]:
            try:
                for piece in take_in(self.contents, missing, fit, stored, self.progress):
                    if piece.problem:
                        problems.append((self.contents.images[piece.position].path, piece.problem))
                    else:
                        yield piece
            except KeyboardInterrupt as error:  # while decoding, which is where the time goes, and not while writing
                interrupted.append(error)

        with contextlib.closing(readable()) as pieces:
            first = next(pieces, None)
            if first is None and interrupted:
                raise interrupted[0]
            if first is None and (before is None or self._still_fits(before, unchanged)):
                pixels = np.zeros((0, height, width, 1), np.uint8) if before is None else before.pixels
                return Packed(pixels, unchanged, tuple(problems), disk=pixels.nbytes, notes=notes)
            new = pieces if first is None else chain([first], pieces)
            with Writing(self.folder, height, width, before) as writing:
                known = writing.add_all(self.contents, unchanged, new)
                pixels = writing.finish(self.contents, known)
        if interrupted:  # what is decoded is kept: the next start goes on behind it
            self.progress(f"Kept {plural(len(known), 'packed image')} for the next start.", 0, 0)
            raise interrupted[0]
        return Packed(pixels, known, tuple(problems), len(missing) - len(problems), pixels.nbytes, notes)

    def _say_needs(self, missing: int, height: int, width: int, notes: tuple[str, ...]) -> None:
        if self.folder is None:
            return
        least = len(self.contents) * height * width  # grey; three times as much in colour
        room = shutil.disk_usage(self.folder).free
        if least > room:
            raise NotEnoughSpace(
                f"{plural(len(self.contents), 'image')} of {width}x{height} pixels need {in_bytes(least)} to "
                f"{in_bytes(3 * least)}, but the disk of {self.folder} has {in_bytes(room)} left. Free some "
                "space, or name a folder on another disk with --cache or SWITHER_CACHE."
            )
        if missing and not notes:
            self.progress(
                f"Packing {plural(missing, 'image')} at {width}x{height} pixels on {plural(cores(), 'core')}: about "
                f"{in_bytes(memory_for(len(self.contents)))} of memory, and {in_bytes(least)} (grey) to "
                f"{in_bytes(3 * least)} (colour) on the disk in {self.folder}.",
                0,
                0,
            )


def describe_size(packed: Packed, image_size: int | None) -> str:
    """How the image size was chosen, in words."""
    _, height, width, _ = packed.pixels.shape
    sizes = {(image.width, image.height) for image in packed.known.values()}
    if sizes == {(width, height)}:
        return "the size in which they came" if image_size is None else "the size that was asked for"
    how = "the shorter side scaled, then the centre square cut out"
    if image_size is not None:
        return f"the size that was asked for, {how}"
    if len(sizes) == 1:
        ((wide, high),) = sizes
        return f"they came as {wide}x{high}; {how}"
    return f"they came in {len(sizes)} sizes; {how}"


def memory_for(images: int) -> int:
    """About how many bytes of memory packing takes, the packed pixels themselves not counted (they are mapped)."""
    libraries, entry, in_flight = 100_000_000, 1_000, 40_000_000  # in flight: a photograph and its encoded task
    return libraries + entry * images + in_flight * cores()
