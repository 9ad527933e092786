"""A network of the user's own: what its function must take, held before torch is loaded."""

from __future__ import annotations

import inspect
from collections.abc import Mapping

from swither.errors import InputError
from swither.own_code import OwnCode, arguments_of, load_own

GIVEN = ("image_shape", "classes")
"""Arguments that every function is given."""

SETTINGS = ("width", "dropout")
"""Arguments that a function is given where it has them: `ModelSettings`."""


def own_model_code(name: str) -> OwnCode:
    """The function that ``file.py:build`` names, with arguments that can be given.

    Raises:
        InputError: the file cannot be loaded, or the function takes other arguments.
        UnknownName: the file has no such function.
    """
    code = load_own(name, "function")
    if code.name.settings:
        raise InputError(
            f"A network takes no settings behind its name, got {name!r}. What its function calls width and dropout is "
            "given as --width and --dropout; for anything else, write another function."
        )
    arguments = arguments_of(code)
    missing = [argument for argument in GIVEN if argument not in arguments]
    others = [n for n, p in arguments.items() if n not in (*GIVEN, *SETTINGS) and p.default is inspect.Parameter.empty]
    if missing or others:
        said = f"it does not take {' and '.join(missing)}" if missing else f"nothing provides {', '.join(others)}"
        raise InputError(
            f"Expected {code.name.text} as def {code.name.function}(image_shape, classes), with width and dropout too "
            f"where they are wanted, but {said}. It answers a torch.nn.Module for images of image_shape, (height, "
            "width, channels)."
        )
    return code


def refuse_unused(code: OwnCode, width: int | None) -> None:
    """Raise where a width is given to a function that takes none, or one that needs it gets none."""
    arguments: Mapping[str, inspect.Parameter] = arguments_of(code)
    if width is not None and "width" not in arguments:
        raise InputError(f"{code.name.text} takes no width, but --width {width} is given. Leave it out.")
    if width is None and "width" in arguments and arguments["width"].default is inspect.Parameter.empty:
        raise InputError(f"{code.name.text} needs a width: give --width, or the argument a default.")
