"""What is public is explained: what it takes, what it gives, and an example that runs."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

PUBLIC = ("swither", "swither.dynamics", "swither.acquisition", "swither.statistics", "swither.adapters")


def public_functions() -> Iterator[Any]:
    """Every public function, and every public method of every public class of ours."""
    for package in PUBLIC:
        module = importlib.import_module(package)
        for name in getattr(module, "__all__", ()):  # that there is one, test_public_names.py holds
            value = getattr(module, name)
            if inspect.isfunction(value):
                yield pytest.param(value, True, id=f"{package}.{name}")
            elif inspect.isclass(value) and not issubclass(value, Warning):
                for method_name, method in inspect.getmembers(value, inspect.isroutine):
                    ours = method_name in vars(value) and not method_name.startswith("_")
                    if ours and inspect.getmodule(method) is inspect.getmodule(value):
                        yield pytest.param(method, False, id=f"{package}.{name}.{method_name}")


def arguments(function: Callable[..., Any]) -> list[str]:
    """The names that a caller gives."""
    return [name for name in inspect.signature(function).parameters if name not in ("self", "cls")]


def gives_arrays(function: Callable[..., Any]) -> bool:
    """Whether the answer has a shape or parts to describe: a number needs no more than the first line."""
    answer = str(inspect.signature(function).return_annotation)
    return any(word in answer for word in ("Array", "tuple", "Table", "Selection", "Mapping", "dict"))


@pytest.mark.parametrize(("function", "needs_example"), list(public_functions()))
def test_a_public_function_is_explained(function: Callable[..., Any], needs_example: bool) -> None:
    text = inspect.getdoc(function) or ""
    assert text, "it has no docstring"
    names = arguments(function)
    if needs_example and names:
        sections = ["Args:", "Returns:", "Example:"] if gives_arrays(function) else ["Args:", "Example:"]
        missing = [section for section in sections if section not in text]
        assert not missing, f"its docstring has no {', '.join(missing)}"
        assert ">>>" in text.partition("Example:")[2], "its example does not run"
    if "Args:" in text:
        described = re.findall(r"^ {4}\*{0,2}(\w+)(?: \([^)]*\))?:", text.partition("Args:")[2], re.MULTILINE)
        assert set(names) <= set(described), f"not described: {sorted(set(names) - set(described))}"


@pytest.mark.parametrize("package", PUBLIC)
def test_a_public_class_says_what_it_is(package: str) -> None:
    module = importlib.import_module(package)
    classes = [getattr(module, name) for name in module.__all__ if inspect.isclass(getattr(module, name))]
    silent = [kind.__name__ for kind in classes if not (kind.__doc__ or "").strip() or "(" in kind.__doc__[:1]]
    generated = [kind.__name__ for kind in classes if (kind.__doc__ or "").startswith(f"{kind.__name__}(")]
    assert not silent + generated
