"""One look at one file: from a single reduced decode come its id, thumbnail, fingerprint and the embedder's square."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from swither.arrays import AnyArray, ByteArray
from swither.project.perceptual_hash import fingerprint
from swither.project.previews import THUMBNAIL, as_read, keep
from swither.project.reading import ImageProblem, read_image
from swither.project.records import ImageFile
from swither.project.walk import lies_in

if TYPE_CHECKING:
    from swither.project.project import Project

READ_SIDE = 384
"""Pixels of the longer side that the decode gives; 4,000 x 3,000 pixels are then decoded at an eighth."""


@dataclass(frozen=True)
class Look:
    """What a look gave.

    Attributes:
        file: what is known of the file now; as before where the look failed for a reason that may pass.
        fingerprint: None where it was known, or the file cannot be shown.
        problem: why it could not be read this time; None where it could, or the file itself is at fault.
        square: (side, side, 3) uint8 for the embedder; None likewise.
    """

    file: ImageFile
    fingerprint: AnyArray | None = None
    square: ByteArray | None = None
    problem: str | None = None


def look(project: Project, file: ImageFile, side: int, fingerprinted: Container[str], embedded: Container[str]) -> Look:
    """Read a file and make what is missing of its image; a file that cannot be read stops nothing.

    Args:
        project: whose file.
        file: as the store knows it.
        side: of the embedder's square, in pixels.
        fingerprinted: images whose fingerprints are known.
        embedded: images whose embeddings are known.
    """
    path = project.images / file.path
    if not lies_in(project.images, path):
        return Look(replace(file, present=False))
    try:
        read = read_image(path, READ_SIDE)
    except ImageProblem as problem:
        if problem.gone:
            return Look(replace(file, present=False))
        if problem.passing:
            return Look(file, problem=str(problem))
        return Look(replace(file, image=problem.image or file.image, width=0, height=0, problem=str(problem)))
    keep(project, read, THUMBNAIL)
    return Look(
        as_read(file, read),
        None if read.image in fingerprinted else fingerprint(read.picture, (read.width, read.height)),
        None if read.image in embedded else square(read.picture, side),
    )


def square(picture: Image.Image, side: int) -> ByteArray:
    """The centre square of an RGB picture at `side` pixels, as experiments cut it out: (side, side, 3) uint8."""
    width, height = picture.size
    shorter = min(width, height)
    left, top = (width - shorter) / 2, (height - shorter) / 2
    box = (left, top, left + shorter, top + shorter)
    return np.asarray(picture.resize((side, side), Image.Resampling.BICUBIC, box=box))
