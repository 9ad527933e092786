"""Images by id: previews, thumbnails, originals. No path ever comes from the browser."""

from __future__ import annotations

import io
import os
import re
from pathlib import Path
from urllib.parse import quote

from fastapi import APIRouter, Request
from starlette.responses import FileResponse, Response

from swither.files import file_checksum
from swither.web.not_found import NotFound
from swither.web.workspace import Workspace, in_thread, workspace_of

router = APIRouter()

_ID = re.compile(r"[0-9a-f]{32}")
_KEPT = "private, max-age=31536000, immutable"

# What browsers draw, by its first bytes: what a file is called says nothing.
_RASTER = (
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg"),
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png"),
    (re.compile(rb"GIF8[79]a"), "image/gif"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "image/webp"),
    (re.compile(rb"BM....\x00\x00\x00\x00", re.DOTALL), "image/bmp"),
)
# What is turned into JPEG for them.
_FOREIGN = (
    re.compile(rb"II\*\x00|MM\x00\*|II\+\x00|MM\x00\+"),  # TIFF
    re.compile(rb"....ftyp(?:hei|hev|mif|msf|avi)", re.DOTALL),  # HEIF, AVIF
    re.compile(rb"P[1-6][\s#]"),  # PBM, PGM, PPM
    re.compile(rb"\x00\x00\x00\x0cjP  |\xff\x4f\xff\x51"),  # JPEG 2000
)


@router.get("/images/{image}/preview")
async def get_preview(request: Request, image: str) -> Response:
    """The image as it is shown large, upright, as JPEG."""
    return await _derived(request, image, "preview")


@router.get("/images/{image}/thumbnail")
async def get_thumbnail(request: Request, image: str) -> Response:
    """The image as it is shown small, upright, as JPEG."""
    return await _derived(request, image, "thumbnail")


@router.get("/images/{image}/original")
async def get_original(request: Request, image: str) -> Response:
    """The file as it lies in the folder, or its pixels as JPEG where browsers do not know its kind."""
    workspace = workspace_of(request)
    if (same := _same(request, image, "original")) is not None:
        return same
    return await in_thread(workspace.images, lambda: original(workspace, image))


async def _derived(request: Request, image: str, kind: str) -> Response:
    workspace = workspace_of(request)
    if (same := _same(request, image, kind)) is not None:
        return same
    content = await in_thread(workspace.images, lambda: _jpeg(workspace, image, kind))
    return Response(content, media_type="image/jpeg", headers=_headers(image, kind))


def _jpeg(workspace: Workspace, image: str, kind: str) -> bytes:
    from swither.project.previews import preview, thumbnail

    path_of(workspace, image)
    return preview(workspace.project, image) if kind == "preview" else thumbnail(workspace.project, image)


def path_of(workspace: Workspace, image: str) -> Path:
    """The file of an image, inside the image folder.

    Raises:
        NotFound: no such id, or its file is not there any more.
    """
    path = workspace.project.path_of(image) if _ID.fullmatch(image) else None
    if path is None:
        raise NotFound("No image with this id is in the folder now.")
    return path


def original(workspace: Workspace, image: str) -> Response:
    """The file if it is an image that browsers know; JPEG of what it shows otherwise; never a document."""
    path = path_of(workspace, image)
    if not _holds(workspace, path, image):
        raise NotFound("The file of this image holds another one by now; it is found when the folder is read again.")
    with path.open("rb") as file:
        start = file.read(32)
    for pattern, kind in _RASTER:
        if pattern.match(start):
            return FileResponse(
                path, media_type=kind, headers=_headers(image, "original") | _named("inline", path.name)
            )
    if any(pattern.match(start) for pattern in _FOREIGN):
        return Response(_converted(path), media_type="image/jpeg", headers=_headers(image, "original"))
    headers = _headers(image, "original") | _named("attachment", path.name)
    return FileResponse(path, media_type="application/octet-stream", headers=headers)


def _holds(workspace: Workspace, path: Path, image: str) -> bool:
    """Whether a file is still what it was when it got its id; read only where its size or time is another one."""
    status = path.stat()
    seen = {(file.size, file.modified) for file in workspace.project.store.files_of(image)}
    return (status.st_size, status.st_mtime_ns) in seen or file_checksum(path) == image


def _converted(path: Path) -> bytes:
    from swither.project.reading import read_image

    read = read_image(path)
    written = io.BytesIO()
    profile = {"icc_profile": read.profile} if read.profile else {}
    read.picture.save(written, "JPEG", quality=92, **profile)
    return written.getvalue()


def _same(request: Request, image: str, kind: str) -> Response | None:
    """That the browser has this already: what an id names never changes."""
    if _tag(image, kind) in request.headers.get("if-none-match", "") and _ID.fullmatch(image):
        return Response(status_code=304, headers=_headers(image, kind))
    return None


def _headers(image: str, kind: str) -> dict[str, str]:
    return {"cache-control": _KEPT, "etag": _tag(image, kind)}


def _tag(image: str, kind: str) -> str:
    return f'"{image}-{kind}"'


def _named(how: str, name: str) -> dict[str, str]:
    return {"content-disposition": f"{how}; filename*=UTF-8''{quote(os.fsencode(name), safe='')}"}
