"""Code of the user's own, named as ``file.py:function``: found, loaded, known by its checksum, its errors in words.

It runs with all that the user may do, as any program of theirs: nothing is kept from it. So a file is loaded only
because somebody names it, and never to show results: reports take names and checksums from the folder.
"""

from __future__ import annotations

import hashlib
import inspect
import re
import sys
import traceback
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

from swither.errors import InputError, UnknownName
from swither.own_folder import OwnFolder

_NAME = re.compile(r"(?P<path>.*?[^/\\:]\.py):(?P<function>[^:=,]*)(?::(?P<settings>.*))?", re.DOTALL)


@dataclass(frozen=True)
class OwnName:
    """A function of the user's own, as it is typed.

    Attributes:
        path: of its file, with slashes, as it was typed or relative to the current folder where it lies below it.
        function: its name in that file.
        settings: what was typed behind it, ``power=2``; may be empty.
    """

    path: str
    function: str
    settings: str = ""

    @property
    def text(self) -> str:
        """``my_file.py:my_score``, without settings."""
        return f"{self.path}:{self.function}"

    @property
    def title(self) -> str:
        """What figures and tables print: ``my_score (my_file.py)``, with the settings that were given."""
        said = [Path(self.path).name, *(part.replace("=", " ").replace("_", " ") for part in self._parts)]
        return f"{self.function} ({', '.join(said)})"

    @property
    def folder_name(self) -> str:
        """The same as a folder may be called on every system; a short hash stands for the path.

        The function is hashed too, because some systems take ``Doubt`` and ``doubt`` for one name.
        """
        short = hashlib.blake2b(self.text.encode(), digest_size=4).hexdigest()
        plain = re.sub(r"[^\w=,.\-]", "_", ",".join(self._parts))
        return f"{self.function}@{short}{'+' if plain else ''}{plain}"

    @property
    def _parts(self) -> list[str]:
        return [part.strip() for part in re.split("[:,]", self.settings) if part.strip()]


def own_name(text: str) -> OwnName | None:
    """Read ``file.py:function`` or ``file.py:function:setting=value``; None for a name of any other form.

    Example:
        >>> own_name("ideas/doubt.py:doubt:power=2")
        OwnName(path='ideas/doubt.py', function='doubt', settings='power=2')
        >>> own_name("C:/ideas/doubt.py:doubt").function
        'doubt'
        >>> own_name("dispersion:stride=5") is None
        True
    """
    found = _NAME.fullmatch(text)
    if found is None:
        return None
    return OwnName(_one_way(found["path"]), found["function"].strip(), found["settings"] or "")


def is_own(text: str) -> bool:
    """Whether a name is one of a function in a file.

    Example:
        >>> is_own("my_file.py:my_score"), is_own("margin")
        (True, False)
    """
    return own_name(text) is not None


@dataclass(frozen=True)
class OwnCode:
    """A function that was loaded.

    Attributes:
        name: as it is typed.
        function: what the file calls so.
        checksum: of the file's bytes, hex; of that file alone, not of what it imports.
        folder: of the file, from which it imports.
    """

    name: OwnName
    function: Callable[..., Any]
    checksum: str
    folder: OwnFolder = field(compare=False, repr=False)

    def at_home(self) -> AbstractContextManager[None]:
        """Where the function is called: what it imports only now is found beside its file."""
        return self.folder.entered()


def load_own(text: str, what: str = "function") -> OwnCode:
    """Load a function of the user's own.

    Args:
        text: ``file.py:function``; settings behind it are not looked at.
        what: the function's part, for messages.

    Raises:
        InputError: there is no such file, it does not parse, or it raises while it is loaded.
        UnknownName: the file has no such function; those that it has are listed.
    """
    name = own_name(text)
    if name is None:
        raise InputError(f"Expected a {what} as file.py:function, got {text!r}.")
    content = _content(name.path)
    checksum = _checksum(content)
    path = str(Path(name.path).expanduser().resolve())
    module, folder = _module(path, name.path, checksum, content)
    own = {n: v for n, v in vars(module).items() if inspect.isfunction(v) or inspect.isclass(v)}
    defined = [n for n, v in own.items() if getattr(v, "__module__", "") == module.__name__ and not n.startswith("_")]
    if not name.function:
        raise InputError(f"Which function of {name.path}? Expected {name.path}:NAME; it has {_list(defined)}.")
    function = vars(module).get(name.function)
    if function is None:
        raise UnknownName(f"function in {name.path}", name.function, defined)
    if not callable(function):
        raise InputError(f"Expected {name.text} to be a function, got {type(function).__name__}: {function!r:.60}.")
    return OwnCode(name, function, checksum, folder)


