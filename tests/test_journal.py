from __future__ import annotations

import json
import multiprocessing
import os
import signal
import sys
import warnings
from pathlib import Path

import pytest

from swither import journal as journal_module
from swither.errors import NewerFormat, NotEnoughSpace
from swither.journal import DamageWarning, Journal


def filled(path: Path, count: int = 5) -> Journal:
    journal = Journal(path, "number")
    journal.append({"n": n, "text": "ä\n\u2028"} for n in range(count))
    return journal


def numbers(journal: Journal) -> list[int]:
    return [record["n"] for record in journal.read()]


def test_what_was_appended_reads_back_in_order(tmp_path: Path) -> None:
    journal = filled(tmp_path / "j.jsonl")
    journal.append([{"n": 5, "text": ""}])
    assert numbers(Journal(tmp_path / "j.jsonl", "number")) == [0, 1, 2, 3, 4, 5]
    assert journal.read()[0]["text"] == "ä\n\u2028"


@pytest.mark.parametrize("keep", range(1, 60, 7))
def test_a_last_line_cut_off_at_any_byte_is_dropped_and_the_next_append_is_whole(tmp_path: Path, keep: int) -> None:
    path = tmp_path / "j.jsonl"
    journal = filled(path, 2)
    whole = path.read_bytes()
    end = whole.index(b"\n") + 1
    path.write_bytes(whole[: end + keep])
    assert numbers(journal) == [0]
    journal.append([{"n": 7}])
    assert numbers(journal) == [0, 7]


@pytest.mark.parametrize("line", [0, 2, 4])
def test_a_damaged_line_is_named_and_every_good_one_is_kept(tmp_path: Path, line: int) -> None:
    path = tmp_path / "j.jsonl"
    journal = filled(path)
    lines = path.read_bytes().splitlines(keepends=True)
    damaged = lines[line].replace(b'"n":', b'"m":')
    path.write_bytes(b"".join([*lines[:line], damaged, *lines[line + 1 :]]))
    with pytest.warns(DamageWarning, match=rf"j\.jsonl was damaged in line\(s\) {line + 1}\. 4 good"):
        assert numbers(journal) == [n for n in range(5) if n != line]
    assert damaged in (tmp_path / "j.jsonl.damaged-1").read_bytes()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(numbers(journal)) == 4  # mended once, quiet afterwards


def test_a_crash_while_damage_is_set_aside_loses_no_good_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "j.jsonl"
    journal = filled(path, 3)
    path.write_bytes(path.read_bytes().replace(b'"n":1', b'"n":7'))

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(journal_module, "write_atomically", crash)
    with pytest.raises(KeyboardInterrupt):
        journal.read()
    monkeypatch.undo()
    with pytest.warns(DamageWarning):
        assert numbers(journal) == [0, 2]


@pytest.mark.parametrize("rubbish", [b"\x00\xff\xfe", b"[]", b"3", b"null", b"{}", b'{"checksum": "x"}'])
def test_rubbish_between_lines_never_reads_as_a_record(tmp_path: Path, rubbish: bytes) -> None:
    path = tmp_path / "j.jsonl"
    journal = filled(path, 1)
    path.write_bytes(path.read_bytes() + rubbish + b"\n")
    with pytest.warns(DamageWarning):
        assert numbers(journal) == [0]


def test_lines_of_a_newer_version_are_refused_by_name(tmp_path: Path) -> None:
    Journal(tmp_path / "j.jsonl", "number", version=2).append([{"n": 1}])
    with pytest.raises(NewerFormat, match=r"version 2.*reads up to 1"):
        Journal(tmp_path / "j.jsonl", "number").read()


def test_lines_of_another_kind_are_damage(tmp_path: Path) -> None:
    Journal(tmp_path / "j.jsonl", "letter").append([{"n": 1}])
    with pytest.warns(DamageWarning):
        assert Journal(tmp_path / "j.jsonl", "number").read() == []


def append_many(path: Path, start: int) -> None:
    for n in range(start, start + 50):
        Journal(path, "number").append([{"n": n}])


def test_two_processes_appending_at_once_lose_nothing(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    path = tmp_path / "j.jsonl"
    writers = [context.Process(target=append_many, args=(path, start)) for start in (0, 100)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert sorted(numbers(Journal(path, "number"))) == [*range(50), *range(100, 150)]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full to play a full disk")
def test_a_full_disk_is_a_clear_error_and_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = filled(tmp_path / "j.jsonl", 2)
    before = journal.path.read_bytes()
    real = os.fsync

    def full(handle: int) -> None:
        real(handle)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(NotEnoughSpace, match="No space left"):
        journal.append([{"n": 9}])
    monkeypatch.undo()
    assert journal.path.read_bytes() == before


def test_every_line_is_plain_json_with_its_format_and_version(tmp_path: Path) -> None:
    for line in filled(tmp_path / "j.jsonl").path.read_text().split("\n")[:-1]:
        body = json.loads(line)
        assert (body["format"], body["version"]) == ("number", 1)


@pytest.mark.skipif(sys.platform == "win32", reason="no limit of file sizes to play a full disk with")
def test_a_disk_that_fills_in_the_middle_of_a_write_leaves_no_record_and_no_half_line(tmp_path: Path) -> None:
    import resource

    journal = filled(tmp_path / "j.jsonl", 3)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (journal.path.stat().st_size + 150, limits[1]))
        with pytest.raises(OSError, match=r"(?i)file too large"):
            journal.append({"n": n, "text": "x" * 50} for n in range(100, 160))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert numbers(journal) == [0, 1, 2]
