"""What an artifact's folder holds while it is made, so that whoever is interrupted goes on as it was begun."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from swither.errors import DamagedState, InputError
from swither.files import read_json, set_aside, write_json
from swither.journal import DamageWarning

CHECKPOINT = "checkpoint.safetensors"

SAME_CIRCUMSTANCES = ("device", "machine", "precision", "deterministic", "torch", "numpy")
"""What must not change in the middle of a training; the number of threads is kept from its beginning."""


def threads_as_begun(folder: Path, now: Mapping[str, Any], threads: int) -> int:
    """The number of threads to train with: the one that an interrupted training began with.

    A training that was begun on another machine, kind of device or version of torch is begun anew: it would be
    neither one's result.

    Args:
        folder: where the training keeps its checkpoint.
        now: the circumstances of this process, see `swither.training.device.circumstances`.
        threads: for a training that begins.
    """
    begun, checkpoint = folder / "begun.json", folder / CHECKPOINT
    if checkpoint.exists():
        try:
            before = read_json(begun, "swither circumstances", 1)
            if all(before[name] == now[name] for name in SAME_CIRCUMSTANCES):
                return int(before["threads"])
            reason = "it was begun under other circumstances"
        except (DamagedState, KeyError, OSError) as error:
            reason = str(error)
        aside = set_aside(checkpoint)
        warnings.warn(f"The training begins anew: {reason}. See {aside.name}.", DamageWarning, stacklevel=5)
    write_json(begun, "swither circumstances", 1, {**now, "threads": threads})
    return threads


def forget_interruption(folder: Path) -> None:
    """Remove what only an interrupted training needs."""
    for name in (CHECKPOINT, "begun.json"):
        (folder / name).unlink(missing_ok=True)


def of_another_device(folder: Path, facts: Mapping[str, Any], here: str) -> InputError | None:
    """Why a finished artifact does not count here: another kind of device made it. None where this kind did.

    Figures computed here from it would stand beside circumstances that they do not have.

    Args:
        folder: the artifact's.
        facts: what stands in it; one that does not say where it was made counts as made here.
        here: the kind of device that it is asked for on.
    """
    there = trained_on(facts, here)
    return None if there == here else InputError(f"{folder} was trained on {there}, and is asked for on {here}.")


def trained_on(facts: Mapping[str, Any], otherwise: str) -> str:
    """The kind of device that made an artifact."""
    return str(facts.get("circumstances", {}).get("device", otherwise))


def set_aside_with_warning(folder: Path, error: Exception) -> None:
    """Rename an artifact that does not read back, or is not of here, and say so; it is then made again."""
    aside = set_aside(folder)
    warnings.warn(f"{error} It is made again; what was there is now {aside.name}.", DamageWarning, stacklevel=4)
