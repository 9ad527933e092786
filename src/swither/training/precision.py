"""In which precision a network computes: float32, or bfloat16 with the pool, the last layer and all scores in float32.

Weights, gradients, momentum and BatchNorm's statistics are float32 in either. On a GPU with bfloat16 units it is the
default there; a CPU without them is 40 to 100 times slower in it, so there it is refused.
"""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, nullcontext

import torch

from swither.errors import InputError, UnknownName

FLOAT32, BFLOAT16 = "float32", "bfloat16"
PRECISIONS = (FLOAT32, BFLOAT16)

ALLOW_SLOW = "SWITHER_ALLOW_SLOW_BFLOAT16"
"""Set to 1, this environment variable allows bfloat16 where it is slow: for tests and rehearsals."""


def choose_precision(name: str | None, device: torch.device | str) -> str:
    """The precision of that name, or the usual one of the device: bfloat16 on a GPU that has it, else float32.

    Args:
        name: ``"float32"``, ``"bfloat16"`` or None.
        device: where it is computed.

    Raises:
        UnknownName: there is no such precision.
        InputError: bfloat16 is asked for where it would be slow or cannot be.

    Example:
        >>> choose_precision(None, "cpu")
        'float32'
    """
    device = torch.device(device)
    if name is not None and name not in PRECISIONS:
        raise UnknownName("precision", name, PRECISIONS)
    if name is None:
        return BFLOAT16 if device.type == "cuda" and is_native(device) else FLOAT32
    if name == BFLOAT16 and not is_native(device) and not _is_allowed(device):
        raise InputError(
            f"bfloat16 was asked for, but this {device.type} has no units for it: it would be 40 to 100 times slower "
            "than float32. Leave the precision out, or give float32."
        )
    return name


def is_native(device: torch.device | str) -> bool:
    """Whether a device computes in bfloat16 with units of its own."""
    device = torch.device(device)
    if device.type == "cuda":
        with torch.cuda.device(device):
            return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if device.type == "cpu":
        return "AMX" in torch.backends.cpu.get_cpu_capability() or _cpu_has_bfloat16()
    return False


def autocast(precision: str, device: torch.device | str) -> AbstractContextManager[object]:
    """Compute in a precision inside.

    No converted weight is kept from one forward pass to the next: a captured graph would keep using it.

    Example:
        >>> with autocast("float32", "cpu"):
        ...     torch.ones(1, 1).matmul(torch.ones(1, 1)).dtype
        torch.float32
    """
    if precision == FLOAT32:
        return nullcontext()
    return torch.autocast(torch.device(device).type, dtype=torch.bfloat16, cache_enabled=False)


def _is_allowed(device: torch.device) -> bool:
    return device.type != "mps" and os.environ.get(ALLOW_SLOW) == "1"


def _cpu_has_bfloat16() -> bool:
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
            return "avx512_bf16" in file.read()
    except OSError:
        return False
