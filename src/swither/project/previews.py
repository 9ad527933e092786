"""What people look at: previews of a screen's size and thumbnails, as JPEG, made when they are first asked for."""

from __future__ import annotations

import threading
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from swither.project.picture_cache import PictureCache
from swither.project.reading import ImageProblem, Read, read_image
from swither.project.walk import lies_in

if TYPE_CHECKING:
    from swither.project.project import Project
    from swither.project.records import ImageFile

PREVIEW, THUMBNAIL = 1280, 256
"""Pixels of the longer side."""

PREVIEW_BYTES, THUMBNAIL_BYTES = 2_000_000_000, 1_000_000_000
"""How much disk they may take: some 8,000 previews, some 80,000 thumbnails."""

_VERSION = 1  # of how they are made; pictures of another version lie elsewhere
_QUALITY = {PREVIEW: 85, THUMBNAIL: 80}
_caches: dict[tuple[Path, int], PictureCache] = {}
_caches_lock = threading.Lock()


def preview(project: Project, image: str, side: int = PREVIEW) -> bytes:
    """An image upright, its longer side at most `side` pixels, as JPEG.

    Args:
        project: whose image.
        image: id.
        side: pixels; each size is kept in a folder of its own.

    Raises:
        ImageProblem: there is no file with this content any more.
    """
    cache = pictures(project, side)
    found = cache.get(image)
    if found is None:
        found = encoded(read_content(project, image, side), side)
        cache.put(image, found)
    return found


def thumbnail(project: Project, image: str, side: int = THUMBNAIL) -> bytes:
    """The same, small; made from the preview where there is one."""
    cache = pictures(project, side)
    found = cache.get(image)
    if found is None:
        larger = pictures(project, PREVIEW).get(image)
        if larger is not None and side <= PREVIEW // 2:
            with Image.open(BytesIO(larger), formats=["JPEG"]) as opened:
                opened.draft(None, (2 * side, 2 * side))
                found = _jpeg(opened.convert("RGB"), side, opened.info.get("icc_profile"))
        else:
            found = encoded(read_content(project, image, side), side)
        cache.put(image, found)
    return found


def keep(project: Project, read: Read, side: int = PREVIEW) -> None:
    """Keep the picture of an image that was read for another purpose, so that it is not decoded again to be shown."""
    cache = pictures(project, side)
    if read.image not in cache:
        cache.put(read.image, encoded(read, side))


def pictures(project: Project, side: int) -> PictureCache:
    """Where the pictures of one size are kept; one object in a process, as it counts bytes."""
    name, most = ("thumbnails", THUMBNAIL_BYTES) if side <= THUMBNAIL else ("previews", PREVIEW_BYTES)
    folder = project.derived(name) / f"{side}-{_VERSION}"
    with _caches_lock:
        return _caches.setdefault((folder, most), PictureCache(folder, most))


def read_content(project: Project, image: str, largest: int | None) -> Read:
    """Read an image from the first of its files that still has this content.

    A file that has another content by now, or is gone, is told to the store.

    Raises:
        ImageProblem: there is none.
    """
    why = ImageProblem("no file with this content is in the folder any more", gone=True)
    for file in project.store.files_of(image):
        path = project.images / file.path
        if not file.present or not lies_in(project.images, path):
            continue
        try:
            read = read_image(path, largest)
        except ImageProblem as problem:
            why = problem
            if problem.gone:
                project.store.put_files([replace(file, present=False)])
            continue
        if read.image == image:
            return read
        project.store.put_files([as_read(file, read)])
    raise why


def as_read(file: ImageFile, read: Read) -> ImageFile:
    """What is known of a file once it has been read."""
    return replace(
        file,
        size=read.size,
        modified=read.modified,
        image=read.image,
        width=read.width,
        height=read.height,
        problem=None,
        present=True,
    )


def encoded(read: Read, side: int) -> bytes:
    """A picture of an image that has been read, its longer side at most `side` pixels, as JPEG."""
    return _jpeg(read.picture, side, read.profile)


def _jpeg(picture: Image.Image, side: int, profile: bytes | None) -> bytes:
    picture = picture.copy()
    picture.thumbnail((side, side), Image.Resampling.BICUBIC)
    file = BytesIO()
    quality = _QUALITY[THUMBNAIL if side <= THUMBNAIL else PREVIEW]
    picture.save(file, "JPEG", quality=quality, **({"icc_profile": profile} if profile else {}))
    return file.getvalue()
