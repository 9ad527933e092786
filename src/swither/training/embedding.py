"""Every image embedded once by a frozen backbone, in half precision, kept on disk and gone on with when interrupted."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from swither.arrays import FloatArray, IntArray
from swither.data.cache import cache_folder, make_folder
from swither.data.decoding import version_in_keys
from swither.data.embedding_file import EmbeddingFile
from swither.data.features import Features
from swither.data.image_set import ImageSet
from swither.data.intake import cores
from swither.data.progress import Progress, silent
from swither.errors import Busy, InputError, plural
from swither.files import key_of, locked
from swither.models.backbone import Backbone, load_backbone
from swither.models.backbone_settings import BackboneSettings
from swither.training.device import choose_device, use_threads

PREPARATION = 1
"""Goes up with every change of how images are prepared, so that no older embedding is taken for its own."""

AT_ONCE = 16
"""Images that a CPU embeds together; more wait for memory. The last few are filled up, as in the clean pass."""

AT_ONCE_ON_CARD = 256
_SIDE_BY_SIDE = 8
"""Batches that a CPU embeds at a time at most, for they take memory. Each has a core of its own: cores that share a
batch wait for each other at every layer, which on a busy machine of two took seven times as long."""
_BLOCK = 512  # images written together: at most so many are embedded again after an interruption


def embedded(
    images: ImageSet,
    settings: BackboneSettings | None = None,
    *,
    cache: str | None = None,
    device: str | None = None,
    progress: Progress | None = None,
) -> ImageSet:
    """The same images with embeddings, which a head is then trained on instead of pixels.

    What was embedded before is read from the cache, by the images' ids, the checksum of the backbone's weights and
    how images were prepared; the rest is computed on all cores and added. Whatever stops it, the next call goes on.

    Args:
        images: whose embeddings; packed at `BackboneSettings.size` where they are larger photographs
            (`open_dataset`'s ``largest``).
        settings: which backbone; None: EfficientNet-Lite0 at 128 pixels.
        cache: folder that keeps them; None: where packed images are kept, see `swither.data.DataSettings`.
        device: where the backbone computes; None: the best there is.
        progress: told how far it is.

    Raises:
        MissingExtra: the package with the backbone's weights, or timm, is not installed.
        InputError: there are no pixels, or the weights cannot be used.
        DownloadFailed: a network of timm's is named, and its weights could not be fetched.
    """
    return embed_together([images], settings, cache=cache, device=device, progress=progress)[0]


def embed_together(
    sets: list[ImageSet],
    settings: BackboneSettings | None = None,
    *,
    cache: str | None = None,
    device: str | None = None,
    progress: Progress | None = None,
) -> list[ImageSet]:
    """Several sets on one file of embeddings, such as training and test images; see `embedded`."""
    settings, progress = settings or BackboneSettings(), progress or silent
    if not all(images.has_pixels for images in sets):
        raise InputError("There are no pixels to embed: these images came as embeddings alone.")
    backbone, size = load_backbone(settings, lambda text: progress(text, 0, 0)), settings.size()
    key = _key(sets[0], backbone, size)
    folder = cache_folder(cache) / "embeddings" / key
    make_folder(folder)
    with _alone_in(folder, progress):
        file = EmbeddingFile(folder, backbone.width)
        for images in sets:
            _add_missing(file, images, backbone, size, choose_device(device), progress)
        values, rows = file.values(), file.rows
    description = f"{backbone.name} at {size} pixels"
    return [replace(s, features=Features(values, _rows_of(s, rows), key, description)) for s in sets]


@contextmanager
def _alone_in(folder: Path, progress: Progress) -> Iterator[None]:
    with ExitStack() as stack:
        try:
            stack.enter_context(locked(folder / "lock"))
        except Busy:
            progress("Waiting for another process that embeds with the same network.", 0, 0)
            stack.enter_context(locked(folder / "lock", wait=True))
        yield


def _key(images: ImageSet, backbone: Backbone, size: int) -> str:
    """Of the file of embeddings; an image that is no square was not cut to one at first, so those have another key."""
    height, width, _ = images.image_shape
    changed = [*version_in_keys(), *([] if height == width else ["centre square"])]
    return key_of("embeddings", PREPARATION, backbone.checksum, size, list(images.image_shape), *changed)


def _rows_of(images: ImageSet, rows: dict[str, int]) -> IntArray:
    return np.array([rows[str(i)] for i in images.ids], dtype=np.int64)


def _add_missing(
    file: EmbeddingFile, images: ImageSet, backbone: Backbone, size: int, device: torch.device, progress: Progress
) -> None:
    missing = np.array([p for p, i in enumerate(images.ids) if str(i) not in file.rows], dtype=np.int64)
    if not len(missing):
        return
    file.require_room(len(missing))
    what = f"embedding {plural(len(missing), 'image')} ({backbone.name}, {size} pixels)"
    progress(what, 0, len(missing))
    network = backbone.network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    at_once, workers = (AT_ONCE, min(cores(), _SIDE_BY_SIDE)) if device.type == "cpu" else (AT_ONCE_ON_CARD, 1)
    threads = max(1, cores() // workers)

    def embed(some: IntArray) -> FloatArray:
        torch.set_num_threads(threads)  # of this thread
        filled_up = np.resize(some, at_once) if len(some) < at_once else some
        pixels = torch.from_numpy(images.images(filled_up)).to(device)
        with torch.inference_mode():
            answers = network(prepared(pixels, size, backbone))  # (at_once, width)
        values: FloatArray = answers[: len(some)].half().cpu().numpy()
        return values

    with use_threads(threads), _side_by_side(workers) as pool:
        for start in range(0, len(missing), _BLOCK):
            block = missing[start : start + _BLOCK]
            parts: list[FloatArray] = []
            done = start
            for part in pool.map(embed, [block[first : first + at_once] for first in range(0, len(block), at_once)]):
                parts.append(part)
                done += len(part)
                progress(what, done, len(missing))
            file.append([str(i) for i in images.ids[block]], _finite(np.concatenate(parts), backbone))


@contextmanager
def _side_by_side(workers: int) -> Iterator[ThreadPoolExecutor]:
    """Threads that begin nothing more once the work is stopped."""
    pool = ThreadPoolExecutor(workers)
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def prepared(pixels: Tensor, size: int, backbone: Backbone) -> Tensor:
    """What a backbone is given: the centre square at `size` pixels, three channels, normalised as it was trained.

    The one place where this is done: comparisons, projects and exported models all come by here.

    Args:
        pixels: (batch, height, width, channels) uint8.
        size: of a side, in pixels.
        backbone: whose mean, deviation and interpolation are taken.

    Returns:
        (batch, 3, size, size) float32.
    """
    height, width = pixels.shape[1:3]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    images = pixels[:, top : top + side, left : left + side].permute(0, 3, 1, 2).float().div_(255)
    if side != size:
        images = functional.interpolate(images, size=(size, size), mode=backbone.interpolation, antialias=True)
        images = images.clamp_(0, 1) if backbone.interpolation == "bicubic" else images  # which swings over edges
    mean, deviation = (
        torch.tensor(v, device=pixels.device)[:, None, None] for v in (backbone.mean, backbone.deviation)
    )
    images = (images.expand(-1, 3, -1, -1) - mean) / deviation
    return images.contiguous(memory_format=torch.channels_last)


def _finite(values: FloatArray, backbone: Backbone) -> FloatArray:
    if not np.isfinite(values).all():
        raise InputError(f"{backbone.name} gives embeddings that are not finite in half precision: other weights?")
    return values
