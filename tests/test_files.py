"""What swither promises of its files: whole or not at all, of a known kind, one process at a time."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from swither.errors import Busy, DamagedState, NewerFormat, NotEnoughSpace, NotWritable
from swither.files import (
    file_checksum,
    key_of,
    locked,
    read_json,
    remove_temporary,
    require_file_place,
    room_for,
    write_atomically,
    write_json,
)


def test_a_written_file_holds_what_was_given(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "file"
    write_atomically(path, b"bytes")
    assert path.read_bytes() == b"bytes"
    write_atomically(path, lambda file: file.write(b"from a function"))
    assert path.read_bytes() == b"from a function"
    assert [entry.name for entry in path.parent.iterdir()] == ["file"]


@pytest.mark.parametrize("error", [OSError(errno.EIO, "broken"), KeyboardInterrupt(), RuntimeError("broken")])
def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path, error: BaseException) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def fail(file: BinaryIO) -> None:
        file.write(b"half of the new")
        raise error

    with pytest.raises(type(error)):
        write_atomically(path, fail)
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_said_in_words(tmp_path: Path, number: int) -> None:
    with pytest.raises(NotEnoughSpace, match="free some space"), room_for(tmp_path / "file"):
        raise OSError(number, "full")


def test_other_trouble_of_the_system_passes_through(tmp_path: Path) -> None:
    with pytest.raises(InterruptedError), room_for(tmp_path / "file"):
        raise InterruptedError(errno.EINTR, "a signal came")


KILLED_WHILE_WRITING = """
import sys, time
from pathlib import Path
from swither.files import write_atomically

def slowly(file):
    file.write(b"n" * 100_000)
    file.flush()
    print("half", flush=True)
    time.sleep(60)

write_atomically(Path(sys.argv[1]), slowly)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_killed_writer_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    with subprocess.Popen([sys.executable, "-c", KILLED_WHILE_WRITING, str(path)], stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"half\n"
        writer.send_signal(signal.SIGKILL)
    assert path.read_bytes() == b"old"


def test_json_comes_back_with_its_kind_and_version(tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    write_json(path, "swither thing", 2, {"name": "Käthe", "values": [1, 2.5, None]})
    assert read_json(path, "swither thing", 2) == {
        "format": "swither thing",
        "version": 2,
        "name": "Käthe",
        "values": [1, 2.5, None],
    }
    assert read_json(path, "swither thing", 3)["version"] == 2


def test_a_newer_version_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    write_json(path, "swither thing", 3, {})
    with pytest.raises(NewerFormat, match=r"version 3.*reads up to 2"):
        read_json(path, "swither thing", 2)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b'{"format": "swither thi',
        b"\xff\xfe",
        b"[]",
        b"{}",
        b'{"format": "other", "version": 1}',
        b'{"format": "swither thing"}',
    ],
)
def test_what_does_not_read_back_is_damage(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file.json"
    path.write_bytes(content)
    with pytest.raises(DamagedState, match=r"file\.json"):
        read_json(path, "swither thing", 1)


def test_a_checksum_sees_every_bit_of_a_large_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    content = bytearray(os.urandom(3_000_000))
    path.write_bytes(content)
    before = file_checksum(path)
    content[2_999_999] ^= 1
    path.write_bytes(content)
    assert len(before) == 32
    assert file_checksum(path) != before


@pytest.mark.parametrize(
    "other", [({"a": 2},), ({"b": 1},), ({"a": 1}, None), (["a", 1],), ({"a": "1"},), ({"a": 1.5},)]
)
def test_a_key_tells_different_inputs_apart(other: tuple[Any, ...]) -> None:
    assert key_of({"a": 1}) != key_of(*other)


def test_a_key_does_not_depend_on_the_order_of_fields() -> None:
    assert key_of({"a": 1, "b": {"c": 2, "d": 3}}) == key_of({"b": {"d": 3, "c": 2}, "a": 1})


HOLD = """
import sys, time
from pathlib import Path
from swither.files import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_lock_keeps_another_process_out_and_dies_with_its_holder(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline().strip() == b"held"
        with pytest.raises(Busy, match="Another process"), locked(path):
            pass
        holder.kill()
    with locked(path):
        assert path.exists()


def test_a_lock_that_is_waited_for_is_had_when_it_is_free(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD.replace("60", "0.5"), str(path)], stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline().strip() == b"held"
        begin = time.monotonic()
        with locked(path, wait=True):
            waited = time.monotonic() - begin
    assert 0.1 < waited < 30


def test_an_error_inside_frees_the_lock(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with pytest.raises(RuntimeError, match="inside"), locked(path):
        raise RuntimeError("inside")
    with locked(path):
        assert path.exists()


def test_a_place_that_cannot_be_written_to_is_named_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(NotWritable, match=r"cannot be written.*give another"):
        write_atomically(tmp_path / "file" / "under", b"x")
    with pytest.raises(NotWritable, match=r"cannot be written.*give another"):
        write_atomically(tmp_path, b"x")


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a folder that takes no files, whoever asks")
def test_a_folder_of_the_system_that_takes_no_files_is_named_like_any_closed_one() -> None:
    for write in (require_file_place, lambda path: write_atomically(path, b"x")):
        for path in (Path("/proc/x.zip"), Path("/proc/new/x.zip")):
            with pytest.raises(NotWritable, match=r"cannot be written.*give another"):
                write(path)


@pytest.mark.parametrize("code", [errno.EROFS, errno.EACCES])
def test_a_read_only_disk_is_named_with_what_to_do(tmp_path: Path, code: int) -> None:
    with pytest.raises(NotWritable, match="cannot be written"), room_for(tmp_path):
        raise OSError(code, "Read-only file system")


def test_what_a_killed_write_left_is_removed_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / ".weights.abc.tmp").write_bytes(b"half")
    (tmp_path / "weights").write_bytes(b"whole")
    remove_temporary(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["weights"]
