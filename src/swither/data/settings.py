"""Which images to open and how; a value, free of torch and Pillow, so that a command line starts quickly."""

from __future__ import annotations

from dataclasses import dataclass, field

_PROTOCOL = {"kind": "protocol"}
_EXECUTION = {"kind": "execution"}

LARGEST_NATIVE = 64
"""Pixels: images of one size of up to so many stay as they are, others are brought to it, unless told otherwise."""


@dataclass(frozen=True)
class DataSettings:
    """Which images to open and how.

    Attributes:
        source: A name (``digits``, ``cifar10``, ``cifar100``) or a path: a folder with one sub-folder a class, a
            Parquet file or a folder of Parquet shards, or an ``.npz`` file. A folder that bears one of the names
            is written as a path: ``./cifar10``.
        test: Another source, whose images test. By default the data's own test part (a ``test`` folder,
            ``test-*`` shards, a ``split`` column), else a share drawn by content.
        split: A file that says which ids train and which test; it goes before everything else.
        group_by: What must stay on one side of the split: a column of a Parquet file, a key of an ``.npz`` file,
            and for folders ``folder`` or a regular expression whose one group is found in the path.
        image_size: Height and width in pixels of every image. By default images that are all of one size of up
            to 64 pixels stay as they are, others are brought to 64. The shorter side is scaled, then the
            centre square is cut out.
        image_column: The column (or the key of an ``.npz`` file) that holds the images, where it is not found by
            itself.
        label_column: The column or key that holds the labels, where it is not found by itself. For ``cifar100``:
            ``fine_label`` (default) or ``coarse_label``.
        skip_unreadable: Leave out images that do not decode, and list them, instead of stopping.
        train_images: Train on so many images only, drawn once and for all by their ids: the same ones wherever and
            in whatever order the data lie, for every seed. By default on all.
        cache: Where packed images and downloads are kept. By default the folder that the environment variable
            ``SWITHER_CACHE`` names, else the system's place for caches (``~/.cache/swither`` on Linux).
    """

    source: str = field(metadata=_PROTOCOL)
    test: str | None = field(default=None, metadata=_PROTOCOL)
    split: str | None = field(default=None, metadata=_PROTOCOL)
    group_by: str | None = field(default=None, metadata=_PROTOCOL)
    image_size: int | None = field(default=None, metadata=_PROTOCOL)
    image_column: str | None = field(default=None, metadata=_PROTOCOL)
    label_column: str | None = field(default=None, metadata=_PROTOCOL)
    skip_unreadable: bool = field(default=False, metadata=_PROTOCOL)
    train_images: int | None = field(default=None, metadata=_PROTOCOL)
    cache: str | None = field(default=None, metadata=_EXECUTION)
