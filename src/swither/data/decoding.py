"""One image: from the bytes of a file to packed pixels."""

from __future__ import annotations

import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import TypeAlias

import numpy as np
from PIL import Image, UnidentifiedImageError

from swither.arrays import ByteArray
from swither.data.heif import is_heif, read_heif
from swither.errors import MissingExtra

VERSION = 1  # changes whenever the same bytes would give other pixels; caches of another version are made anew

Fit: TypeAlias = int | tuple[int, int]
"""What an image is brought to: a square of that many pixels, or the (width, height) that it must have already."""

_FIRST_VERSION = 1
_ORIENTATION = 0x0112  # the EXIF tag
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SWAPS_SIDES = (5, 6, 7, 8)
_REDUCED = ("JPEG", "MPO")
"""Formats that decode at a half, a quarter or an eighth by themselves. HEIC would answer with a camera's thumbnail."""
_SIXTEEN_BIT = ("I;16", "I;16L", "I;16B", "I;16N")
_BEGINNINGS = {b"\xff\xd8\xff": "JPEG", b"\x89PNG": "PNG", b"RIFF": "WEBP", b"GIF8": "GIF", b"BM": "BMP"}


def version_in_keys() -> list[int]:
    """What a key of anything made of decoded pixels holds beside: `VERSION`, nothing at the first.

    Embeddings of the first version were kept before their key knew of one, and are to be found again.
    """
    return [] if VERSION == _FIRST_VERSION else [VERSION]


class Unreadable(Exception):
    """An image that does not decode; the message is the reason, to stand behind the file's name."""


class SizesDiffer(Exception):
    """An image is not of the size that all others have, so that no native size can be kept."""


@dataclass(frozen=True)
class Decoded:
    """An image as it is packed, and the size in which it came.

    Attributes:
        pixels: (height, width, channels) uint8; channels is 1 where every pixel is grey, otherwise 3.
        size: width and height in pixels as displayed, before anything was scaled or cut.
    """

    pixels: ByteArray
    size: tuple[int, int]


def decode(content: bytes, fit: Fit) -> Decoded:
    """Decode the first frame, turned as EXIF says, on white where it is transparent, scaled to `fit`.

    Colour models other than grey become RGB; colour profiles are not applied. 16-bit grey is scaled to
    8 bits over its whole range (65,535 becomes 255).

    Raises:
        Unreadable: the bytes are no image that can be decoded.
        SizesDiffer: `fit` is a size that this image does not have.
    """
    with _opened(content) as image:
        return _decode(image, fit)


@dataclass(frozen=True)
class Upright:
    """A whole image for people to look at.

    Attributes:
        image: the first frame, RGB, turned as EXIF says, on white where it is transparent.
        size: width and height in pixels as displayed, before anything was scaled.
        profile: the colour profile that its colours are meant in, None for the usual one.
        square: (side, side, 3) uint8, the centre square for a network, where it was asked for.
    """

    image: Image.Image
    size: tuple[int, int]
    profile: bytes | None = None
    square: ByteArray | None = None


