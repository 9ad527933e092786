"""Small pictures on disk, bounded by bytes: what was not looked at for longest goes first."""

from __future__ import annotations

import contextlib
import os
import secrets
import threading
import time
from pathlib import Path

from swither.files import make_folder, room_for

_BEGINNING, _END = b"\xff\xd8", b"\xff\xd9"  # of every JPEG
_BEING_WRITTEN = 60 * 10**9  # nanoseconds
_KEEP = 0.9  # share of the bound that stays when something goes, so that not every picture makes one go


class PictureCache:
    """JPEGs by the id of their image; any number of threads and processes may use one folder.

    A picture is written under another name and renamed, so that a reader sees all of it or nothing. Nothing is
    flushed to the disk: what a power cut spoils does not end like a JPEG and counts as missing. The bound holds up to
    what each process writes between two counts, a fiftieth of it.

    Args:
        folder: where the pictures lie, in sub-folders of the first two digits of their ids.
        most_bytes: how many bytes may lie there.
    """

    def __init__(self, folder: Path, most_bytes: int) -> None:
        self.folder, self.most_bytes = folder, most_bytes
        self._lock = threading.Lock()
        self._uncounted = most_bytes  # bytes written since the last count; at first, everything is uncounted

    def path(self, image: str) -> Path:
        """Where the picture of an image lies if there is one."""
        return self.folder / image[:2] / f"{image}.jpg"

    def __contains__(self, image: str) -> bool:
        return self.path(image).exists()

    def get(self, image: str) -> bytes | None:
        """The picture of an image, which is used now; None where there is none, or none that is whole."""
        path = self.path(image)
        try:
            content = path.read_bytes()
            os.utime(path)
        except OSError:
            return None
        return content if content.startswith(_BEGINNING) and content.endswith(_END) else None

    def put(self, image: str, content: bytes) -> None:
        """Keep the picture of an image; others go where there is no room for it."""
        path = self.path(image)
        make_folder(path.parent)
        temporary = path.with_name(f".{image}.{secrets.token_hex(6)}.tmp")
        try:
            with room_for(path):
                temporary.write_bytes(content)
                os.replace(temporary, path)
        except FileNotFoundError:  # somebody deletes the folder just now, which they may
            return
        except BaseException:
            with contextlib.suppress(OSError):
                temporary.unlink()
            raise
        with self._lock:
            self._uncounted += len(content)
            if self._uncounted > self.most_bytes // 50:
                self._uncounted = 0
                self._make_room()

    def _make_room(self) -> None:
        pictures, total, long_ago = [], 0, time.time_ns() - _BEING_WRITTEN
        for folder in _entries(self.folder):
            for entry in _entries(Path(folder.path)) if folder.is_dir(follow_symlinks=False) else []:
                with contextlib.suppress(OSError):  # another process may have removed it just now
                    status = entry.stat(follow_symlinks=False)
                    if entry.name.endswith(".tmp") and status.st_mtime_ns > long_ago:
                        continue  # somebody is writing it; an older one was left by a kill
                    pictures.append((status.st_mtime_ns, status.st_size, entry.path))
                    total += status.st_size
        if total <= self.most_bytes:
            return
        for _, size, path in sorted(pictures):
            if total <= self.most_bytes * _KEEP:
                break
            with contextlib.suppress(OSError):
                os.unlink(path)
            total -= size


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return list(found)
    except OSError:
        return []
