"""Embeddings from a file of the user's own: joined to images by id or path, or a data set by themselves."""

from __future__ import annotations

import hashlib
import math
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from swither.arrays import AnyArray, BoolArray, FloatArray, StrArray
from swither.data.cache import cache_folder
from swither.data.data_report import DataReport
from swither.data.dataset import Dataset
from swither.data.features import Features
from swither.data.groups import groups_by
from swither.data.identity import number_copies
from swither.data.image_set import UNLABELLED, ImageSet
from swither.data.sample import sample
from swither.data.settings import DataSettings
from swither.data.sources.contents import TEST, TRAIN, part_called
from swither.data.sources.labels import name_labels
from swither.data.split import draw_split, load_split, split_given
from swither.errors import InputError, list_some, plural
from swither.files import file_checksum, key_of, write_atomically

_NAMES: Mapping[str, tuple[str, ...]] = {
    "embeddings": ("embeddings", "embedding", "features", "x"),
    "ids": ("ids", "id"),
    "paths": ("paths", "path"),
    "labels": ("labels", "label", "y"),
    "split": ("split",),
    "class_names": ("class_names",),
}
_BLOCK = 4096  # rows that are checked and written together
_OF_IMAGES = ("test", "image_size", "image_column", "label_column", "skip_unreadable")
"""Settings that mean nothing where there are no images."""


