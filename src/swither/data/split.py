"""Which images train and which test: drawn by their content or given, and kept on file."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from swither.arrays import BoolArray
from swither.data.groups import content_of, kept_together
from swither.data.image_set import UNLABELLED, ImageSet
from swither.data.stratify import stratify
from swither.data.wording import plural
from swither.errors import DamagedState, InputError, list_some
from swither.files import read_json, write_json
from swither.randomness import keyed_order

FORMAT = "swither split"
VERSION = 1


@dataclass(frozen=True)
class Split:
    """Where every image of a data set belongs; a value that is compared, saved and loaded.

    Attributes:
        train_ids: ids of the training images, in id order; none of them is a copy of a test image.
        test_ids: ids of the test images, in id order.
        left_out_ids: ids of images that neither train nor test, since they belong together with a test image.
        how: how the split came about, in words.
        notes: what people should know of it, one sentence each.
    """

    train_ids: tuple[str, ...]
    test_ids: tuple[str, ...]
    left_out_ids: tuple[str, ...]
    how: str
    notes: tuple[str, ...] = ()

    def apply(self, images: ImageSet) -> tuple[ImageSet, ImageSet]:
        """The training and the test images, both in id order.

        Raises:
            InputError: the split names ids that `images` lacks, or `images` has ids that the split lacks.

        Example:
            >>> from swither.data import open_images
            >>> images = open_images("digits")
            >>> train, test = draw_split(images, share=0.5).apply(images)
            >>> len(train), len(test)
            (896, 901)
        """
        named = {*self.train_ids, *self.test_ids, *self.left_out_ids}
        there = {str(i) for i in images.ids}
        absent, new = sorted(named - there), sorted(there - named)
        if absent or new:
            raise InputError(
                f"The split does not fit the data. Of the {len(named)} images that it names, the data lack "
                f"{len(absent)}{_some(absent)}. Of the {len(there)} images of the data, the split does not "
                f"name {len(new)}{_some(new)}. "
                "Give the data that it was made for, or let a new split be drawn."
            )
        return images.take(images.positions(self.train_ids)), images.take(images.positions(self.test_ids))


def draw_split(images: ImageSet, share: float = 0.2) -> Split:
    """Draw test images from every class by a hash of their content.

    Each class gives ``share`` of its labelled images, rounded half up, at least one and never all: those
    whose content comes first in the order of a keyed hash. So the split depends on no seed, method, path or
    source order, and when images are added, only images next to the cut change sides. A class of one image
    stays in training. Images without a label never test.

    Copies stay on one side, and so do images of one group (see `kept_together`), which goes by the hash of
    its name; `stratify` says how whole groups are given away so that the shares come near. Unlabelled images
    that belong together with a test image are left out.

    Args:
        images: all images, in any order.
        share: the part that tests, in (0, 1).

    Returns:
        The split; its notes tell of classes without test images and, with groups, of the shares reached.

    Raises:
        InputError: `share` is out of range, or no image can test (no label, or each class is one group).

    Example:
        >>> from swither.data import open_images
        >>> split = draw_split(open_images("digits"))
        >>> len(split.train_ids), len(split.test_ids)
        (1438, 359)
    """
    if not 0 < share < 1:
        raise InputError(f"Expected a share of test images between 0 and 1, got {share}.")
    labelled = images.labels != UNLABELLED
    names = [content_of(str(i)) for i in images.ids]
    if images.groups is not None:  # a group goes by its name, so that images that join it do not move it
        names = [str(group) or name for group, name in zip(images.groups, names, strict=True)]
    units = kept_together(images.ids, images.groups)  # (samples,)
    tested = stratify(images.labels, units, keyed_order(names, 0, "test images"), share)
    if not tested.any() and _classes_are_groups(images):
        path = f" ({images.paths[0]})" if images.paths is not None and len(images) else ""
        raise InputError(
            "No test image could be drawn without parting a group: every class is a single one. With --group-by folder "
            "every folder is a group, and so every class folder is one. Give a pattern whose one pair of brackets "
            "catches the group's name, such as --group-by '(patient[0-9]+)_', which is looked for in the path with "
            f"its class folder{path}; or put each group into a folder of its own below its class; or name test images "
            "with --test."
        )
    if not tested.any():
        raise InputError(
            f"No test image could be drawn from {plural(len(images), 'image')}, {labelled.sum()} of them labelled: "
            "expected a class with two labelled images or more that are not all copies or of one group. "
            "Name test images with --test, or group the images by something finer."
        )
    left_out = np.isin(units, units[tested]) & ~labelled
    how = f"{share:.0%} of each class drawn by a hash of the image content"
    return Split(
        train_ids=_in_order(images.ids[~tested & ~left_out]),
        test_ids=_in_order(images.ids[tested]),
        left_out_ids=_in_order(images.ids[left_out]),
        how=how if images.groups is None else f"{how}, groups kept whole",
        notes=tuple(_notes(images, tested, int(left_out.sum()))),
    )


def split_given(train: ImageSet, test: ImageSet, how: str) -> Split:
    """Split by the user's own test images; whatever belongs together with one of them leaves training.

    Args:
        train: images to train on.
        test: images to test on; the two sets may number their copies together or each on its own.
        how: where the test images came from, in words.

    Returns:
        The split. ``left_out_ids`` are ids of `train`: copies of test images and, where there are groups,
        images of a group that has test images too; the notes count both.

    Raises:
        InputError: no training image or no test image is left.

    Example:
        >>> from swither.data import open_images
        >>> images = open_images("digits")
        >>> train, test = images.take(np.arange(1500)), images.take(np.arange(1450, 1797))
        >>> split_given(train, test, how="the last digits").notes
        ('Training images left out as exact copies of test images: 50.',)
    """
    units = kept_together([*train.ids, *test.ids], _joined_groups(train, test))
    tested = {content_of(str(i)) for i in test.ids}
    copies = np.array([content_of(str(i)) in tested for i in train.ids], dtype=bool)
    left_out = np.isin(units[: len(train)], units[len(train) :])
    notes = []
    if copies.any():
        notes.append(f"Training images left out as exact copies of test images: {copies.sum()}.")
    if (left_out & ~copies).any():
        notes.append(
            f"Training images left out as belonging to a group with test images: {(left_out & ~copies).sum()}."
        )
    if len(test) == 0 or left_out.all():
        raise InputError(
            f"Expected training and test images, got {len(test)} test images, and {left_out.sum()} of "
            f"{len(train)} training images are copies of test images or of one group with them. "
            "Give other test images, or let them be drawn from the training images."
        )
    return Split(
        train_ids=_in_order(train.ids[~left_out]),
        test_ids=_in_order(test.ids),
        left_out_ids=_in_order(train.ids[left_out]),
        how=how,
        notes=tuple(notes),
    )


def save_split(path: Path, split: Split) -> None:
    """Write a split as JSON that people can read and give to other programs.

    Example:
        >>> import tempfile
        >>> split = Split(train_ids=("a", "b"), test_ids=("c",), left_out_ids=(), how="given")
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     save_split(Path(folder) / "split.json", split)
        ...     load_split(Path(folder) / "split.json") == split
        True
    """
    write_json(
        path,
        FORMAT,
        VERSION,
        {
            "how": split.how,
            "notes": list(split.notes),
            "train_ids": list(split.train_ids),
            "test_ids": list(split.test_ids),
            "left_out_ids": list(split.left_out_ids),
        },
    )


def load_split(path: Path) -> Split:
    """Read what `save_split` wrote.

    Raises:
        InputError: there is no such file, or it is something else.
        DamagedState: the file is damaged, or its ids contradict each other.
        NewerFormat: a newer swither wrote it.

    Example:
        See `save_split`.
    """
    if not path.is_file():
        raise InputError(f"There is no split {path}. Expected a JSON file that swither wrote.")
    _require_split(path)
    value = read_json(path, FORMAT, VERSION)
    split = Split(
        train_ids=_texts(value, "train_ids", path),
        test_ids=_texts(value, "test_ids", path),
        left_out_ids=_texts(value, "left_out_ids", path),
        how=str(value.get("how", "")),
        notes=_texts(value, "notes", path),
    )
    twice = [i for i, n in Counter((*split.train_ids, *split.test_ids)).items() if n > 1]
    twice += [i for i, n in Counter((*split.train_ids, *split.left_out_ids)).items() if n > 1]
    if twice:
        raise DamagedState(
            f"{path} is damaged: {len(twice)} ids stand in it more than once ({list_some(twice, most=3)})."
        )
    return split


def _require_split(path: Path) -> None:
    """Tell a file of another kind from a damaged split."""
    with path.open("rb") as file:
        start = file.read(200).lstrip()
    marked = re.match(rb'\{\s*"format":\s*"([^"]*)"', start)
    if not start.startswith(b"{") or (marked is not None and marked[1] != FORMAT.encode()):
        raise InputError(f"{path} is not a split file. Expected the split.json of an earlier run, or one like it.")


def _texts(value: dict[str, Any], field: str, path: Path) -> tuple[str, ...]:
    texts = value.get(field)
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise DamagedState(f"{path} is damaged: expected a list of texts under {field!r}.")
    return tuple(texts)


def _some(ids: list[str]) -> str:
    return f" ({list_some(ids, most=3)})" if ids else ""


def _in_order(ids: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(map(str, ids)))


def _joined_groups(train: ImageSet, test: ImageSet) -> list[str] | None:
    if train.groups is None and test.groups is None:
        return None
    of_train = [""] * len(train) if train.groups is None else train.groups.tolist()
    of_test = [""] * len(test) if test.groups is None else test.groups.tolist()
    return [*of_train, *of_test]


def _classes_are_groups(images: ImageSet) -> bool:
    """Whether there are groups, and every class with two labelled images or more is just one of them."""
    if images.groups is None:
        return False
    pairs = {(c, str(group)) for c, group in zip(images.labels.tolist(), images.groups, strict=True) if c != UNLABELLED}
    return "" not in {group for _, group in pairs} and len(pairs) == len({c for c, _ in pairs}) > 0


def _notes(images: ImageSet, tested: BoolArray, left_out: int) -> list[str]:
    totals = Counter(images.labels[images.labels != UNLABELLED].tolist())
    taken = Counter(images.labels[tested].tolist())
    without = [images.class_names[c] for c in sorted(totals) if taken[c] == 0]
    notes = []
    if without:
        notes.append(
            f"Classes without a test image, since they have a single image or group: {len(without)} "
            f"({list_some(without)})."
        )
    if images.groups is not None:
        shares = [taken[c] / totals[c] for c in totals]
        notes.append(
            f"With groups kept whole, {taken.total() / totals.total():.1%} of the labelled images test; "
            f"by class between {min(shares):.1%} and {max(shares):.1%}."
        )
    if left_out:
        notes.append(f"Unlabelled images left out as belonging together with test images: {left_out}.")
    return notes
