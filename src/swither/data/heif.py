"""HEIC, the format of many telephones' photographs, which Pillow reads with the extra ``heic``."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from swither.extras import require

SUFFIXES = (".heic", ".heif")
_BRANDS = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1")


def is_heif(content: bytes) -> bool:
    """Whether an image file begins as HEIC and its relatives do.

    Example:
        >>> is_heif(b"....ftypheic...."), is_heif(b"GIF89a..........")
        (True, False)
    """
    return content[4:8] == b"ftyp" and content[8:12] in _BRANDS


@cache
def read_heif() -> None:
    """Let Pillow read HEIC from now on.

    Raises:
        MissingExtra: the extra is not installed.
    """
    require("pillow_heif", "Opening HEIC images", "heic").register_heif_opener()


def require_heif(paths: Iterable[str]) -> None:
    """Before anything is decoded, raise where a file is called like a HEIC image and none could be read.

    Raises:
        MissingExtra: the extra is not installed.
    """
    if any(path.lower().endswith(SUFFIXES) for path in paths):
        read_heif()
