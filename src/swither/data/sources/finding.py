"""From what the user names to the source that holds it."""

from __future__ import annotations

import os
from pathlib import Path

from swither.data.progress import Progress
from swither.data.settings import DataSettings
from swither.data.sources.contents import Contents
from swither.errors import InputError, UnknownName

NAMES = ("cifar10", "cifar100", "digits")


def find_source(settings: DataSettings, cache: Path, progress: Progress) -> Contents:
    """Find out what the source is and what it holds.

    A bare word that is one of `NAMES` is that data set, even where a folder bears the same name: a folder is
    meant by ``./cifar10``. Everything else is a path.

    Raises:
        UnknownName: a bare word that is neither a name nor a path.
        InputError: no such path, or nothing there that holds images.
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
        written_as_path = os.sep in source or "/" in source or path.suffix or source.startswith((".", "~"))
        if written_as_path or not source.strip():
            raise InputError(
                f"There is no {source!r} (looked in {Path.cwd()}). Expected a folder of images, a Parquet "
                f"file or folder, an .npz file, or one of: {', '.join(NAMES)}."
            )
        raise UnknownName("data set (and no such path)", source, NAMES)
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
