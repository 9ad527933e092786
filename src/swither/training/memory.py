"""Memory that a training frees and takes again with every step stays with the process meanwhile."""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import torch

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # glibc's names for what can be set
_MOST_ON_HEAP = 32 << 20
"""Bytes of a block that glibc keeps at most, wherever the limit is set."""

_NEVER = (1 << 31) - 1
_SET_BY_THE_USER = (
    "MALLOC_TRIM_THRESHOLD_",
    "MALLOC_TOP_PAD_",
    "MALLOC_MMAP_THRESHOLD_",
    "MALLOC_MMAP_MAX_",
    "glibc.malloc.trim_threshold",
    "glibc.malloc.top_pad",
    "glibc.malloc.mmap_threshold",
    "glibc.malloc.mmap_max",
)
"""What fixes these limits from outside, as variables or named in GLIBC_TUNABLES."""


@contextlib.contextmanager
def freed_memory_kept(device: torch.device | str = "cpu") -> Iterator[None]:
    """Let the C library keep the memory that is freed inside, and give it back to the system afterwards.

    glibc gives a large free block at the end of its heap back at once. A network's maps are such blocks, freed and
    taken again with every step, and every page of them is then a page fault: a tenth of the time of a small network's
    training. No number changes. Afterwards, and for as long as the process lives, glibc stands as it does by itself
    once a block of 32 MiB was freed; it has no way back to moving its limits by itself. Where the environment sets
    one of these limits (``MALLOC_TRIM_THRESHOLD_``, ``MALLOC_MMAP_THRESHOLD_``, ``MALLOC_TOP_PAD_``,
    ``MALLOC_MMAP_MAX_``, or the same in ``GLIBC_TUNABLES``), that holds, and nothing is done.

    Args:
        device: where is computed; for any other than the CPU, and with any other C library than glibc, nothing is done.
    """
    library = _glibc() if torch.device(device).type == "cpu" and not _set_by_the_user() else None
    if library is None:
        yield
        return
    library.mallopt(_MMAP_THRESHOLD, _MOST_ON_HEAP)
    library.mallopt(_TRIM_THRESHOLD, _NEVER)
    try:
        yield
    finally:
        library.mallopt(_TRIM_THRESHOLD, 2 * _MOST_ON_HEAP)
        library.malloc_trim(0)


def _set_by_the_user() -> bool:
    """Whether the environment says itself what glibc keeps."""
    tunables = {entry.partition("=")[0] for entry in os.environ.get("GLIBC_TUNABLES", "").split(":")}
    return any(name in os.environ or name in tunables for name in _SET_BY_THE_USER)


@lru_cache(maxsize=1)
def _glibc() -> Any:
    """The C library of this process, where it is glibc; else None."""
    if sys.platform != "linux":
        return None
    library = ctypes.CDLL(None)
    return library if hasattr(library, "gnu_get_libc_version") and hasattr(library, "mallopt") else None
