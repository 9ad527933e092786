"""Packed images with their identity: the one shape in which every room sees image data."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from functools import cached_property
from mmap import mmap
from typing import Any

import numpy as np

from swither.arrays import AnyArray, ByteArray, IntArray, StrArray
from swither.data.features import Features
from swither.errors import InputError, UnknownIds

UNLABELLED = -1


@dataclass(frozen=True)
class ImageSet:
    """Images in the order of their ids, with labels where they are known.

    The pixels are shared and never copied whole: a part of a set (`take`) is other rows of the same pixels.
    `open_dataset` gives sets in id order; whatever trains or records goes through them in that order.

    Attributes:
        pixels: (stored, height, width, channels) uint8, often memory-mapped; channels is 1 or 3.
        rows: (samples,) where each image lies in `pixels`.
        ids: (samples,) distinct ids, see `identity`.
        labels: (samples,) class numbers, int64; -1 where unknown.
        class_names: (classes,) names in the order of their numbers.
        paths: (samples,) where each image came from, for people: a path, or ``file.parquet#row``.
        groups: (samples,) what must stay on one side of a split (a patient, a video), or None.
        features: embeddings of the same images, which networks are then given instead of pixels; or None.
    """

    pixels: ByteArray
    rows: IntArray
    ids: StrArray
    labels: IntArray
    class_names: tuple[str, ...]
    paths: StrArray
    groups: StrArray | None = None
    features: Features | None = None

    def __post_init__(self) -> None:
        assert self.pixels.ndim == 4, self.pixels.shape
        assert self.pixels.dtype == np.uint8, self.pixels.dtype
        assert len(self.rows) == len(self.ids) == len(self.labels) == len(self.paths)
        assert self.groups is None or len(self.groups) == len(self.ids)
        assert self.features is None or len(self.features.rows) == len(self.ids)

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Height, width and channels of every image."""
        _, height, width, channels = self.pixels.shape
        return height, width, channels

    @property
    def has_pixels(self) -> bool:
        """Whether there is anything to see: sets that came as embeddings alone have images of 0 x 0 pixels."""
        return min(self.image_shape) > 0

    @property
    def stored(self) -> AnyArray:
        """All that networks are given of this set and its other parts: pixels, or features where it has them."""
        return self.pixels if self.features is None else self.features.values

    @property
    def stored_rows(self) -> IntArray:
        """(samples,) where each image lies in `stored`."""
        return self.rows if self.features is None else self.features.rows

    @property
    def classes(self) -> int:
        """How many classes there are, whether or not each has an image."""
        return len(self.class_names)

    def take(self, positions: AnyArray) -> ImageSet:
        """The images at `positions` (integers or a mask), in that order, on the same pixels."""
        groups = None if self.groups is None else self.groups[positions]
        return replace(
            self,
            rows=self.rows[positions],
            ids=self.ids[positions],
            labels=self.labels[positions],
            paths=self.paths[positions],
            groups=groups,
            features=None if self.features is None else self.features.take(positions),
        )

    def images(self, positions: AnyArray | slice) -> ByteArray:
        """Copy some images out of the packed pixels: (taken, height, width, channels) uint8."""
        return np.asarray(self.pixels[self.rows[positions]])

    def inputs(self, positions: AnyArray | slice) -> AnyArray:
        """Copy out what a network is given: features (taken, width) where there are any, else `images`."""
        return self.images(positions) if self.features is None else self.features.of(positions)

    def positions(self, ids: Iterable[str]) -> IntArray:
        """Where `ids` stand in this set: (ids,) int64.

        Raises:
            UnknownIds: some are not in this set.
        """
        wanted = [str(i) for i in ids]
        missing = [i for i in wanted if i not in self._position_of]
        if missing:
            raise UnknownIds(missing, f"a set of {len(self)} images")
        return np.array([self._position_of[i] for i in wanted], dtype=np.int64)

    def without_labels(self) -> ImageSet:
        """The same images with no label known: what a learner may see."""
        return replace(self, labels=np.full(len(self), UNLABELLED, dtype=np.int64))

    def labelled(self, ids: Iterable[str], labels: Iterable[int]) -> ImageSet:
        """Some images with the labels given here, in id order: what a network is trained on."""
        order = sorted(zip(map(str, ids), map(int, labels), strict=True))
        if not order:
            raise InputError("Expected at least one labelled image, got none. Label some first.")
        taken = self.take(self.positions(i for i, _ in order))
        return replace(taken, labels=np.array([label for _, label in order], dtype=np.int64))

    def __getstate__(self) -> dict[str, Any]:
        """What another process needs: memory-mapped pixels go as their place on disk, not as a copy."""
        state = {field.name: getattr(self, field.name) for field in fields(self)}
        base: Any = self.pixels.base
        if isinstance(self.pixels, np.memmap) and isinstance(base, mmap):
            state["pixels"] = (str(self.pixels.filename), self.pixels.offset, self.pixels.shape)
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Map the same pixels."""
        if isinstance(state["pixels"], tuple):
            path, offset, shape = state["pixels"]
            state["pixels"] = np.memmap(path, dtype=np.uint8, mode="r", offset=offset, shape=shape)
        for name, value in state.items():
            object.__setattr__(self, name, value)

    @cached_property
    def fingerprint(self) -> str:
        """A hash of what the images are, not of where they lie: shape, class names, ids and labels."""
        digest = hashlib.blake2b(digest_size=16)
        digest.update(repr((self.image_shape, self.class_names)).encode())
        for position in np.argsort(self.ids, kind="stable"):
            digest.update(f"{self.ids[position]}:{self.labels[position]};".encode())
        return digest.hexdigest()

    @cached_property
    def _position_of(self) -> dict[str, int]:
        return {str(i): position for position, i in enumerate(self.ids)}
