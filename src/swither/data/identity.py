"""Who an image is: a hash of what its source holds, and numbers for exact copies."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from swither.arrays import AnyArray, StrArray
from swither.data.groups import content_of


def content_id(content: bytes) -> str:
    """The id of an encoded image: BLAKE2b of its bytes as the file or the Parquet cell holds them.

    Args:
        content: the bytes, not decoded.

    Returns:
        32 hexadecimal digits (16 bytes).

    Example:
        >>> content_id(b"")
        'cae66941d9efbd404e4d88758ea67670'
    """
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def array_id(pixels: AnyArray) -> str:
    """The id of an image that its source holds as an array: BLAKE2b of its shape and its raw pixels.

    Args:
        pixels: (height, width, channels) uint8, in any memory layout.

    Returns:
        32 hexadecimal digits (16 bytes).

    Example:
        >>> array_id(np.zeros((2, 3, 1), np.uint8)) == array_id(np.zeros((3, 2, 1), np.uint8))
        False
    """
    shape = "x".join(map(str, pixels.shape))
    digest = hashlib.blake2b(f"{shape}:{pixels.dtype}:".encode(), digest_size=16)
    digest.update(np.ascontiguousarray(pixels).data)
    return digest.hexdigest()


def number_copies(
    contents: Sequence[str],
    labels: Sequence[str],
    paths: Sequence[str],
    parts: Sequence[str] | None = None,
) -> StrArray:
    """Give every image an id of its own: copies of one content get ``-2``, ``-3`` behind the hash.

    Which copy gets which number depends on what is known of it, never on the order of the source: training
    images come first, then the name of the label decides, then the path.

    Args:
        contents: (samples,) content hashes.
        labels: (samples,) label names, "" where unknown.
        paths: (samples,) where each image lies.
        parts: (samples,) "train" or "test" where the data came so divided; None where they did not.

    Returns:
        (samples,) distinct ids, in the order given.

    Example:
        >>> number_copies(["a", "b", "a"], ["dog", "cat", "cat"], ["1", "2", "3"]).tolist()
        ['a-2', 'b', 'a']
    """
    ids = list(contents)
    repeated = {content for content, count in Counter(ids).items() if count > 1}
    places: dict[str, list[int]] = {content: [] for content in repeated}
    for position, content in enumerate(ids):
        if content in repeated:
            places[content].append(position)
    for content, copies in places.items():
        copies.sort(key=lambda p: (parts is not None and parts[p] == "test", labels[p], paths[p]))
        for number, position in enumerate(copies[1:], start=2):
            ids[position] = f"{content}-{number}"
    return np.array(ids, dtype=np.str_)


@dataclass(frozen=True)
class CopyGroup:
    """Images of exactly the same content.

    Attributes:
        ids: their ids, in order.
        labels: their label names, one for each id, "" where unknown.
    """

    ids: tuple[str, ...]
    labels: tuple[str, ...]

    @property
    def conflicting(self) -> bool:
        """Whether two copies bear different labels; an unknown label contradicts nothing."""
        return len({label for label in self.labels if label}) > 1


def copy_groups(ids: Iterable[str], labels: Iterable[str]) -> tuple[CopyGroup, ...]:
    """Find the groups of exact copies.

    Args:
        ids: (samples,) ids as `number_copies` gives them.
        labels: (samples,) label names, "" where unknown.

    Returns:
        The groups of two images and more, in the order of their ids.

    Example:
        >>> ids = ["0" * 32, "0" * 32 + "-2", "1" * 32]
        >>> [group.conflicting for group in copy_groups(ids, ["cat", "dog", "cat"])]
        [True]
    """
    ids = list(map(str, ids))
    repeated = {content_of(image_id) for image_id in ids if "-" in image_id}  # a second copy bears a number
    members: dict[str, list[tuple[str, str]]] = {content: [] for content in repeated}
    for image_id, label in zip(ids, map(str, labels), strict=True) if repeated else ():
        content = image_id if image_id in repeated else content_of(image_id) if "-" in image_id else ""
        if content in repeated:
            members[content].append((image_id, label))
    groups = (sorted(copies) for _, copies in sorted(members.items()) if len(copies) > 1)
    return tuple(
        CopyGroup(ids=tuple(i for i, _ in copies), labels=tuple(label for _, label in copies)) for copies in groups
    )
