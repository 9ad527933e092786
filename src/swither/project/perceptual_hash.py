"""What an image looks like from afar, in 64 bits and a few numbers, so that near copies can be told from others."""

from __future__ import annotations

import numpy as np
from PIL import Image

from swither.arrays import AnyArray, BoolArray, ByteArray

SIDE = 16
"""The second look has so many pixels each way."""

FINGERPRINT = np.dtype([("hash", "<u8"), ("grey", "u1", (SIDE, SIDE)), ("colour", "u1", (3,)), ("speaks", "u1")])
"""A hash of 64 bits; the image at 16 x 16 pixels in grey; its mean colour; whether it can be compared at all."""

MOST_BITS = 7
"""Near copies differ in at most so many of the 64 bits: what `swither.project.hamming_pairs` finds with four bands."""

MARGIN = 3
"""Levels by which the right one of two neighbours must be brighter: without it, noise decides in the sky."""

LEAST_LIKENESS = 0.98
MOST_LEVELS = 18
MOST_COLOUR = 24
"""What near copies have in common at 16 x 16 pixels: the correlation of the grey values; by how many of 256 levels
they differ once brightness and contrast are made equal, save in 5 of the 256 places; by how many levels the mean of
one colour is off beside the others. Of the 200 million pairs among 20,000 images of CIFAR-10, seven pass, and all
of them show one photograph twice."""

_PLACES_LEFT_OUT = 5
_LEAST_SIDE = 48
_LEAST_CONTRAST = 10.0


def fingerprint(picture: Image.Image, size: tuple[int, int] | None = None) -> AnyArray:
    """The fingerprint of an upright RGB image: one `FINGERPRINT`.

    The hash is the difference hash: the image at 9 x 8 grey pixels, and of every two neighbours in a row whether the
    right one is clearly brighter. Brightness, contrast, size and compression leave nearly all of the bits alone.
    Images of a shorter side below 48 pixels and images of next to no contrast do not speak: of them so little is left
    from afar that different ones look the same.

    Args:
        picture: RGB, possibly scaled down already.
        size: width and height before that.
    """
    grey = picture.convert("L")
    differences = np.asarray(grey.resize((9, 8), Image.Resampling.BOX), dtype=np.int16)
    bits = (differences[:, 1:] > differences[:, :-1] + MARGIN).ravel()  # (64,)
    small = np.asarray(grey.resize((SIDE, SIDE), Image.Resampling.BOX))
    result = np.zeros((), FINGERPRINT)
    # Neighbouring bits are alike; taken in steps of four, so that each band of 16 bits sees the whole image.
    result["hash"] = np.packbits(bits.reshape(16, 4).T.ravel()).view("<u8")[0]
    result["grey"] = small
    result["colour"] = np.asarray(picture.resize((1, 1), Image.Resampling.BOX))[0, 0]
    result["speaks"] = min(size or picture.size) >= _LEAST_SIDE and float(small.std()) >= _LEAST_CONTRAST
    return result


def alike(ours: AnyArray, theirs: AnyArray) -> BoolArray:
    """The second look at pairs whose hashes are close: whether they are the same image to the eye.

    Brightness and contrast are made equal, and then nearly every place must agree: where two frames of a fixed camera
    differ by a thing that covers more than a fiftieth of the image, they are no near copies.

    Args:
        ours: (pairs,) of `FINGERPRINT`.
        theirs: (pairs,) likewise.

    Returns:
        (pairs,) bool.
    """
    (a, spread_a), (b, spread_b) = _standardised(ours["grey"]), _standardised(theirs["grey"])  # (pairs, 256)
    likeness = np.einsum("pi,pi->p", a, b) / a.shape[1]
    levels = np.abs(a - b) * np.sqrt(spread_a * spread_b)  # (pairs, 256)
    place = levels.shape[1] - 1 - _PLACES_LEFT_OUT
    most = np.partition(levels, place, axis=1)[:, place]
    # A brighter copy moves all three channels together: what moves them apart is another colour.
    tint = ours["colour"].astype(np.float32) - theirs["colour"]
    apart = np.abs(tint - tint.mean(axis=1, keepdims=True)).max(axis=1)
    speak = (ours["speaks"] != 0) & (theirs["speaks"] != 0)
    same: BoolArray = speak & (likeness >= LEAST_LIKENESS) & (most <= MOST_LEVELS) & (apart <= MOST_COLOUR)
    return same


def _standardised(grey: ByteArray) -> tuple[AnyArray, AnyArray]:
    """Values of mean 0 and deviation 1, (pairs, 256), and the deviation before, (pairs, 1)."""
    values = grey.reshape(len(grey), SIDE * SIDE).astype(np.float32)
    values -= values.mean(axis=1, keepdims=True)
    spread = np.maximum(values.std(axis=1, keepdims=True), 1e-6)
    return values / spread, spread
