"""What chose in a cell, and in which version: never two versions of one method in one folder.

A cell's ``cell.json`` has ``method_version``, of a method of swither's own (missing: 1), and ``method_file``, the
checksum of the user's file that a function of theirs came from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from swither.acquisition import Variant
from swither.errors import DamagedState, NewerFormat, SettingsDiffer
from swither.experiment.cells import FORMAT, REFERENCE, VERSION, Cell
from swither.files import read_json
from swither.own_code import own_name


def making_of(method: str) -> dict[str, Any]:
    """What stands in a cell of `method` that is made now; a file of the user's own is loaded.

    Example:
        >>> making_of("margin")
        {'method_version': 1}
    """
    if method == REFERENCE:
        return {}
    known = Variant.named(method).acquisition
    return {"method_version": known.version} | ({"method_file": known.file} if known.file else {})


def refuse_other_making(method: str, before: Mapping[str, Any], now: Mapping[str, Any], where: Path | str) -> None:
    """Raise where a cell was made by another version of its method.

    Args:
        method: the cell's.
        before: what its ``cell.json`` says.
        now: what `making_of` says, or another ``cell.json`` of the same method.
        where: the cell's folder.

    Raises:
        SettingsDiffer: the versions, or the checksums of the user's file, are not the same.
    """
    was, will = before.get("method_version", 1), now.get("method_version", 1)
    if was != will:
        raise SettingsDiffer(
            f"{where} was made by version {was} of {method}, and here is version {will}, which chooses otherwise. "
            f"Results of two versions are never mixed: give another folder with --out, or move the cells of {method} "
            "away, and they are run again."
        )
    old, new = before.get("method_file", ""), now.get("method_file", "")
    if old != new:
        own = own_name(method)
        file = method if own is None else own.path
        raise SettingsDiffer(
            f"{where} was made with another content of {file}: checksum {_short(old)} there, {_short(new)} now. "
            "Results of two versions are never mixed. Put the file back as it was; or copy what is new into another "
            f"file, and both are compared; or move the cells of {method} away, and they are run again."
        )


def refuse_changed_methods(out: Path, methods: Iterable[str]) -> None:
    """Raise where a cell in `out` was made by another version of one of `methods` than there is now.

    Raises:
        SettingsDiffer: the message says which cell, and what to do.
    """
    asked = list(methods)
    for folder in sorted((out / "cells").glob("*--seed*")):
        cell = Cell.named(folder)
        if cell is not None and cell.method in asked and (facts := cell_facts(folder)) is not None:
            refuse_other_making(cell.method, facts, making_of(cell.method), folder)


def refuse_mixed(folders: Iterable[Path]) -> None:
    """Raise where two cells of one method were made by different versions of it, whatever there is now.

    Raises:
        SettingsDiffer: the message names one of them.
    """
    first: dict[str, Mapping[str, Any]] = {}
    for folder in folders:
        cell, facts = Cell.named(folder), cell_facts(folder)
        if cell is not None and facts is not None:
            refuse_other_making(cell.method, facts, first.setdefault(cell.method, facts), folder)


def files_of(out: Path, cells: Iterable[Cell]) -> dict[str, str]:
    """Method -> checksum of the user's file that it came from, of cells of functions of the user's own."""
    facts = {cell.method: cell_facts(cell.folder(out)) for cell in cells if own_name(cell.method) is not None}
    return {method: str((known or {}).get("method_file", "")) for method, known in facts.items()}


def cell_facts(folder: Path) -> dict[str, Any] | None:
    """What ``cell.json`` says; None where it is missing or damaged."""
    try:
        return read_json(folder / "cell.json", FORMAT, VERSION)
    except (FileNotFoundError, DamagedState, NewerFormat):
        return None


def _short(checksum: str) -> str:
    return checksum[:8] or "none"