def decode_upright(content: bytes, largest: int | None = None, square: int | None = None) -> Upright:
    """Decode the first frame whole, as it is displayed, its longer side brought down to `largest` pixels.

    A JPEG is decoded at a half, a quarter or an eighth where that is enough, which takes a fraction of the time.

    The centre square comes from the same decode and has the pixels that `decode` gives a comparison: of an image of
    up to `square` pixels both ways, its own; of any other, scaled to `square` pixels from an image whose shorter side
    has at least twice as many, however long the other is. (Bit for bit where `largest` is at most twice `square`.)

    Args:
        content: the bytes of the file.
        largest: pixels of the longer side; smaller images stay as they are. None: the full size.
        square: pixels of a side of the centre square; None: it is not wanted.

    Raises:
        Unreadable: the bytes are no image that can be decoded.
    """
    with _opened(content) as image:
        width, height = image.size
        if largest is not None and image.format in _REDUCED:
            wanted = _reduced(largest, width, height)
            enough = wanted if square is None else _twice(square, width, height)
            image.draft(None, (max(wanted[0], enough[0]), max(wanted[1], enough[1])))
        image.load()
        turn = image.getexif().get(_ORIENTATION)
        if image.format == "TIFF":  # Pillow has turned it while loading, and forgotten the tag
            width, height = image.size
        profile = image.info.get("icc_profile") if image.mode in ("RGB", "RGBA") else None
        plain = _grey_or_colour(image)
        cut = None if square is None or max(width, height) <= square else _fitted(plain, square)
        if largest is not None and max(plain.size) > largest:
            plain = plain.resize(_reduced(largest, *plain.size), Image.Resampling.BICUBIC, reducing_gap=2.0)
        if turn in _TURNS:
            plain = plain.transpose(_TURNS[turn])
            cut = None if cut is None else cut.transpose(_TURNS[turn])
        if turn in _SWAPS_SIDES:
            width, height = height, width
        if square is not None:
            cut = _whole_square(plain) if cut is None else cut
        return Upright(
            plain.convert("RGB"), (width, height), profile, None if cut is None else np.asarray(cut.convert("RGB"))
        )