@dataclass(frozen=True)
class OwnEmbeddings:
    """What a file of embeddings holds.

    Attributes:
        path: of the file.
        values: (rows, width) float16 or float32, memory-mapped from the cache.
        key: names the file's content.
        columns: the rest by name, as far as the file has it: ``ids``, ``paths``, ``labels``, ``split``, each
            (rows,), and ``class_names``.
    """

    path: Path
    values: FloatArray
    key: str
    columns: Mapping[str, AnyArray]

    def joined(self, images: ImageSet) -> ImageSet:
        """`images` with their embeddings, found by id where the file has ids, else by path.

        Raises:
            InputError: the file has neither, or no row for some image, or two for one.
        """
        name = next((name for name in ("ids", "paths") if name in self.columns), None)
        if name is None:
            raise InputError(f"{self.path} has neither ids nor paths, so its embeddings cannot be joined to images.")
        names = self.columns[name].astype(str).tolist()
        rows = {known: row for row, known in enumerate(names)}
        if len(rows) < len(names):
            raise InputError(f"{self.path} has {plural(len(names) - len(rows), 'row')} whose {name} stand there twice.")
        wanted = (images.ids if name == "ids" else images.paths).astype(str).tolist()
        missing = [known for known in wanted if known not in rows]
        if missing:
            raise InputError(
                f"{self.path} has no embedding for {len(missing)} of {plural(len(wanted), 'image')}: "
                f"{list_some(missing)}. Its {name} are such as {names[0]!r}."
            )
        return replace(images, features=self._features(np.array([rows[known] for known in wanted], dtype=np.int64)))

    def dataset(self, settings: DataSettings) -> Dataset:
        """A data set of nothing but these embeddings and their labels: there are no images to see.

        Test rows are those of `DataSettings.split`, else of the file's own ``split`` (``train`` or ``training``,
        ``test`` or ``testing``, in capitals or not), else a fifth of each class drawn by content. What
        `DataSettings.group_by` puts together stays on one side: a column or key of the file, or ``folder`` or a
        pattern where the file has ``paths``.

        Raises:
            InputError: there are no labels, or no two classes; ``split`` holds something else; or a setting is given
                that is of images.
        """
        _refuse_of_images(settings, self.path)
        if "labels" not in self.columns:
            raise InputError(f"{self.path} has no labels, which a comparison needs: expected `labels`, one a row.")
        images = self._images(settings.group_by)
        if len({*images.labels.tolist()} - {UNLABELLED}) < 2:
            raise InputError(f"Expected labels of at least 2 classes in {self.path}.")
        if settings.split is not None:
            split = load_split(Path(settings.split).expanduser())
        elif "split" in self.columns:
            tests = self._tests()[np.argsort(self._ids(), kind="stable")]
            split = split_given(images.take(~tests), images.take(tests), f"the split in {self.path.name}")
        else:
            split = draw_split(images)
        train, test = split.apply(images)
        notes = ("There are no images here, only embeddings of them.", *split.notes)
        if settings.train_images is not None:
            notes += (f"{settings.train_images:,} of {len(train):,} training rows take part, drawn by their ids.",)
            train = sample(train, settings.train_images)
        report = DataReport(
            source=f"{self.path.name}: {plural(len(images), 'embedding')} of {self.values.shape[1]} numbers",
            images=len(images),
            train=len(train),
            test=len(test),
            left_out=len(images) - len(split.train_ids) - len(split.test_ids),
            unlabelled=0,
            classes=images.classes,
            empty_classes=(),
            skipped=(),
            ignored={},
            copies=(),
            copies_across=0,
            image_shape=images.image_shape,
            size_chosen="without pixels",
            split=split.how,
            decoded=0,
            memory=0,
            disk=self.values.nbytes,
            notes=notes,
        )
        return Dataset(train, test, split, report)

    def _tests(self) -> BoolArray:
        """(rows,) which rows test; anything but train and test is refused, since a guess would train on test rows."""
        values = self.columns["split"].astype(str).tolist()
        parts = {value: part_called(value) for value in values}
        strange = [value for value, part in sorted(parts.items()) if part not in (TRAIN, TEST)]
        if strange:
            found = sum(value in strange for value in values)
            raise InputError(
                f"Expected train or test for every row in `split` of {self.path} (training and testing will do, "
                f"capitals do not matter), but {found} of {plural(len(values), 'row')} "
                f"say {list_some([repr(value) for value in strange])}. Leave those rows out, or say what they are."
            )
        return np.array([parts[value] == TEST for value in values], dtype=bool)

    def _groups(self, group_by: str) -> StrArray:
        """(rows,) the group of each row, "" where a column holds none."""
        column = _from_file(self.path, {"group": (group_by,)}).get("group")
        if column is None and "paths" in self.columns:
            return groups_by(self.columns["paths"].astype(str).tolist(), group_by)
        if column is None:
            raise InputError(
                f"{self.path} has neither a column `{group_by}` to group by nor `paths`, in which a folder or a "
                "pattern could be looked for. Name a column with --group-by."
            )
        if column.shape != (len(self.values),):
            raise InputError(f"Expected {len(self.values)} groups in `{group_by}` of {self.path}, got {column.shape}.")
        return np.array(["" if group is None else str(group) for group in column.tolist()], dtype=np.str_)

    def _images(self, group_by: str | None) -> ImageSet:
        """All rows in id order, with images of no pixels."""
        ids = self._ids()
        given = self.columns.get("class_names")
        names, labels = name_labels(
            self.columns["labels"].tolist(), None if given is None else given.tolist(), str(self.path)
        )
        number = {name: n for n, name in enumerate(names)}
        images = ImageSet(
            pixels=np.zeros((len(ids), 0, 0, 1), dtype=np.uint8),
            rows=np.arange(len(ids)),
            ids=ids,
            labels=np.array([UNLABELLED if label is None else number[label] for label in labels], dtype=np.int64),
            class_names=names,
            paths=self.columns["paths"].astype(str) if "paths" in self.columns else ids,
            groups=None if group_by is None else self._groups(group_by),
            features=self._features(np.arange(len(ids))),
        )
        if (images.labels == UNLABELLED).any():
            raise InputError(f"{self.path} has rows without a label. Expected one for each, or leave those rows out.")
        return images.take(np.argsort(ids, kind="stable"))

    def _ids(self) -> StrArray:
        if "ids" in self.columns:
            ids = self.columns["ids"].astype(str)
            if len({*ids.tolist()}) < len(ids):
                raise InputError(f"Expected distinct ids in {self.path}, but some stand there twice.")
            return ids
        contents = [hashlib.blake2b(np.ascontiguousarray(row).data, digest_size=16).hexdigest() for row in self.values]
        labels = self.columns["labels"].astype(str).tolist()
        return number_copies(contents, labels, [str(row) for row in range(len(contents))])

    def _features(self, rows: Any) -> Features:
        return Features(self.values, rows, self.key, f"embeddings of {self.path.name}")


def read_embeddings(path: Path | str, cache: str | None = None) -> OwnEmbeddings:
    """Read a file of embeddings; the numbers are kept in the cache, from where every process maps them.

    An ``.npz`` file holds ``embeddings`` (rows, width), and as far as there are any ``ids``, ``paths``, ``labels``,
    ``split`` and ``class_names``; a Parquet file has columns of these names, the embeddings as lists of numbers.

    Raises:
        InputError: the file cannot be read, or its parts do not fit each other.
    """
    path = Path(path).expanduser()
    if not path.is_file():
        raise InputError(f"There is no file of embeddings {path}. Expected an .npz or a Parquet file.")
    key = key_of("own embeddings", 1, file_checksum(path))
    kept = cache_folder(cache) / "embeddings" / f"{key}.npy"
    at_hand = _is_whole(kept)  # what was checked and kept before is not read again: only the columns beside it
    found = _from_file(path, {name: keys for name, keys in _NAMES.items() if not at_hand or name != "embeddings"})
    values = _mapped(kept) if at_hand else _checked(found.pop("embeddings", None), path)
    for name, column in found.items():
        if name != "class_names" and column.shape != (len(values),):
            raise InputError(f"Expected {len(values)} {name} in {path}, one a row, got an array of {column.shape}.")
    if not at_hand:
        write_atomically(kept, lambda file: _write(file, values))
        values = _mapped(kept)
    return OwnEmbeddings(path, values, key, found)


