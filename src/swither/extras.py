"""Names loaded on first use, and optional packages that fail late with the command that installs them."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from swither.errors import MissingExtra


def require(module: str, feature: str, extra: str) -> Any:
    """Import an optional package, or say which extra of swither brings it.

    Args:
        module: what to import, such as ``"torch"``.
        feature: what the user was about to do, the subject of the error: ``"swither compare"``.
        extra: the extra that installs it, such as ``"train"``.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name is not None and module.split(".")[0] != error.name.split(".")[0]:
            raise
        raise MissingExtra(feature, extra, module.split(".")[0]) from error


class _LazyPackage(ModuleType):
    """A package whose public names load on first use, and win over files of the same name.

    A file is named after the idea it holds, so the function ``dispersion`` lives in ``dispersion.py``. Python
    binds a loaded file to its package under the file's name; here the idea takes that place.
    """

    _public: Mapping[str, str]

    def __getattr__(self, name: str) -> Any:
        if name not in self._public:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        try:
            module = importlib.import_module(self._public[name])
        except ModuleNotFoundError as error:
            package = (error.name or "").split(".")[0]
            if package in ("", "swither"):
                raise
            raise MissingExtra(f"{self.__name__}.{name}", "train", package) from error
        value = getattr(module, name)
        super().__setattr__(name, value)
        return value

    def __setattr__(self, name: str, value: Any) -> None:
        if name in self._public and isinstance(value, ModuleType):
            value = getattr(value, name)
        super().__setattr__(name, value)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self._public})


def lazy(package: str, names: Mapping[str, str]) -> list[str]:
    """Make the public names of `package` load on first use; the answer is its ``__all__``.

    Args:
        package: the package's ``__name__``.
        names: public name -> module that holds it.

    Example:
        In a package: ``__all__ = lazy(__name__, {"dispersion": "swither.dynamics.dispersion"})``
    """
    module = sys.modules[package]
    module.__dict__["_public"] = dict(names)
    module.__class__ = _LazyPackage
    return sorted(names)
