"""Memory that a training frees and takes again with every step stays with the process meanwhile."""

from __future__ import annotations

import contextlib
import ctypes
import sys
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import torch

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # glibc's names for what can be set
_MOST_ON_HEAP = 32 << 20
"""Bytes of a block that glibc keeps at most, wherever the limit is set."""

_NEVER = (1 << 31) - 1


@contextlib.contextmanager
def freed_memory_kept(device: torch.device | str = "cpu") -> Iterator[None]:
    """Let the C library keep the memory that is freed inside, and give it back to the system afterwards.

    glibc gives a large free block at the end of its heap back at once. A network's maps are such blocks, freed and
    taken again with every step, and every page of them is then a page fault: a tenth of the time of a small network's
    training. No number changes. Afterwards glibc stands as it does by itself once a block of 32 MiB was freed.

    Args:
        device: where is computed; for any other than the CPU, and with any other C library than glibc, nothing is done.
    """
    library = _glibc() if torch.device(device).type == "cpu" else None
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


@lru_cache(maxsize=1)
def _glibc() -> Any:
    """The C library of this process, where it is glibc; else None."""
    if sys.platform != "linux":
        return None
    library = ctypes.CDLL(None)
    return library if hasattr(library, "gnu_get_libc_version") and hasattr(library, "mallopt") else None
