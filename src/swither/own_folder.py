"""What a file of the user's own imports from beside itself: there while its code runs, and nobody else's."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from types import ModuleType

_ONE_AT_A_TIME = RLock()  # names of modules are the whole process'


class OwnFolder:
    """The folder of one file, from which that file imports as if it were run by itself.

    Python knows one module by each name, but two files in two folders may both have a neighbour called ``helper``. So
    neighbours have their plain names only inside `entered`; outside they go by a name that no other file's have.

    Args:
        folder: of the file, resolved.
        prefix: of the names that its neighbours have outside; no other file's.
    """

    def __init__(self, folder: Path, prefix: str) -> None:
        self._folder, self._prefix = str(folder), prefix
        self._neighbours: dict[str, ModuleType] = {}
        self._inside = False

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Import from the folder first, also where another folder's module of that name was imported before."""
        with _ONE_AT_A_TIME:
            if self._inside:  # its code calls itself by way of swither
                yield
                return
            hidden = self._namesakes()
            for name in hidden:
                del sys.modules[name]
            before = {_first(name) for name in list(sys.modules)}
            sys.modules.update(self._neighbours)
            sys.path.insert(0, self._folder)
            self._inside = True
            try:
                yield
            finally:
                self._inside = False
                if self._folder in sys.path:
                    sys.path.remove(self._folder)
                self._take_out(before)
                sys.modules.update(hidden)

    def has(self, module: str) -> bool:
        """Whether a module of that name lies in the folder."""
        place = Path(self._folder, _first(module))
        return place.with_suffix(".py").is_file() or (place / "__init__.py").is_file()

    def _namesakes(self) -> dict[str, ModuleType]:
        """Modules of other folders that are called as a neighbour is; installed packages stay what they are."""
        importlib.invalidate_caches()  # a neighbour may have been written a moment ago
        known = {name for name in list(sys.modules) if "." not in name and not name.startswith("_")}
        names = {name for name in known - sys.stdlib_module_names - {"swither"} if self.has(name)}
        names = {name for name in names if not (self._lies_here(sys.modules[name]) or _installed(sys.modules[name]))}
        return {name: module for name, module in list(sys.modules.items()) if _first(name) in names}

    def _take_out(self, before: set[str]) -> None:
        """Take neighbours out of the table of modules; functions and compilers find them by their other names."""
        tops = {name for name, module in list(sys.modules.items()) if "." not in name and self._lies_here(module)}
        for name, module in list(sys.modules.items()):
            if _first(name) in tops - before and module is not None:
                self._neighbours[name] = module
                module.__name__ = f"{self._prefix}_{name.replace('.', '_')}"
                sys.modules[module.__name__] = module
                del sys.modules[name]

    def _lies_here(self, module: ModuleType) -> bool:
        return any(os.path.dirname(place) == self._folder for place in _places(module))


def _first(name: str) -> str:
    return name.partition(".")[0]


def _places(module: ModuleType) -> list[str]:
    """The file of a module, or the folders of a package."""
    places = getattr(module, "__path__", None) or [getattr(module, "__file__", None)]
    return [os.path.realpath(place) for place in places if isinstance(place, str)]


def _installed(module: ModuleType) -> bool:
    return any(part in ("site-packages", "dist-packages") for place in _places(module) for part in Path(place).parts)
