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

LEAST_LIKENESS = 0.975
MOST_COLOUR = 24
_LEAST_SIDE = 48
_LEAST_CONTRAST = 6.0


def fingerprint(picture: Image.Image, size: tuple[int, int] | None = None) -> AnyArray:
    """The fingerprint of an upright RGB image: one `FINGERPRINT`.

    The hash is the difference hash: the image at 9 x 8 grey pixels, and of every two neighbours in a row whether the
    right one is brighter. Brightness, contrast, size and compression leave nearly all of the bits alone. Images of a
    shorter side below 48 pixels and images of next to no contrast do not speak: of them so little is left from afar
    that different ones look the same.

    Args:
        picture: RGB, possibly scaled down already.
        size: width and height before that.
    """
    grey = picture.convert("L")
    differences = np.asarray(grey.resize((9, 8), Image.Resampling.BOX), dtype=np.int16)
    bits = (differences[:, 1:] > differences[:, :-1]).ravel()  # (64,)
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

    The grey values correlate nearly fully, whatever their brightness and contrast, and the mean colours are close.

    Args:
        ours: (pairs,) of `FINGERPRINT`.
        theirs: (pairs,) likewise.

    Returns:
        (pairs,) bool.
    """
    a, b = _standardised(ours["grey"]), _standardised(theirs["grey"])  # (pairs, 256)
    likeness = np.einsum("pi,pi->p", a, b) / a.shape[1]
    tint = ours["colour"].astype(np.float32) - theirs["colour"]
    # A brighter copy moves all three channels together: what moves them apart is another colour.
    apart = np.abs(tint - tint.mean(axis=1, keepdims=True)).max(axis=1)
    speak = (ours["speaks"] != 0) & (theirs["speaks"] != 0)
    same: BoolArray = speak & (likeness >= LEAST_LIKENESS) & (apart <= MOST_COLOUR)
    return same


def _standardised(grey: ByteArray) -> AnyArray:
    values = grey.reshape(len(grey), -1).astype(np.float32)
    values -= values.mean(axis=1, keepdims=True)
    return values / np.maximum(values.std(axis=1, keepdims=True), 1e-6)
