"""Where training runs, with how many threads, and under what circumstances: what stands beside each number."""

from __future__ import annotations

import contextlib
import os
import platform
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from threadpoolctl import threadpool_limits

from swither.errors import InputError
from swither.training.precision import FLOAT32


def choose_device(name: str | None = None) -> torch.device:
    """The device of that name, or the best there is: CUDA, then Apple's MPS, then the CPU.

    Args:
        name: ``"cuda"``, ``"cuda:1"``, ``"mps"`` or ``"cpu"``; None takes the best.

    Raises:
        InputError: there is no such device here; the message lists what there is.

    Example:
        >>> choose_device("cpu")
        device(type='cpu')
    """
    there = available_devices()
    if name is None:
        return torch.device(there[0])
    wanted = re.sub(r"^cuda$", "cuda:0", name.strip().lower())
    if wanted not in there:
        raise InputError(
            f"No device {name!r} here. There is: {', '.join(there)}. Leave the device out to take the first of these."
        )
    return torch.device(wanted)


def available_devices() -> list[str]:
    """Names of the devices that this torch can use here, the best first."""
    graphics = [f"cuda:{index}" for index in range(torch.cuda.device_count())] if torch.cuda.is_available() else []
    apple = ["mps"] if torch.backends.mps.is_available() else []
    return [*graphics, *apple, "cpu"]


@contextlib.contextmanager
def use_threads(count: int) -> Iterator[None]:
    """Compute with `count` CPU threads inside, with as many as before afterwards.

    Torch's and NumPy's threads alike. Another number of threads sums in another order, and gives other last bits:
    keep one number for one set of results. Independent runs with one thread each are quicker together than one
    run on all cores.

    Example:
        >>> with use_threads(1):
        ...     torch.get_num_threads()
        1
    """
    if count < 1:
        raise InputError(f"Expected at least 1 thread, got {count}.")
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        with threadpool_limits(count, user_api="blas"):
            yield
    finally:
        torch.set_num_threads(before)


@contextlib.contextmanager
def deterministic_algorithms(wanted: bool) -> Iterator[None]:
    """Let torch take only algorithms that give the same bits each time; the global setting is given back.

    On a CPU everything that swither's networks use is deterministic anyway, for one number of threads; this
    makes torch refuse what a network of the user's might bring. On CUDA it costs speed.

    Raises:
        InputError: on CUDA, the environment variable that cuBLAS reads at its start is missing.
    """
    if not wanted:
        yield
        return
    if torch.cuda.is_available() and "CUBLAS_WORKSPACE_CONFIG" not in os.environ:
        raise InputError(
            "Deterministic training on CUDA needs the environment variable CUBLAS_WORKSPACE_CONFIG=:4096:8 from "
            "the start of the process. Set it and start again, or train without deterministic."
        )
    before = torch.get_deterministic_debug_mode()
    memory: Any = torch.utils.deterministic  # its one setting is hidden from type checkers
    filled, benchmark = memory.fill_uninitialized_memory, torch.backends.cudnn.benchmark
    torch.set_deterministic_debug_mode("error")  # unlike its namesake this does not load torch's compiler
    memory.fill_uninitialized_memory = False  # it would only slow things down
    torch.backends.cudnn.benchmark = False
    try:
        yield
    finally:
        torch.set_deterministic_debug_mode(before)
        memory.fill_uninitialized_memory = filled
        torch.backends.cudnn.benchmark = benchmark


@contextlib.contextmanager
def quick_convolutions(device: torch.device | str, deterministic: bool = False) -> Iterator[None]:
    """Let cuDNN try its algorithms for each shape and keep the quickest; elsewhere, or deterministic, nothing.

    Batches and chunks have few shapes, so that the trial pays within an epoch.
    """
    before = torch.backends.cudnn.benchmark
    if torch.device(device).type == "cuda" and not deterministic:
        torch.backends.cudnn.benchmark = True
    try:
        yield
    finally:
        torch.backends.cudnn.benchmark = before


def circumstances(
    device: torch.device | str, *, deterministic: bool = False, precision: str = FLOAT32, graphs: str = "no"
) -> dict[str, str | int]:
    """What a number depends on beside its settings: it stands in every row of results.

    Args:
        device: where it was computed.
        deterministic: whether only algorithms were taken that give the same bits each time.
        precision: what networks compute in.
        graphs: how steps were launched; only the compiler changes bits.

    Returns:
        ``device`` (its kind), ``machine`` (the name of the processor or graphics card), ``precision``,
        ``threads``, ``deterministic`` (0 or 1), and the versions of ``torch``, ``numpy`` and ``python``.

    Example:
        >>> circumstances("cpu")["precision"]
        'float32'
    """
    device = torch.device(device)
    on_card = device.type == "cuda"
    return {
        "device": device.type,
        "machine": torch.cuda.get_device_name(device) if on_card else _processor(),
        "precision": _precision_in_words(precision, on_card) + (", compiled" if graphs == "compiled" else ""),
        "threads": torch.get_num_threads(),
        "deterministic": int(deterministic or device.type == "cpu"),
        "torch": str(torch.__version__),
        "numpy": np.__version__,
        "python": platform.python_version(),
    }


def _precision_in_words(precision: str, on_card: bool) -> str:
    if precision != FLOAT32:
        return f"{precision}, last layer in float32"
    return "float32, convolutions in tf32" if on_card and torch.backends.cudnn.allow_tf32 else "float32"


def _processor() -> str:
    described = Path("/proc/cpuinfo")
    if described.is_file():
        named = re.search(r"^model name\s*:\s*(.+)$", described.read_text(errors="replace"), re.MULTILINE)
        if named:
            return named.group(1).strip()
    return platform.processor() or platform.machine()
