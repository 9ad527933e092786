"""CIFAR-10 and CIFAR-100 by name: downloaded once, in their binary version, which holds plain bytes."""

from __future__ import annotations

import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from swither.arrays import ByteArray
from swither.data.cache import make_folder
from swither.data.progress import Progress
from swither.data.sources.contents import TEST, TRAIN, Content, Contents, Found
from swither.data.sources.download import download
from swither.errors import DownloadFailed, UnknownName
from swither.files import locked, room_for

_PUBLISHER = "https://www.cs.toronto.edu/~kriz"
_PIXELS = 3 * 32 * 32


@dataclass(frozen=True)
class _Release:
    """What a release of CIFAR holds.

    Attributes:
        title: its name for people.
        archive: the file to download.
        md5: its checksum.
        folder: the folder inside.
        train: the files with training images.
        test: the file with test images.
        names: label column -> the file with its class names, in the order in which the labels lead a record.
        usual: the label column that is used unless another is asked for.
    """

    title: str
    archive: str
    md5: str
    folder: str
    train: tuple[str, ...]
    test: str
    names: dict[str, str]
    usual: str


_RELEASES = {
    "cifar10": _Release(
        title="CIFAR-10",
        archive="cifar-10-binary.tar.gz",
        md5="c32a1d4ab5d03f1284b67883e8d87530",
        folder="cifar-10-batches-bin",
        train=tuple(f"data_batch_{number}.bin" for number in range(1, 6)),
        test="test_batch.bin",
        names={"label": "batches.meta.txt"},
        usual="label",
    ),
    "cifar100": _Release(
        title="CIFAR-100",
        archive="cifar-100-binary.tar.gz",
        md5="03b5dce01913d631647c71ecec9e9cb8",
        folder="cifar-100-binary",
        train=("train.bin",),
        test="test.bin",
        names={"coarse_label": "coarse_label_names.txt", "fine_label": "fine_label_names.txt"},
        usual="fine_label",
    ),
}


def open_cifar(
    name: str,
    label_column: str | None,
    cache: Path,
    progress: Progress,
    *,
    base_url: str | None = None,
    md5: str | None = None,
) -> Contents:
    """Open CIFAR-10 or CIFAR-100, downloading it (about 170 MB) where it is not in the cache.

    Args:
        name: ``"cifar10"`` or ``"cifar100"``.
        label_column: for CIFAR-100 ``"fine_label"`` (100 classes, the default) or ``"coarse_label"`` (20).
        cache: the cache's folder; the unpacked files stay in it.
        progress: told of the download.
        base_url: where the archive lies; by default the environment variable ``SWITHER_CIFAR_URL``, else its
            publisher.
        md5: the archive's checksum; by default ``SWITHER_CIFAR10_MD5`` or ``SWITHER_CIFAR100_MD5``, else the
            published one.

    Raises:
        DownloadFailed: the archive cannot be had, or is not what was expected.
        UnknownName: there is no such label column.

    References:
        Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009.
    """
    release = _RELEASES[name]
    label_column = label_column or release.usual
    if label_column not in release.names:
        raise UnknownName(f"label column of {release.title}", label_column, release.names)
    base = base_url or os.environ.get("SWITHER_CIFAR_URL") or _PUBLISHER
    checksum = md5 or os.environ.get(f"SWITHER_{name.upper()}_MD5") or release.md5
    folder = _unpacked(release, cache / "downloads", base, checksum, progress)
    return _contents(release, folder, label_column)


def _unpacked(release: _Release, downloads: Path, base: str, md5: str, progress: Progress) -> Path:
    folder = downloads / f"{release.folder}-{md5[:8]}"
    if folder.is_dir():
        return folder
    make_folder(downloads)
    with locked(downloads / f"{release.folder}.lock", wait=True):
        if not folder.is_dir():
            archive = downloads / release.archive
            download(f"{base.rstrip('/')}/{release.archive}", archive, md5, progress)
            progress(f"Unpacking {release.archive}.", 0, 0)
            _unpack(release, archive, folder)
            archive.unlink()
    return folder


def _unpack(release: _Release, archive: Path, folder: Path) -> None:
    """Take the files that are needed out of the archive, by name; nothing else in it is looked at."""
    temporary = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    try:
        with tarfile.open(archive) as opened, room_for(folder):
            for name in (*release.train, release.test, *release.names.values()):
                member = opened.extractfile(f"{release.folder}/{name}")
                if member is None:
                    raise KeyError(name)
                with member, (temporary / name).open("wb") as file:
                    shutil.copyfileobj(member, file)
        os.replace(temporary, folder)
    except (tarfile.TarError, KeyError, EOFError) as error:
        raise DownloadFailed(
            f"{archive} does not hold what the {release.title} archive holds: {error}. Remove it and try again."
        ) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _contents(release: _Release, folder: Path, label_column: str) -> Contents:
    names = (folder / release.names[label_column]).read_text(encoding="utf-8").split()
    place = list(release.names).index(label_column)
    images: list[Found] = []
    files: list[ByteArray] = []
    for file, part in [*((name, TRAIN) for name in release.train), (release.test, TEST)]:
        records = _records(folder / file, len(release.names))  # (images, labels and pixels)
        status = (folder / file).stat()
        images += [
            Found(f"{file}#{row}", status.st_size, status.st_mtime_ns, names[label], part)
            for row, label in enumerate(records[:, place].tolist())
        ]
        files.append(records[:, len(release.names) :])

    def read(positions: Sequence[int]) -> Iterator[tuple[int, Content]]:
        first = 0
        for pixels in files:
            for position in positions:
                if first <= position < first + len(pixels):
                    yield position, pixels[position - first].reshape(3, 32, 32).transpose(1, 2, 0)
            first += len(pixels)

    return Contents(
        description=f"{release.title}, {len(images):,} images",
        images=images,
        class_names=tuple(names),
        read=read,
        origin=f"cifar {folder.resolve()}",
    )


def _records(path: Path, labels: int) -> ByteArray:
    length = labels + _PIXELS
    size = path.stat().st_size
    if size == 0 or size % length:
        raise DownloadFailed(
            f"{path} is damaged: its {size:,} bytes are no whole number of records of {length} bytes. Remove "
            f"{path.parent} and start again."
        )
    return np.memmap(path, dtype=np.uint8, mode="r").reshape(-1, length)
