"""An acquisition of the user's own, from a function in a file: what it needs is read from its arguments' names."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from swither.acquisition.evidence import EVIDENCE
from swither.acquisition.method import Acquisition
from swither.acquisition.selection import Selection
from swither.acquisition.vaal import AUTHORS_SCALE
from swither.arrays import to_numpy
from swither.errors import InputError, OwnCodeFailed, SwitherError, UnknownName
from swither.own_code import OwnCode, arguments_of, load_own, where_in

SUPPLIED = ("count", "generator", "samples")
"""Arguments that are no evidence."""

OF_EVIDENCE: Mapping[str, Mapping[str, Any]] = {
    "sampled_logits": {"passes": 10},
    "label_history": {"augmented": False},
    "labelled_likelihood": {**AUTHORS_SCALE, "quirks": "corrected"},
}
"""Settings of how evidence is made, which the function itself need not have."""


def own_acquisition(spec: str) -> Acquisition:
    """The acquisition that ``file.py:function`` is.

    Arguments with names of evidence (`EVIDENCE`) are what it is given. With ``count`` and ``generator`` among them it
    is a selection, else a score. Keyword-only arguments with defaults are its settings.

    Args:
        spec: the function, as it is typed.

    Raises:
        InputError: the file cannot be loaded, or the function is no acquisition; the message says what is wrong.
        UnknownName: the file has no such function, or the function asks for what nothing provides.
    """
    code = load_own(spec, "function")
    if code.name.settings:
        raise InputError(
            f"Expected the name of a function alone, got {spec!r}. Settings are given apart; Variant.named reads both."
        )
    name, arguments = code.name.text, arguments_of(code)
    settings = {p.name: p.default for p in arguments.values() if _is_setting(p)}
    needs = tuple(n for n in arguments if n not in settings and n not in SUPPLIED)
    for need in needs:
        default = arguments[need].default
        if need not in EVIDENCE and default is not inspect.Parameter.empty:
            raise InputError(
                f"{name} takes {need}, which is no evidence but has a default. Is it a setting? Settings are "
                f"keyword-only: write ({', '.join(_with_settings(arguments))})."
            )
        if need not in EVIDENCE:
            raise UnknownName(f"argument of {name}", need, [*EVIDENCE, *SUPPLIED])
        if default is not inspect.Parameter.empty:
            raise InputError(f"{name} has a default for {need}, which it is always given. Leave the default out.")
    _refuse_settings(name, arguments, settings)
    chooses = {"count", "generator"} & arguments.keys()
    if len(chooses) == 1:
        missing = ({"count", "generator"} - chooses).pop()
        raise InputError(
            f"{name} takes {chooses.pop()} and not {missing}. A selection takes both, a score (one number for each "
            "sample, higher is sooner) takes neither."
        )
    made = {n: v for need in needs for n, v in OF_EVIDENCE.get(need, {}).items() if n not in settings}
    said = (inspect.getdoc(code.function) or "").strip().partition("\n")[0]
    return Acquisition(
        name,
        code.name.title,
        _in_words(code, needs, is_selection=bool(chooses)),
        "selection" if chooses else "score",
        needs,
        said or f"a function of {code.name.path}",
        "",
        settings,
        made,
        file=code.checksum,
    )


def _is_setting(parameter: inspect.Parameter) -> bool:
    has_default = parameter.default is not inspect.Parameter.empty
    return parameter.kind is parameter.KEYWORD_ONLY and has_default and parameter.name not in {*SUPPLIED, *EVIDENCE}


def _with_settings(arguments: Mapping[str, inspect.Parameter]) -> list[str]:
    """The arguments as they would have to be written, everything unknown with a default behind the star."""
    given = [name for name in arguments if name in EVIDENCE or name in SUPPLIED]
    empty = inspect.Parameter.empty
    settings = [f"{n}={p.default!r}" for n, p in arguments.items() if n not in given and p.default is not empty]
    others = [n for n, p in arguments.items() if n not in given and p.default is empty]
    return [*given, *others, "*", *settings]


def _refuse_settings(name: str, arguments: Mapping[str, inspect.Parameter], settings: Mapping[str, Any]) -> None:
    for setting, value in settings.items():
        if not isinstance(value, bool | int | float | str | None):
            raise InputError(
                f"Expected the default of {setting} of {name} to be a number, a word, true, false or none, got "
                f"{value!r}: settings are typed on the command line and kept with the results."
            )
    for supplied in SUPPLIED:
        if supplied in arguments and arguments[supplied].default is not inspect.Parameter.empty:
            raise InputError(f"{name} has a default for {supplied}, which it is always given. Leave the default out.")


def _in_words(code: OwnCode, needs: tuple[str, ...], *, is_selection: bool) -> Callable[..., Any]:
    """The function, given arrays, with its errors in words and positions as a `Selection`."""

    @functools.wraps(code.function)
    def function(**arguments: Any) -> Any:
        for need in needs:
            arguments[need] = _arrays(arguments[need])
        try:
            with code.at_home():
                answer = code.function(**arguments)
        except SwitherError:
            raise
        except (ValueError, TypeError) as error:  # how functions refuse what they are given
            said = f"{code.name.text} raised {type(error).__name__} in {where_in(error, code)}: {error}"
            raise InputError(said) from error
        except (Exception, SystemExit) as error:
            said = f"{code.name.text} raised {type(error).__name__} in {where_in(error, code)}: {error}"
            raise OwnCodeFailed(said) from error
        if (
            is_selection
            and not isinstance(answer, Selection)
            and (hasattr(answer, "shape") or isinstance(answer, list))
        ):
            answer = Selection(to_numpy(answer).astype(np.int64) if len(answer) == 0 else to_numpy(answer))
        return answer

    return function


def _arrays(evidence: Any) -> Any:
    """NumPy arrays of tensors and lists; stochastic passes stay a sequence that computes each when it is read."""
    if hasattr(evidence, "shape"):
        return to_numpy(evidence)
    if isinstance(evidence, list) and evidence and hasattr(evidence[0], "shape"):
        return [to_numpy(each) for each in evidence]
    return np.asarray(evidence) if isinstance(evidence, list | tuple) else evidence
