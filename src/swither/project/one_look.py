"""One look at one file: from a single reduced decode come its id, thumbnail, fingerprint and the embedder's square."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from swither.arrays import AnyArray, ByteArray
from swither.project.perceptual_hash import fingerprint
from swither.project.previews import THUMBNAIL, as_read, keep
from swither.project.reading import ImageProblem, read_image
from swither.project.records import ImageFile
from swither.project.walk import lies_in

if TYPE_CHECKING:
    from swither.project.project import Project

READ_SIDE = THUMBNAIL
"""Pixels of the longer side of the whole picture. The square for the embedder is cut from the decode itself, which has
twice its pixels on the shorter side: 4,000 x 3,000 pixels are decoded at an eighth for both."""

SQUARES = 2
"""Goes up with every change of how squares are cut, so that embeddings of two kinds of squares are never mixed."""


@dataclass(frozen=True)
class Look:
    """What a look gave.

    Attributes:
        file: what is known of the file now; as before where the look failed for a reason that may pass.
        fingerprint: None where it was known, or the file cannot be shown.
        problem: why it could not be read this time; None where it could, or the file itself is at fault.
        square: (side, side, 3) uint8 for the embedder, of the pixels that a comparison would pack; None likewise. An
            image of up to the embedder's side both ways keeps its own pixels, and is enlarged as it is embedded.
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
        read = read_image(path, READ_SIDE, side)
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
        None if read.image in embedded else read.square,
    )
