"""What was found when a data set was opened, in figures and in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from swither.data.identity import CopyGroup
from swither.data.progress import in_bytes
from swither.data.wording import classes, plural
from swither.errors import list_some


@dataclass(frozen=True)
class DataReport:
    """What was found when a data set was opened; nothing that was left out is missing here.

    Attributes:
        source: the source in words.
        images: how many images could be read.
        train: how many of them train.
        test: how many of them test.
        left_out: how many do neither, since they belong together with a test image.
        unlabelled: how many have no label and were left out for that.
        classes: how many classes there are.
        empty_classes: names of the classes without an image.
        skipped: (path, reason) of every image that could not be read.
        ignored: kind -> how many files were not taken for images.
        copies: the groups of exact copies.
        copies_across: how many groups of copies lie in both the given training and the given test part.
        image_shape: height, width and channels of every image.
        size_chosen: how the image size was chosen.
        split: how the split came about.
        decoded: how many images were decoded in this start; the pixels of the others were at hand.
        memory: about how many bytes of memory packing takes.
        disk: how many bytes the packed pixels take on the disk.
        notes: whatever else people should know, one sentence each.
        unlabelled_paths: where the first few images without a label lie.
    """

    source: str
    images: int
    train: int
    test: int
    left_out: int
    unlabelled: int
    classes: int
    empty_classes: tuple[str, ...]
    skipped: tuple[tuple[str, str], ...]
    ignored: Mapping[str, int]
    copies: tuple[CopyGroup, ...]
    copies_across: int
    image_shape: tuple[int, int, int]
    size_chosen: str
    split: str
    decoded: int
    memory: int
    disk: int
    notes: tuple[str, ...] = field(default=())
    unlabelled_paths: tuple[str, ...] = field(default=())

    @property
    def conflicting_copies(self) -> tuple[CopyGroup, ...]:
        """The groups of copies whose labels contradict each other."""
        return tuple(group for group in self.copies if group.conflicting)

    def sentences(self) -> list[str]:
        """What was found, in words that stay true: for a screen and for the written report."""
        height, width, channels = self.image_shape
        colour = "grey" if channels == 1 else "RGB"
        found = f"{plural(self.images, 'image')} of {classes(self.classes)}"
        seen = f"{width}x{height} pixels, {colour}; {self.size_chosen}" if height else self.size_chosen
        lines = [f"Data: {self.source}.", f"{found}, {seen}."]
        if self._is_divided:
            lines.append(f"{self.train:,} train and {self.test:,} test: {self.split}.")
        lines += self._left_aside()
        if self.copies:
            conflicting = self.conflicting_copies
            lines.append(
                f"{plural(len(self.copies), 'group')} of exact copies; with images in both training and test: "
                f"{self.copies_across}, with different labels: {len(conflicting)}{_of_conflicts(conflicting)}."
            )
        return [*lines, *self.notes]

    def of_this_start(self) -> str:
        """What this start did with the pixels: for a screen only."""
        decoded = f"{plural(self.decoded, 'image')} decoded in this start" if self.decoded else "none had to be decoded"
        return f"Packed pixels take {in_bytes(self.disk)}; {decoded}."

    @property
    def _is_divided(self) -> bool:
        return bool(self.train or self.test)

    def _left_aside(self) -> list[str]:
        lines = []
        if self.unlabelled:
            without = plural(self.unlabelled, "image without a label", "images without a label")
            more = ", ..." if len(self.unlabelled_paths) < self.unlabelled else ""
            where = f" ({', '.join(self.unlabelled_paths)}{more})" if self.unlabelled_paths else ""
            lines.append(f"{without}{', left out' if self._is_divided else ''}{where}.")
        if self.skipped:
            named = list_some([f"{path} ({reason})" for path, reason in self.skipped], most=5)
            lines.append(f"{plural(len(self.skipped), 'unreadable image')}, skipped: {named}.")
        if self.ignored:
            named = ", ".join(f"{count} of {kind}" for kind, count in self.ignored.items())
            lines.append(f"Files not taken for images: {named}.")
        if self.empty_classes:
            lines.append(f"{classes(len(self.empty_classes))} without any image: {list_some(self.empty_classes)}.")
        return lines


def _of_conflicts(groups: tuple[CopyGroup, ...]) -> str:
    if not groups:
        return ""
    named = [" / ".join(sorted({label for label in group.labels if label})) for group in groups]
    return f" ({list_some(named, most=3)})"