def _checked(values: AnyArray | None, path: Path) -> AnyArray:
    """The embeddings of a file, all of them numbers that float32 holds."""
    if values is None:
        raise InputError(f"Expected an array or a column `embeddings` in {path}, one row an image.")
    if values.ndim != 2 or values.dtype.kind not in "fiu":
        raise InputError(
            f"Expected embeddings of shape (rows, width), numbers, in {path}, got {values.dtype} of shape "
            f"{values.shape}."
        )
    most = np.finfo(np.float32).max
    blocks = [~(np.abs(block) <= most).all(axis=1) for block in _blocks(values)]  # NaN is wrong too
    wrong = np.concatenate([np.zeros(0, bool), *blocks])
    if wrong.any():
        raise InputError(
            f"Expected finite embeddings in {path}, but {int(wrong.sum())} of {len(values)} rows hold NaN, infinity or "
            f"numbers too large for float32; the first is row {int(wrong.argmax())}. "
            "Make them again, or leave them out."
        )
    return values


def _is_whole(path: Path) -> bool:
    """Whether numbers are kept there, as many as the file's first bytes promise; cut off, they are made again."""
    try:
        with path.open("rb") as file:
            if np.lib.format.read_magic(file) != (1, 0):
                return False
            shape, _, kind = np.lib.format.read_array_header_1_0(file)
            return bool(path.stat().st_size == file.tell() + math.prod(shape) * kind.itemsize)
    except (OSError, ValueError):
        return False


def _mapped(path: Path) -> FloatArray:
    values: FloatArray = np.load(path, mmap_mode="r", allow_pickle=False)
    return values


def _write(file: BinaryIO, values: AnyArray) -> None:
    """As `numpy.save` writes, float16 or float32, block by block."""
    kind = np.dtype(np.float16 if values.dtype == np.float16 else np.float32)
    about = {"descr": np.lib.format.dtype_to_descr(kind), "fortran_order": False, "shape": values.shape}
    np.lib.format.write_array_header_1_0(file, about)
    for block in _blocks(values):
        file.write(np.ascontiguousarray(block, dtype=kind).data)


def _blocks(values: AnyArray) -> Iterator[AnyArray]:
    return (values[start : start + _BLOCK] for start in range(0, len(values), _BLOCK))


def _refuse_of_images(settings: DataSettings, path: Path) -> None:
    """Raise where a setting is given that embeddings alone would leave unread."""
    given = [name for name in _OF_IMAGES if getattr(settings, name) != getattr(DataSettings(""), name)]
    if given:
        flags = ", ".join(f"--{name.replace('_', '-')}" for name in given)
        raise InputError(
            f"{path} holds embeddings alone, without images, so {flags} cannot be followed: leave it away. Labels are "
            "looked for in `labels`, and test rows are named in `split` or with --split."
        )


def _from_file(path: Path, names: Mapping[str, tuple[str, ...]]) -> dict[str, AnyArray]:
    """The first column or key that there is of those listed for each name."""
    return (_from_parquet if path.suffix.lower() in (".parquet", ".pq") else _from_npz)(path, names)


def _from_npz(path: Path, names: Mapping[str, tuple[str, ...]]) -> dict[str, AnyArray]:
    try:
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:  # NumPy leaves a broken one open
            return {name: file[key] for name, keys in names.items() for key in _first(keys, file.files)}
    except (OSError, ValueError, zipfile.BadZipFile, zlib.error) as error:
        raise InputError(f"{path} cannot be read as .npz: {error}. Expected what `numpy.savez` writes.") from error


def _from_parquet(path: Path, names: Mapping[str, tuple[str, ...]]) -> dict[str, AnyArray]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        there = pq.read_schema(path).names
        keys_of = {name: key for name, keys in names.items() for key in _first(keys, there)}
        table = pq.read_table(path, columns=sorted({*keys_of.values()}))
        found = {name: table.column(key) for name, key in keys_of.items()}
        columns = {name: np.asarray(column.to_pylist()) for name, column in found.items() if name != "embeddings"}
        if "embeddings" in found:
            columns["embeddings"] = np.stack(found["embeddings"].to_numpy(zero_copy_only=False))
    except (OSError, ValueError, pa.ArrowException) as error:
        raise InputError(f"{path} cannot be read as Parquet with equally long embeddings: {error}") from error
    return columns


def _first(keys: tuple[str, ...], there: list[str]) -> tuple[str, ...]:
    return tuple(key for key in keys if key in there)[:1]
