from __future__ import annotations

import os
import secrets
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from swither.project.picture_cache import PictureCache


def picture(size: int) -> bytes:
    return b"\xff\xd8" + bytes(size - 4) + b"\xff\xd9"


def used(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def test_a_picture_comes_back_and_a_missing_one_is_none(tmp_path: Path) -> None:
    cache = PictureCache(tmp_path, 10_000)
    assert cache.get("ab" * 16) is None
    cache.put("ab" * 16, picture(100))
    assert cache.get("ab" * 16) == picture(100)
    assert "ab" * 16 in cache
    assert PictureCache(tmp_path, 10_000).get("ab" * 16) == picture(100)


def test_a_picture_that_a_power_cut_spoiled_counts_as_missing(tmp_path: Path) -> None:
    cache = PictureCache(tmp_path, 10_000)
    for content in (b"", picture(100)[:50], bytes(100)):
        cache.put("ab" * 16, picture(100))
        cache.path("ab" * 16).write_bytes(content)
        assert cache.get("ab" * 16) is None


def test_what_was_not_looked_at_for_longest_goes_first(tmp_path: Path) -> None:
    cache = PictureCache(tmp_path, 1000)
    ids = [f"{number:032x}" for number in range(9)]
    for number, image in enumerate(ids):
        cache.put(image, picture(100))
        os.utime(cache.path(image), (number, number))
    assert cache.get(ids[0]) is not None  # used now
    cache.put("f" * 32, picture(100))
    cache.put("e" * 32, picture(100))  # 1,100 bytes: two or more go, down to 900
    assert [image for image in ids if image not in cache] == ids[1:3]
    assert ids[0] in cache
    assert used(tmp_path) <= 1000


def test_the_bound_holds_however_many_pictures_come(tmp_path: Path) -> None:
    cache = PictureCache(tmp_path, 50_000)
    for _ in range(300):
        cache.put(secrets.token_hex(16), picture(1000))
    assert used(tmp_path) <= 50_000 * 1.02 + 1000


def test_a_full_folder_of_an_earlier_process_is_counted(tmp_path: Path) -> None:
    generous = PictureCache(tmp_path, 1_000_000)
    for _ in range(100):
        generous.put(secrets.token_hex(16), picture(1000))
    PictureCache(tmp_path, 50_000).put(secrets.token_hex(16), picture(1000))
    assert used(tmp_path) <= 50_000


def test_what_a_kill_left_goes_and_what_is_being_written_stays(tmp_path: Path) -> None:
    cache = PictureCache(tmp_path, 1000)
    cache.put("0" * 32, picture(100))
    left, written = (tmp_path / "00" / f".{name}.tmp" for name in ("left", "written"))
    for path in (left, written):
        path.write_bytes(picture(500))
    os.utime(left, (0, 0))
    for number in range(20):
        cache.put(f"{number:032x}", picture(100))
    assert not left.exists()
    assert written.exists()


def write_and_read(folder: Path, seed: int) -> None:
    cache = PictureCache(folder, 20_000)
    for number in range(80):
        image = f"{(number * 7 + seed) % 40:032x}"
        cache.put(image, picture(1000))
        found = cache.get(image)
        assert found is None or found == picture(1000)


def test_threads_and_processes_share_one_folder(tmp_path: Path) -> None:
    code = "import runpy, sys, pathlib; runpy.run_path(sys.argv[1])['write_and_read'](pathlib.Path(sys.argv[2]), 10)"
    command = [sys.executable, "-c", code, __file__, str(tmp_path)]
    processes = [subprocess.Popen(command) for _ in range(2)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write_and_read, [tmp_path] * 4, range(4)))
    assert [process.wait() for process in processes] == [0, 0]
    assert used(tmp_path) <= 20_000 + 6 * 1400  # each of the six counts for itself
    assert not list(tmp_path.rglob("*.tmp"))