def _reduced(largest: int, width: int, height: int) -> tuple[int, int]:
    """A size of the same shape whose longer side is `largest`, or less where it is less."""
    scale = min(1.0, largest / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


@contextmanager
def _opened(content: bytes) -> Iterator[Image.Image]:
    """The image of `content`; whatever is wrong with it, then or while it is used, becomes an `Unreadable`."""
    if not content:
        raise Unreadable("empty (0 bytes)")
    try:
        with Image.open(BytesIO(content), formats=_formats(content)) as image:
            yield image
    except UnidentifiedImageError:
        raise Unreadable(_why_unknown(content)) from None
    except Image.DecompressionBombError as error:
        raise Unreadable(f"too large: {error}") from None
    except MissingExtra as error:
        raise Unreadable(f"a HEIC image. {error}") from None
    except (OSError, ValueError, SyntaxError, struct.error, EOFError, IndexError, KeyError, RuntimeError) as error:
        raise Unreadable(f"{error}".strip() or type(error).__name__) from error


def decode_array(pixels: ByteArray, fit: Fit) -> Decoded:
    """Bring an image that came as an array (height, width, 1 or 3) to `fit`.

    Raises:
        SizesDiffer: `fit` is a size that this image does not have.
    """
    height, width, channels = pixels.shape
    if fit == (width, height):
        return Decoded(_without_grey_colour(pixels), (width, height))
    if isinstance(fit, tuple):
        raise SizesDiffer
    image = Image.fromarray(np.ascontiguousarray(pixels[..., 0] if channels == 1 else pixels))
    return Decoded(_pixels(_fitted(image, fit)), (width, height))


def displayed_size(content: bytes) -> tuple[int, int] | None:
    """Width and height of an image from its header, or None where it cannot be read."""
    try:
        with warnings.catch_warnings():
            hush_pillow()
            return _displayed_size(content)
    except Exception:  # whatever is wrong with it is reported when it is decoded
        return None


def hush_pillow() -> None:
    """Ignore Pillow's warnings until the filters are set back.

    It warns of damage that it can read past, and of large images below its limit; above the limit it raises.
    """
    warnings.filterwarnings("ignore", module=r"PIL\.")


def _displayed_size(content: bytes) -> tuple[int, int]:
    with Image.open(BytesIO(content), formats=_formats(content)) as image:
        if image.format == "TIFF":  # which Pillow turns while loading
            image.load()
        width, height = image.size
        turned = image.getexif().get(_ORIENTATION) in _SWAPS_SIDES
        return (height, width) if turned else (width, height)


def _decode(image: Image.Image, fit: Fit) -> Decoded:
    width, height = image.size
    if isinstance(fit, int) and image.format in _REDUCED:
        image.draft(None, _twice(fit, width, height))
    elif isinstance(fit, tuple) and sorted(fit) != sorted(image.size):
        raise SizesDiffer
    image.load()
    turn = image.getexif().get(_ORIENTATION)  # after loading: some formats keep EXIF behind the pixels
    if image.format == "TIFF":  # Pillow has turned it while loading, and forgotten the tag
        width, height = image.size
    plain = _grey_or_colour(image)
    if isinstance(fit, int):
        plain = _fitted(plain, fit)
    if turn in _TURNS:
        plain = plain.transpose(_TURNS[turn])
    if turn in _SWAPS_SIDES:
        width, height = height, width
    if isinstance(fit, tuple) and fit != (width, height):
        raise SizesDiffer
    return Decoded(_pixels(plain), (width, height))


def _twice(side: int, width: int, height: int) -> tuple[int, int]:
    """A size whose shorter side is twice `side`: enough for the filter that follows to be exact to the eye.

    Of a JPEG decoder's scales the smallest that is not below it is taken: 4,000 x 3,000 pixels are decoded at an eighth
    for 64 and for 128 pixels, at a quarter for 224. Tests hold the difference from decoding in full: under half a grey
    level of 255 on average and 20 at most, at sharp edges, where both sides are multiples of the scale, as cameras'
    are; else the last row of blocks is cut, and pixels move by less than half a pixel of the result.
    """
    shorter = min(width, height)
    return max(1, width * 2 * side // shorter), max(1, height * 2 * side // shorter)


def _grey_or_colour(image: Image.Image) -> Image.Image:
    if image.mode in _SIXTEEN_BIT:
        return _from_sixteen_bits(np.asarray(image))
    if image.mode == "I":
        values = np.asarray(image)
        if values.min() < 0 or values.max() > 65535:
            raise Unreadable("32-bit integer pixels, of which no range says what is white; convert it to 16 bit")
        return _from_sixteen_bits(values)
    if image.mode == "F":
        raise Unreadable("floating-point pixels, of which no range says what is white; convert it to 16 bit")
    if image.has_transparency_data:
        coloured = image.convert("RGBA")
        white = Image.new("RGBA", coloured.size, "white")
        return Image.alpha_composite(white, coloured).convert("RGB")
    return image.convert("L" if image.mode in ("1", "L") else "RGB")


def _from_sixteen_bits(values: np.ndarray[tuple[int, ...], np.dtype[np.integer]]) -> Image.Image:
    return Image.fromarray(((values.astype(np.uint32) + 128) // 257).astype(np.uint8))


def _fitted(image: Image.Image, side: int) -> Image.Image:
    """Scale the shorter side and cut out the centre square, both in one step and to parts of a pixel."""
    width, height = image.size
    if (width, height) == (side, side):
        return image
    shorter = min(width, height)
    left, top = (width - shorter) / 2, (height - shorter) / 2
    box = (left, top, left + shorter, top + shorter)
    return image.resize((side, side), Image.Resampling.BICUBIC, box=box)


def _whole_square(image: Image.Image) -> Image.Image:
    """The centre square as it is, in whole pixels."""
    width, height = image.size
    shorter = min(width, height)
    left, top = (width - shorter) // 2, (height - shorter) // 2
    return image.crop((left, top, left + shorter, top + shorter))


def _pixels(image: Image.Image) -> ByteArray:
    pixels = np.asarray(image)
    return _without_grey_colour(pixels[..., None] if pixels.ndim == 2 else pixels)


def _without_grey_colour(pixels: ByteArray) -> ByteArray:
    if pixels.shape[-1] == 3:
        first = pixels[..., :1]
        if (pixels[..., 1:] == first).all():
            return first
    return pixels


def _formats(content: bytes) -> list[str] | None:
    """The format that the first bytes tell, so that Pillow need not try one after the other; None for all."""
    for beginning, name in _BEGINNINGS.items():
        if content.startswith(beginning):
            return [name]
    if is_heif(content):
        read_heif()
    return None


def _why_unknown(content: bytes) -> str:
    if is_heif(content):
        return "damaged: it begins like HEIC, but cannot be read"
    formats = _formats(content)
    if formats is not None:
        return f"damaged: it begins like {formats[0]}, but its header cannot be read"
    return "not an image of a format that Pillow knows"
