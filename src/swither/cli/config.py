"""Settings from a YAML file: the names of the flags, flat; flags win over the file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from swither.cli.flags import BY_NAME, Flag
from swither.errors import InputError, UnknownName
from swither.extras import require


def read_config(path: Path | str) -> dict[str, Any]:
    """Flag's name -> value, as a YAML file gives them.

    ``batch-size`` and ``batch_size`` are the same name; a value of null means the default. ``out`` may stand there
    too.

    Args:
        path: of the file.

    Raises:
        InputError: there is no such file, it is no YAML mapping, or a value is of the wrong type.
        UnknownName: a name that is no flag; the nearest is offered.
    """
    yaml = require("yaml", "swither compare --config", "train")
    try:
        content = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"--config {path} cannot be read: {error.strerror}.") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InputError(f"--config {path} is no YAML file: {error}") from error
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise InputError(f"Expected {path} to hold lines like 'epochs: 50', got {type(content).__name__}.")
    values: dict[str, Any] = {}
    for key, value in content.items():
        name = str(key).replace("_", "-")
        if (name.removeprefix("no-") in BY_NAME and name.startswith("no-")) or name == "no-decay":
            instead = "decay-at: []" if name == "no-decay" else f"{name.removeprefix('no-')}: false"
            raise InputError(f"{path} says {key!r}, which is a flag of the command line only. Write {instead!r}.")
        if name != "out" and name not in BY_NAME:
            raise UnknownName(f"setting in {path}", str(key), {*BY_NAME, "out"})
        if value is not None:
            values[name] = str(value) if name == "out" else _converted(BY_NAME[name], value, path)
    return values


def _converted(flag: Flag, value: Any, path: Path | str) -> Any:
    if not flag.is_list:
        return _one(flag, value, path)
    return tuple(_one(flag, item, path) for item in (value if isinstance(value, list) else [value]))


def _one(flag: Flag, value: Any, path: Path | str) -> Any:
    """A value in its flag's type. YAML reads 5e-4 as text and 500 as a number; both mean what they say."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    try:
        if flag.type is bool and isinstance(value, bool):
            return value
        if flag.type is int and is_number and int(value) == value:
            return int(value)
        if flag.type is float and (is_number or isinstance(value, str)):
            return float(value)
        if flag.type is str and (is_number or isinstance(value, str)):
            return str(value)
    except (ValueError, OverflowError):
        pass
    kind = {bool: "true or false", int: "a whole number", float: "a number", str: "text"}[flag.type]
    raise InputError(f"Expected {kind} for {flag.name} in {path}, got {value!r}.")