def checksum_of(text: str) -> str:
    """The checksum of the file of a function of the user's own, as it is now; empty for any other name.

    Raises:
        InputError: there is no such file.

    Example:
        >>> checksum_of("margin")
        ''
    """
    name = own_name(text)
    return "" if name is None else _checksum(_content(name.path))


def arguments_of(code: OwnCode) -> Mapping[str, inspect.Parameter]:
    """The function's arguments by name.

    Raises:
        InputError: some of them cannot be given by name.
    """
    try:
        parameters = inspect.signature(code.function).parameters
    except (TypeError, ValueError) as error:
        raise InputError(f"Expected {code.name.text} to be a function whose arguments can be read: {error}.") from error
    for parameter in parameters.values():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            star = "*" if parameter.kind is parameter.VAR_POSITIONAL else "**"
            raise InputError(
                f"{code.name.text} takes {star}{parameter.name}. Name its arguments one by one: their names say what "
                "it is given."
            )
        if parameter.kind is parameter.POSITIONAL_ONLY:
            raise InputError(f"{code.name.text} takes {parameter.name} by position only; leave out the slash.")
    return parameters


def where_in(error: BaseException, code: OwnCode) -> str:
    """The last line of the user's file that an error went through: ``line 7 of my_file.py``."""
    path = str(Path(code.name.path).expanduser().resolve())
    return _where(error, path, code.name.path)


def import_advice(error: BaseException, code: OwnCode) -> str:
    """What to do where a neighbour of the file was imported too late, to end the message; else nothing."""
    if isinstance(error, ModuleNotFoundError) and error.name and code.folder.has(error.name):
        return (
            f". Import {error.name} at the top of {code.name.path}: its folder is looked in only while the file is "
            "loaded and its function runs"
        )
    return ""


def _where(error: BaseException, path: str, shown: str) -> str:
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == path]
    return f"line {lines[-1]} of {shown}" if lines else shown


def _one_way(text: str) -> str:
    """One way to write a path, so that one function has one name."""
    path = Path(text)
    if path.is_absolute() and path.is_relative_to(Path.cwd()):
        path = path.relative_to(Path.cwd())
    return path.as_posix()


def _content(path: str) -> bytes:
    file = Path(path).expanduser()
    try:
        return file.read_bytes()
    except FileNotFoundError:
        where = "" if file.is_absolute() else f" in {Path.cwd()}"
        raise InputError(f"There is no file {path}{where}. Expected file.py:function, such as mine.py:score.") from None
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}. Expected a Python file.") from error


def _checksum(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=16).hexdigest()


@lru_cache(maxsize=64)
def _module(path: str, shown: str, checksum: str, content: bytes) -> tuple[ModuleType, OwnFolder]:
    """The file as a module, run once for each content, and its own folder, which it can import from."""
    unique = hashlib.blake2b(f"{path}\n{checksum}".encode(), digest_size=6).hexdigest()
    module = ModuleType(f"swither_own_{Path(path).stem}_{unique}")
    module.__file__ = path
    try:
        compiled = compile(content, path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        line = f"line {error.lineno}: " if isinstance(error, SyntaxError) and error.lineno else ""
        said = error.msg if isinstance(error, SyntaxError) else error
        text = f" ({error.text.strip()})" if isinstance(error, SyntaxError) and error.text else ""
        raise InputError(f"{shown} is not valid Python: {line}{said}{text}.") from error
    sys.modules[module.__name__] = module  # dataclasses look their module up
    folder = OwnFolder(Path(path).parent, module.__name__)
    try:
        with folder.entered():
            exec(compiled, vars(module))
    except SystemExit as error:
        del sys.modules[module.__name__]
        raise InputError(
            f"{shown} could not be loaded: {_where(error, path, shown)} ends the program (SystemExit). Put what the "
            'file does as a script under `if __name__ == "__main__":`, so that it runs only as one.'
        ) from error
    except Exception as error:
        del sys.modules[module.__name__]
        raise InputError(
            f"{shown} could not be loaded: {_where(error, path, shown)} raised {type(error).__name__}: {error}."
        ) from error
    return module, folder


def _list(names: list[str]) -> str:
    return ", ".join(names) or "none"
