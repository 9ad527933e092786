"""What a source says of its images before any of them is read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple, TypeAlias

from swither.arrays import ByteArray
from swither.data.wording import classes, plural
from swither.errors import InputError, list_some

Content: TypeAlias = bytes | ByteArray | Path
"""An encoded image, an image as an array (height, width, channels) uint8, or the file that holds one."""

Read: TypeAlias = Callable[[Sequence[int]], Iterator[tuple[int, Content]]]

TRAIN, TEST, VALIDATION = "train", "test", "validation"
_PART_NAMES = {
    "train": TRAIN,
    "training": TRAIN,
    "test": TEST,
    "testing": TEST,
    "val": VALIDATION,
    "valid": VALIDATION,
    "validation": VALIDATION,
}


def part_called(name: str) -> str | None:
    """The part of the data that a folder, file or value of a ``split`` column names, None where it names none.

    Example:
        >>> part_called("Val"), part_called("cats")
        ('validation', None)
    """
    return _PART_NAMES.get(name.strip().lower())


class Found(NamedTuple):
    """One image of a source, not read yet.

    Attributes:
        path: where it lies, relative to the source, distinct within it.
        size: of the file that holds it, in bytes.
        modified: when that file was last changed, in nanoseconds.
        label: the name of its class, None where unknown.
        part: "train", "test" or "validation".
        group: what must stay on one side of a split, None where the source was not asked.
    """

    path: str
    size: int
    modified: int
    label: str | None
    part: str = TRAIN
    group: str | None = None


@dataclass(frozen=True)
class Contents:
    """What a source holds.

    Attributes:
        description: the source in words.
        images: every image, in any order.
        class_names: the classes in the order of their numbers, whether or not each has an image.
        read: gives ``(position, content)`` of the images at some positions (ascending), in any order.
        origin: what the source is, for the cache's key; None for images that cost nothing to open.
        ignored: suffix -> how many files are not taken for images.
        notes: what people should know, one sentence each.
    """

    description: str
    images: Sequence[Found]
    class_names: tuple[str, ...]
    read: Read
    origin: str | None
    ignored: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.images)

    def only(self, positions: Sequence[int]) -> Contents:
        """Some of the images, in the order given, as if the source held no others."""

        def read(wanted: Sequence[int]) -> Iterator[tuple[int, Content]]:
            back = {positions[position]: position for position in wanted}
            for position, content in self.read(sorted(back)):
                yield back[position], content

        return replace(self, images=[self.images[position] for position in positions], read=read)

    def settled(self) -> Contents:
        """The same with two parts at most: validation images stand in for missing test images, or are left out.

        A source that holds a single part is all training images: it is one file of a larger set.
        """
        parts = Counter(image.part for image in self.images)
        if len(parts) <= 1:
            return self.all_in(TRAIN)
        if VALIDATION not in parts:
            return self
        if TEST not in parts:
            images = [i._replace(part=TEST) if i.part == VALIDATION else i for i in self.images]
            note = f"There are no test images, so {plural(parts[VALIDATION], 'validation image')} took their place."
            return replace(self, images=images, notes=(*self.notes, note))
        note = f"{plural(parts[VALIDATION], 'validation image')} left out; the data's test images test."
        kept = self.only([p for p, image in enumerate(self.images) if image.part != VALIDATION])
        return replace(kept, notes=(*self.notes, note))

    def all_in(self, part: str) -> Contents:
        """The same with every image in one part."""
        return replace(self, images=[i if i.part == part else i._replace(part=part) for i in self.images])

    def without(self, part: str) -> Contents:
        """The same without one part; a note says how many images that were."""
        kept = [position for position, image in enumerate(self.images) if image.part != part]
        if len(kept) == len(self):
            return self
        note = f"{plural(len(self) - len(kept), f'{part} image')} of {self.description} left out: others were named."
        return replace(self.only(kept), notes=(*self.notes, note))

    def mainly(self, part: str) -> Contents:
        """Only the images of one part, where there are some; else all."""
        kept = [position for position, image in enumerate(self.images) if image.part == part]
        return self.only(kept) if kept else self


def joined(train: Contents, test: Contents) -> Contents:
    """Two sources as one: all of `train` trains, all of `test` tests.

    Raises:
        InputError: `test` has classes that `train` lacks.
    """
    strange = [name for name in test.class_names if name not in train.class_names]
    if strange and train.class_names:
        raise InputError(
            f"The test images have {classes(len(strange))} that the training images lack: {list_some(strange)}. "
            f"Expected classes of {train.description}."
        )
    first = len(train)

    def read(positions: Sequence[int]) -> Iterator[tuple[int, Content]]:
        yield from train.read([p for p in positions if p < first])
        for position, content in test.read([p - first for p in positions if p >= first]):
            yield position + first, content

    moved = [image._replace(path=f"test: {image.path}") for image in test.all_in(TEST).images]
    return Contents(
        description=f"{train.description}; tested on {test.description}",
        images=[*train.all_in(TRAIN).images, *moved],
        class_names=train.class_names or test.class_names,
        read=read,
        origin=None if train.origin is None and test.origin is None else f"{train.origin} + {test.origin}",
        ignored=Counter(train.ignored) + Counter(test.ignored),
        notes=(*train.notes, *test.notes),
    )
