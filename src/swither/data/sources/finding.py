"""From what the user names to the source that holds it."""

from __future__ import annotations

import contextlib
import os
from difflib import get_close_matches
from pathlib import Path

from swither.data.progress import Progress
from swither.data.settings import DataSettings
from swither.data.sources.contents import Contents
from swither.errors import InputError, UnknownName

NAMES = ("cifar10", "cifar100", "digits")


class NoSuchSource(UnknownName):
    """Neither a path nor the name of a data set; the message offers near ones of both."""

    def __init__(self, source: str, path: Path) -> None:
        near = _near(source, path)
        hint = f" Did you mean {' or '.join(map(repr, near))}?" if near else ""
        message = (
            f"There is no file or folder {source!r} (looked in {Path.cwd()}).{hint} Expected a folder of images, a "
            f"Parquet file or folder, an .npz file, or one of: {', '.join(NAMES)}."
        )
        InputError.__init__(self, message)
        self.name, self.suggestion = source, near[0] if near else None


def _near(source: str, path: Path) -> list[str]:
    """What lies beside the path and bears a name like it, and data sets of such a name; the nearest first."""
    if not source.strip():
        return []
    here = path.parent
    beside: list[str] = []
    with contextlib.suppress(OSError):
        beside = [entry.name for entry in os.scandir(here) if not entry.name.startswith(".")]
    shown = {name: str(here / name) for name in beside}
    if path.name == source:
        shown |= {name: f"./{name}" if name in NAMES else name for name in beside}
        shown |= {name: name for name in NAMES}
    folded = {name.lower(): name for name in shown}
    return [shown[folded[name]] for name in get_close_matches(path.name.lower(), folded, n=2, cutoff=0.6)]


def find_source(settings: DataSettings, cache: Path, progress: Progress) -> Contents:
    """Find out what the source is and what it holds.

    A bare word that is one of `NAMES` is that data set, even where a folder bears the same name: a folder is
    meant by ``./cifar10``. Everything else is a path.

    Raises:
        NoSuchSource: neither a name nor a path.
        InputError: nothing there that holds images.
    """
    source = settings.source
    if source in NAMES:
        contents = _named(settings, cache, progress)
        if Path(source).exists():
            note = f"{source!r} is taken for the data set of that name; write ./{source} for the folder here."
            progress(note, 0, 0)
        return contents
    path = Path(source).expanduser()
    if not source.strip() or not path.exists():
        raise NoSuchSource(source, path)
    if path.is_dir():
        from swither.data.sources.folder import open_folder
        from swither.data.sources.parquet import open_parquet

        return open_parquet(path, settings) if _holds_parquet(path) else open_folder(path, settings)
    return _of_file(path, settings)


def _holds_parquet(folder: Path) -> bool:
    """Whether a Parquet file comes before any image on the way down; so a large folder of images costs nothing."""
    from swither.data.sources.folder import SUFFIXES
    from swither.data.sources.parquet import is_shard

    for _, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        if any(map(is_shard, files)):
            return True
        if any(os.path.splitext(name)[1].lower() in SUFFIXES for name in files):
            return False
    return False


def _named(settings: DataSettings, cache: Path, progress: Progress) -> Contents:
    for field in ("group_by", "image_column", *(() if settings.source == "cifar100" else ("label_column",))):
        if getattr(settings, field) is not None:
            raise InputError(
                f"{settings.source!r} has no columns to choose from: leave --{field.replace('_', '-')} away."
            )
    if settings.source == "digits":
        from swither.data.sources.digits import open_digits

        return open_digits()
    from swither.data.sources.cifar import open_cifar

    return open_cifar(settings.source, settings.label_column, cache, progress)


def _of_file(path: Path, settings: DataSettings) -> Contents:
    suffix = path.suffix.lower()
    if suffix in (".parquet", ".pq"):
        from swither.data.sources.parquet import open_parquet

        return open_parquet(path, settings)
    if suffix == ".npz":
        from swither.data.sources.arrays import open_arrays

        return open_arrays(path, settings)
    advice = {
        ".zip": "Unpack it and name the folder.",
        ".gz": "Unpack it and name the folder.",
        ".tar": "Unpack it and name the folder.",
        ".npy": "Save it with numpy.savez(file, images=..., labels=...).",
        ".csv": "Name the folder of images, one sub-folder a class, or write a Parquet file.",
    }
    raise InputError(
        f"Expected a folder, a Parquet file or an .npz file, got the file {path}. "
        + advice.get(suffix, "Name the folder that it lies in.")
    )
