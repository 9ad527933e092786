"""Which column of a Parquet file is what: from the hub's metadata, from types and names, or as the user says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from swither.data.settings import DataSettings
from swither.errors import InputError, UnknownName, list_some

_LABEL_NAMES = ("label", "labels", "class", "category", "target", "y")


@dataclass(frozen=True)
class Columns:
    """The columns of a Parquet file that are used.

    Attributes:
        image: encoded images.
        label: classes, None where there are none.
        class_names: the names of the classes by number, None where the file does not say.
        split: which part a row belongs to, None where no column says.
        group: what must stay together, None where it was not asked.
    """

    image: str
    label: str | None
    class_names: tuple[str, ...] | None
    split: str | None
    group: str | None

    def small(self) -> list[str]:
        """All columns but the images."""
        return [name for name in (self.label, self.split, self.group) if name is not None]

    def wanted(self) -> list[str]:
        """All columns."""
        return [self.image, *self.small()]


def choose_columns(schema: Any, settings: DataSettings, where: str) -> Columns:
    """Find the columns of a file.

    Args:
        schema: the file's Arrow schema.
        settings: what the user names.
        where: the file, for errors.

    Raises:
        UnknownName: the user names a column that is not there.
        InputError: no column, or more than one, can be the image or the label.
    """
    features = _features(schema)
    for name in (settings.image_column, settings.label_column, settings.group_by):
        if name is not None and name not in schema.names:
            raise UnknownName(f"column of {where}", name, schema.names)
    image = settings.image_column or _image_column(schema, features, where)
    if not _holds_bytes(schema.field(image).type):
        raise InputError(
            f"Expected encoded images (bytes) in column {image!r} of {where}, got {schema.field(image).type}. "
            "Name another column with --image-column."
        )
    label = settings.label_column or _label_column(schema, features, image, where)
    names = features.get(label, {}).get("names") if label is not None else None
    split = "split" if "split" in schema.names and label != "split" else None
    return Columns(image, label, None if names is None else tuple(map(str, names)), split, settings.group_by)


def _features(schema: Any) -> Mapping[str, Any]:
    """The hub's description of the columns, empty where the file has none."""
    try:
        features = json.loads((schema.metadata or {})[b"huggingface"])["info"]["features"]
    except (KeyError, ValueError, TypeError):
        return {}
    if not isinstance(features, dict):
        return {}
    return {name: feature for name, feature in features.items() if isinstance(feature, dict)}


def _holds_bytes(kind: Any) -> bool:
    if pa.types.is_struct(kind):
        return any(field.name == "bytes" and _holds_bytes(field.type) for field in kind)
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind))


def _image_column(schema: Any, features: Mapping[str, Any], where: str) -> str:
    declared = [name for name in schema.names if features.get(name, {}).get("_type") == "Image"]
    structs = [f.name for f in schema if pa.types.is_struct(f.type) and _holds_bytes(f.type)]
    plain = [field.name for field in schema if _holds_bytes(field.type)]
    for found in (declared, structs, plain):
        if len(found) == 1:
            return str(found[0])
        if found:
            raise InputError(
                f"{where} has {len(found)} columns that can be the image: {list_some(found)}. Name one with "
                "--image-column."
            )
    raise InputError(
        f"Expected a column of encoded images in {where}, as {{bytes, path}} or as bytes, found none among "
        f"{list_some(schema.names)}. Name it with --image-column."
    )


def _label_column(schema: Any, features: Mapping[str, Any], image: str, where: str) -> str | None:
    declared = [name for name in schema.names if features.get(name, {}).get("_type") == "ClassLabel"]
    usual = [name for name in schema.names if name.lower() in _LABEL_NAMES and name != image]
    for found in (declared, usual):
        if len(found) == 1:
            return str(found[0])
        if found:
            raise InputError(
                f"{where} has {len(found)} columns that can be the label: {list_some(found)}. Name one with "
                "--label-column."
            )
    return None
