"""From the table of flags to what cyclopts parses: a command's signature."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Annotated, Any, TypeVar

from cyclopts import Group, Parameter

from swither.cli.flags import FLAGS, NEGATIVES, PANELS, Flag

Command = TypeVar("Command", bound=Callable[..., int])

GROUPS = {panel: Group(panel, sort_key=number) for number, panel in enumerate(PANELS)}


def with_flags(command: Command, defaults: Mapping[str, str] | None = None) -> Command:
    """Give a command that takes ``**given`` a parameter for every flag; those that are not given stay None.

    Its own parameters stay. None instead of the default lets a file's value stand where no flag is given.

    Args:
        command: to be given the parameters.
        defaults: the flags that it takes, where these are not all, and what the help calls their defaults; an empty
            text leaves the flag's own.
    """
    own = [p for p in inspect.signature(command, eval_str=True).parameters.values() if p.kind is not p.VAR_KEYWORD]
    said = dict.fromkeys((flag.name for flag in FLAGS), "") if defaults is None else defaults
    flags = [_parameter(flag, said[flag.name]) for flag in FLAGS if flag.name in said and flag.name != "data"]
    command.__signature__ = inspect.Signature([*own, *flags])  # type: ignore[attr-defined]
    command.__annotations__ = {}
    return command


def _parameter(flag: Flag, default: str) -> inspect.Parameter:
    return inspect.Parameter(
        flag.name.replace("-", "_"),
        inspect.Parameter.KEYWORD_ONLY,
        default=None,
        annotation=annotation(flag, default),
    )


def annotation(flag: Flag, default: str = "") -> Any:
    """The type of a flag's parameter, with what the help says of it; `default` in place of what the flag says."""
    kind = tuple[flag.type, ...] if flag.is_list else flag.type  # type: ignore[name-defined]
    shown = default or flag.default_text
    return Annotated[
        kind | None,
        Parameter(
            name=f"--{flag.name}",
            help=flag.help,
            metavar=flag.metavar,
            group=GROUPS[flag.panel],
            show_default=(lambda _: shown) if shown else False,
            consume_multiple=flag.is_list,
            negative=NEGATIVES.get(flag.name, f"--no-{flag.name}" if _can_be_taken_back(flag) else ""),
        ),
    ]


def _can_be_taken_back(flag: Flag) -> bool:
    """Whether a yes or no may be yes without the flag: by its default, or by the recipe that comes with a network."""
    return flag.type is bool and (flag.default is not False or flag.field.startswith("recipe."))
