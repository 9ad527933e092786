"""How swither writes to disk: whole files under a temporary name, flushed and renamed; versions; locks."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from swither.errors import Busy, DamagedState, NewerFormat, NotEnoughSpace, NotWritable


def write_atomically(path: Path, content: bytes | Callable[[BinaryIO], object]) -> None:
    """Write a whole file so that a reader, or a crash, sees the old one or the new one and nothing between.

    The bytes are flushed to disk before the rename, and the folder after it.
    """
    make_folder(path.parent)
    with room_for(path, errno.ENOENT):
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file, room_for(path):
            if callable(content):
                content(file)
            else:
                file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        with room_for(path, errno.EISDIR):
            os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    flush_folder(path.parent)


def require_file_place(path: Path) -> None:
    """Raise where no file can be written at `path`: asked before the work whose result is to lie there.

    Raises:
        NotWritable: it is a folder, or see `require_writable`.
    """
    if path.is_dir():
        raise NotWritable(f"{path} cannot be written: it is a folder. Expected the name of a file; give another.")
    require_writable(path.parent)


def require_writable(folder: Path) -> None:
    """Make a folder where it is missing, and raise unless files can be made in it; only trying tells for sure.

    Raises:
        NotWritable, NotEnoughSpace: none can; the message says why and what to do.
    """
    make_folder(folder)
    with room_for(folder, errno.ENOENT), tempfile.TemporaryFile(dir=folder):
        pass


def make_folder(folder: Path) -> None:
    """Make a folder and those above it that are missing, so that they too survive a power cut."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    with room_for(folder, errno.ENOENT):
        folder.mkdir(exist_ok=True)
    flush_folder(folder.parent)


def remove_temporary(folder: Path) -> None:
    """Remove what `write_atomically` was writing into `folder` when its process was killed.

    To be called by whoever holds the folder's lock: nobody else may be writing there.
    """
    for left in folder.glob(".*.tmp"):
        left.unlink(missing_ok=True)


def flush_folder(folder: Path) -> None:
    """Make renames inside `folder` survive a power cut, where the system can."""
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def room_for(path: Path, *also: int) -> Iterator[None]:
    """Turn what the system says of a full or closed disk into an error that names the file and what to do.

    Args:
        path: what is written.
        also: error numbers that say here, and not everywhere, that it cannot be written.
    """
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise NotEnoughSpace(
                f"No space left on the disk while writing {path}. What was there before is untouched: "
                "free some space and start the same command again."
            ) from error
        if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.EEXIST, *also):
            raise NotWritable(
                f"{path} cannot be written: {error.strerror}. Expected a place that may be written to; give another."
            ) from error
        raise


def require_bytes(path: Path, expected: int) -> None:
    """Raise unless a file holds as many bytes as are about to be mapped: who reads past its end is ended by the system.

    Raises:
        DamagedState: it is shorter; the message names it.
    """
    size = path.stat().st_size
    if size < expected:
        raise DamagedState(
            f"{path} was cut off: expected {expected:,} bytes or more, got {size:,}. Start again: what is missing "
            "is made again."
        )


def write_json(path: Path, kind: str, version: int, value: Mapping[str, Any]) -> None:
    """Write a JSON file with its kind and version in front; see `read_json`."""
    text = json.dumps({"format": kind, "version": version, **value}, ensure_ascii=False, indent=1)
    write_atomically(path, (text + "\n").encode())


def read_json(path: Path, kind: str, version: int) -> dict[str, Any]:
    """Read what `write_json` wrote, of this version or an older one.

    Raises:
        DamagedState: the file is no JSON, or of another kind.
        NewerFormat: the file is of a newer version than `version`.
    """
    try:
        value = json.loads(path.read_bytes())
    except (ValueError, UnicodeDecodeError) as error:
        raise DamagedState(f"{path} is damaged: expected JSON, but {error}.") from error
    if not isinstance(value, dict) or value.get("format") != kind or not isinstance(value.get("version"), int):
        raise DamagedState(f"{path} is no {kind} file (or is damaged): its first fields do not say so.")
    if value["version"] > version:
        raise NewerFormat(
            f"{path} is a {kind} file of version {value['version']}; this swither reads up to {version}. "
            "Use the newer swither that wrote it."
        )
    return value


def set_aside(path: Path) -> Path:
    """Rename a damaged file or folder to ``NAME.damaged-N`` beside it, so that nothing is lost; give the new path."""
    aside = free_name(path)
    path.rename(aside)
    flush_folder(path.parent)
    return aside


def free_name(path: Path) -> Path:
    """The first ``NAME.damaged-N`` that nothing bears yet."""
    number = 1
    while (aside := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
    return aside


def file_checksum(path: Path) -> str:
    """BLAKE2b of a file's bytes, hex, 16 bytes."""
    with path.open("rb") as file:
        digest = hashlib.blake2b(digest_size=16)
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def key_of(*parts: object) -> str:
    """The key of a derived artifact: a hash of its inputs, given as JSON values.

    Example:
        >>> key_of({"b": 1, "a": 2}) == key_of({"a": 2, "b": 1})
        True
    """
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


@contextlib.contextmanager
def locked(path: Path, *, wait: bool = False) -> Iterator[None]:
    """Hold the operating system's exclusive lock on `path`; the system releases it if the process dies.

    Args:
        path: the lock file, made where it is missing; never removed.
        wait: wait for another holder instead of raising.

    Raises:
        Busy: another process holds it and `wait` is false.
    """
    make_folder(path.parent)
    with room_for(path):
        file = path.open("a+b")
    with file:
        try:
            _lock(file, wait)
        except OSError as error:
            raise Busy(f"Another process works in {path.parent}: it has locked {path}. Wait until it ends.") from error
        yield


if sys.platform == "win32":
    import msvcrt
    import time

    def _lock(file: BinaryIO, wait: bool) -> None:
        while True:
            file.seek(0)
            try:
                msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
                return
            except OSError:
                if not wait:
                    raise
                time.sleep(0.2)
else:
    import fcntl

    def _lock(file: BinaryIO, wait: bool) -> None:
        fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
