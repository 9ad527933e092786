"""Fetching a file once: with progress, taken up where it broke off, and checked before it is used."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import os
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from swither.data.progress import Progress
from swither.errors import DownloadFailed
from swither.files import locked, room_for

_BLOCK = 1 << 18
_TRIES = 3
_PATIENCE = 30.0  # seconds without a byte


def download(url: str, target: Path, md5: str, progress: Progress) -> None:
    """Fetch `url` into `target`, unless it is there already.

    What has arrived is kept in ``<target>.part``; a broken connection is taken up again, in this call a few times and
    by the next call.

    Args:
        url: where the file is.
        target: where it is to be.
        md5: its MD5 checksum, hex, as its publisher states it.
        progress: told how many kilobytes have come.

    Raises:
        DownloadFailed: the file cannot be had, or is not the one that was expected.
    """
    with locked(target.parent / f"{target.name}.lock", wait=True):
        if target.exists():
            _check(target, md5, url)
            return
        part = target.with_name(f"{target.name}.part")
        for left in reversed(range(_TRIES)):
            try:
                _fetch(url, part, progress)
                break
            except urllib.error.HTTPError as error:
                error.close()
                raise DownloadFailed(f"{url} answers {error.code} ({error.reason}). {_by_hand(target)}") from error
            except (OSError, http.client.HTTPException) as error:
                if left == 0:
                    raise DownloadFailed(_broken(url, target, part, error)) from error
        _check(part, md5, url)
        os.replace(part, target)


def _fetch(url: str, part: Path, progress: Progress) -> None:
    have = part.stat().st_size if part.exists() else 0
    request = urllib.request.Request(url, headers={"Range": f"bytes={have}-"} if have else {})
    try:
        answer: Any = urllib.request.urlopen(request, timeout=_PATIENCE)
    except urllib.error.HTTPError as error:
        if error.code == 416 and have:  # nothing is missing; the checksum decides
            error.close()
            return
        raise
    with answer:
        resumed = answer.status == 206
        have = have if resumed else 0
        announced = answer.headers.get("Content-Length")
        total = have + int(announced) if announced else 0
        with part.open("ab" if resumed else "wb") as file, room_for(part):
            while block := answer.read(_BLOCK):
                file.write(block)
                have += len(block)
                progress(f"downloading {part.name.removesuffix('.part')} (kB)", have // 1000, total // 1000)
    if have < total:
        raise ConnectionError(f"the connection ended after {have:,} of {total:,} bytes")


def _check(path: Path, md5: str, url: str) -> None:
    with path.open("rb") as file:
        found = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
    if found != md5:
        with contextlib.suppress(OSError):
            path.unlink()
        raise DownloadFailed(
            f"What came from {url} is not the expected file: its MD5 checksum is {found}, expected {md5}. It was "
            "removed; try again, and if it stays so, the file behind this address has changed."
        )


def _broken(url: str, target: Path, part: Path, error: Exception) -> str:
    have = part.stat().st_size if part.exists() else 0
    kept = f" {have:,} bytes have arrived and are kept: the next start goes on from there." if have else ""
    reason = getattr(error, "reason", None) or error
    return f"Cannot download {url}: {reason}.{kept} {_by_hand(target)}"


def _by_hand(target: Path) -> str:
    return (
        f"Without a network, fetch {target.name} elsewhere and put it into {target.parent}; or name a folder that "
        "holds it, or another server, with the environment variable SWITHER_CIFAR_URL."
    )
