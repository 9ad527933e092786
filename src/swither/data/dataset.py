"""From settings to images that train and images that test, with a report of what was found."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from swither.arrays import BoolArray
from swither.data.data_report import DataReport
from swither.data.identity import copy_groups, number_copies
from swither.data.image_set import UNLABELLED, ImageSet
from swither.data.progress import Progress, silent
from swither.data.sample import sample
from swither.data.settings import LARGEST_NATIVE, DataSettings
from swither.data.split import Split, draw_split, load_split, split_given
from swither.data.wording import plural
from swither.errors import InputError, UnreadableImages
from swither.extras import require

if TYPE_CHECKING:
    from swither.data.packing import Packed
    from swither.data.sources.contents import Contents

LEAST_SIDE = 4
"""Pixels: smaller images have nothing left after a network's strided stages."""


@dataclass(frozen=True)
class Dataset:
    """Images that train, images that test, and how that came about.

    Attributes:
        train: labelled images in id order; none is a copy of a test image.
        test: labelled images in id order, on the same pixels.
        split: which ids train, test and do neither.
        report: what was found.
    """

    train: ImageSet
    test: ImageSet
    split: Split
    report: DataReport


def open_dataset(
    settings: DataSettings | str, *, progress: Progress | None = None, largest: int = LARGEST_NATIVE
) -> Dataset:
    """Open labelled images and divide them into training and test images.

    Test images are those of `DataSettings.split`, else of `DataSettings.test`, else the data's own, else a fifth of
    each class drawn by content. Images without a label are left out and counted.

    Args:
        settings: which images, or just the source.
        progress: told what is going on; see `Progress`.
        largest: without an `image_size`, larger images are brought to so many pixels, and smaller ones of one size
            stay as they are.

    Returns:
        The data, all of it in id order: the order of the source changes nothing.

    Raises:
        InputError: the source or what it holds cannot be used; the message says what to do.
        UnreadableImages: images do not decode; all of them are named.
        MissingExtra: there are HEIC images, which need the extra ``heic``.

    Example:
        >>> data = open_dataset("digits")
        >>> len(data.train), len(data.test), data.train.image_shape
        (1438, 359, (8, 8, 1))
    """
    settings = DataSettings(settings) if isinstance(settings, str) else settings
    if settings.split is not None and settings.test is not None:
        raise InputError("Expected either a split file or test images, got both. Leave --split or --test away.")
    opened = _open(settings, progress or silent, largest)
    labelled = opened.images.labels != UNLABELLED
    if not labelled.any():
        raise InputError(
            f"There is no label on {plural(len(labelled), 'image')} of {settings.source}. Expected one sub-folder a "
            "class, or a label column (name it with --label-column)."
        )
    images, is_test = opened.images.take(labelled), opened.is_test[labelled]
    _require_two_classes(images, settings)
    split = _split(images, is_test, settings)
    if settings.split is not None:
        split = _without(split, opened.images.ids[~labelled].tolist())
    train, test = split.apply(images)
    left_out = len(images) - len(train) - len(test)
    notes = (*opened.report.notes, *split.notes)
    if settings.train_images is not None:
        notes += (f"{settings.train_images:,} of {len(train):,} training images take part, drawn by their ids.",)
        train = sample(train, settings.train_images)
    report = replace(
        opened.report,
        train=len(train),
        test=len(test),
        left_out=left_out,
        split=split.how,
        notes=notes,
    )
    return Dataset(train, test, split, report)


def open_images(settings: DataSettings | str, *, progress: Progress | None = None) -> ImageSet:
    """Open images whether or not they have labels, undivided, in id order.

    Args:
        settings: which images, or just the source; `DataSettings.split` is not used.
        progress: told what is going on, skipped images included.

    Returns:
        All images; labels are -1 where unknown.

    Example:
        >>> len(open_images("digits"))
        1797
    """
    return open_with_report(settings, progress=progress)[0]


def open_with_report(settings: DataSettings | str, *, progress: Progress | None = None) -> tuple[ImageSet, DataReport]:
    """Open images as `open_images` does, with a report of what was found.

    Args:
        settings: which images, or just the source.
        progress: told what is going on.

    Returns:
        All images in id order, and the report, whose counts of training and test images are 0.

    Example:
        >>> open_with_report("digits")[1].image_shape
        (8, 8, 1)
    """
    settings = DataSettings(settings) if isinstance(settings, str) else settings
    opened = _open(settings, progress or silent)
    return opened.images, opened.report


@dataclass(frozen=True)
class _Opened:
    images: ImageSet
    is_test: BoolArray
    report: DataReport


def _open(settings: DataSettings, progress: Progress, largest: int = LARGEST_NATIVE) -> _Opened:
    if settings.image_size is not None and settings.image_size < LEAST_SIDE:
        raise InputError(
            f"Expected an --image-size of at least {LEAST_SIDE} pixels, which the networks need, got "
            f"{settings.image_size}."
        )
    for module in ("PIL", "pyarrow"):
        require(module, "Opening images", "train")
    from swither.data.cache import cache_folder
    from swither.data.heif import require_heif
    from swither.data.packing import pack

    root = cache_folder(settings.cache)
    contents = _find(settings, root, progress)
    if not settings.skip_unreadable:
        require_heif(image.path for image in contents.images)
    packed = pack(contents, settings.image_size, root, progress, largest)
    if packed.problems and (not settings.skip_unreadable or not packed.known):
        raise UnreadableImages(packed.problems)
    if packed.problems:
        progress(f"Skipping {plural(len(packed.problems), 'unreadable image')}.", 0, 0)
    images, is_test = _image_set(contents, packed)
    return _Opened(images, is_test, _report(contents, packed, images, is_test, settings))


def _find(settings: DataSettings, root: Path, progress: Progress) -> Contents:
    from swither.data.sources.contents import TEST, joined
    from swither.data.sources.finding import find_source

    contents = find_source(settings, root, progress).settled()
    if settings.test is None:
        return contents
    test = find_source(replace(settings, source=settings.test), root, progress).settled()
    return joined(contents.without(TEST), test.mainly(TEST))


def _image_set(contents: Contents, packed: Packed) -> tuple[ImageSet, BoolArray]:
    found = [contents.images[position] for position in packed.known]
    paths = [_printable(image.path) for image in found]
    ids = number_copies(
        [known.content for known in packed.known.values()],
        [image.label or "" for image in found],
        paths,
        [image.part for image in found],
    )
    number = {name: n for n, name in enumerate(contents.class_names)}
    labels = [UNLABELLED if image.label is None else number[image.label] for image in found]
    groups = None
    if any(image.group is not None for image in found):
        groups = np.array([image.group or "" for image in found], dtype=np.str_)
    images = ImageSet(
        pixels=packed.pixels,
        rows=packed.rows,
        ids=ids,
        labels=np.array(labels, dtype=np.int64),
        class_names=contents.class_names,
        paths=np.array(paths, dtype=np.str_),
        groups=groups,
    )
    order = np.argsort(ids, kind="stable")
    return images.take(order), np.array([image.part == "test" for image in found], dtype=bool)[order]


def _printable(path: str) -> str:
    if path.isascii():
        return path
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _label_names(images: ImageSet) -> list[str]:
    names = (*images.class_names, "")  # -1, the label that is not known, finds the last
    return [names[label] for label in images.labels.tolist()]


def _report(
    contents: Contents,
    packed: Packed,
    images: ImageSet,
    is_test: BoolArray,
    settings: DataSettings,
) -> DataReport:
    from swither.data.packing import describe_size, memory_for

    copies = copy_groups(images.ids.tolist(), _label_names(images))
    in_test = set(images.ids[is_test].tolist())
    sides = [{image_id in in_test for image_id in group.ids} for group in copies]
    present = set(images.labels.tolist())
    return DataReport(
        source=contents.description,
        images=len(images),
        train=0,
        test=0,
        left_out=0,
        unlabelled=int((images.labels == UNLABELLED).sum()),
        unlabelled_paths=tuple(sorted(images.paths[images.labels == UNLABELLED].tolist())[:3]),
        classes=images.classes,
        empty_classes=tuple(name for n, name in enumerate(images.class_names) if n not in present),
        skipped=packed.problems,
        ignored=contents.ignored,
        copies=copies,
        copies_across=sum(len(both) == 2 for both in sides),
        image_shape=images.image_shape,
        size_chosen=describe_size(packed, settings.image_size),
        split="",
        decoded=packed.decoded,
        memory=memory_for(len(images)),
        disk=packed.disk,
        notes=(*contents.notes, *packed.notes),
    )


def _split(images: ImageSet, tests: BoolArray, settings: DataSettings) -> Split:
    if settings.split is not None:
        return load_split(Path(settings.split).expanduser())
    if not tests.any():
        return draw_split(images)
    how = f"test images of {settings.test}" if settings.test is not None else "the data's own test images"
    return split_given(images.take(~tests), images.take(tests), how)


def _without(split: Split, unlabelled: list[str]) -> Split:
    """A split of all images as one of the labelled: it may have been drawn before these were set aside."""
    aside = set(unlabelled)
    if not aside:
        return split
    return replace(
        split,
        train_ids=tuple(i for i in split.train_ids if i not in aside),
        test_ids=tuple(i for i in split.test_ids if i not in aside),
        left_out_ids=tuple(i for i in split.left_out_ids if i not in aside),
    )


def _require_two_classes(images: ImageSet, settings: DataSettings) -> None:
    present = sorted({images.class_names[label] for label in images.labels})
    if len(present) < 2:
        raise InputError(
            f"All images of {settings.source} are of one class, {present[0]!r}. Expected two classes or more, one "
            "sub-folder each."
        )
