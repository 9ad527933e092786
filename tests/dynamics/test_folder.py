from __future__ import annotations

import contextlib
import errno
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from swither.dynamics import LabelHistory
from swither.errors import Busy, DamagedState, InputError, NewerFormat, NotEnoughSpace

IDS = ["d", "a", "c", "b", "e"]


def test_a_history_opened_again_goes_on_where_it_stopped(recorded: Callable[..., LabelHistory], tmp_path: Path) -> None:
    written = recorded(tmp_path / "h", confidence=True)
    history = LabelHistory.open(tmp_path / "h")
    assert (history.classes, history.epochs, history.ids.tolist()) == (4, 3, IDS)
    assert np.array_equal(history.labels, written.labels)
    history.record(IDS, [0, 1, 2, 3, 0], np.ones(5))
    history.close_epoch()
    assert LabelHistory.open(tmp_path / "h").labels[3].tolist() == [0, 1, 2, 3, 0]
    assert np.load(tmp_path / "h" / "labels.npy").tolist() == history.labels.tolist()


def test_a_folder_that_holds_a_history_is_not_begun_again(
    recorded: Callable[..., LabelHistory], tmp_path: Path
) -> None:
    recorded(tmp_path)
    with pytest.raises(InputError, match="holds a history already"):
        recorded(tmp_path)
    with pytest.raises(InputError, match=r"no history\.json"):
        LabelHistory.open(tmp_path / "elsewhere")


def test_the_files_are_plain_arrays_of_the_kept_epochs(recorded: Callable[..., LabelHistory], tmp_path: Path) -> None:
    history = recorded(tmp_path, confidence=True)
    history.truncate(2)
    assert np.load(tmp_path / "labels.npy", allow_pickle=False).tolist() == history.labels.tolist()
    assert np.load(tmp_path / "confidence.npy", allow_pickle=False).shape == (2, 5)
    assert np.load(tmp_path / "ids.npy", allow_pickle=False).tolist() == IDS


KILLED = """
import sys
import numpy as np
from swither.dynamics import LabelHistory

ids = [f"{i:05d}" for i in range(3000)]
history = LabelHistory.create(ids, 10, folder=sys.argv[1], confidence=True)
for epoch in range(100_000):
    history.record(ids, np.full(3000, epoch % 10), np.full(3000, 0.5))
    history.close_epoch()
    print(epoch + 1, flush=True)
"""


@pytest.mark.parametrize("pause", [0.0, 0.02, 0.05])
def test_every_completed_epoch_survives_a_killed_process(tmp_path: Path, pause: float) -> None:
    command = [sys.executable, "-c", KILLED, str(tmp_path / "h")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for _ in range(5):
            process.stdout.readline()
        time.sleep(pause)
        os.kill(process.pid, signal.SIGKILL)
        told = [5, *(int(line) for line in process.stdout.read().split("\n")[:-1])]
    history = LabelHistory.open(tmp_path / "h")
    assert history.epochs >= max(told)
    expected = np.repeat(np.arange(history.epochs)[:, None] % 10, 3000, axis=1)
    assert np.array_equal(history.labels, expected)
    history.record(history.ids, np.full(3000, 7), np.ones(3000))
    history.close_epoch()
    assert LabelHistory.open(tmp_path / "h").labels[-1].tolist() == [7] * 3000


def test_epochs_closed_together_are_those_closed_one_by_one(tmp_path: Path) -> None:
    labels = np.random.default_rng(0).integers(4, size=(5, len(IDS)))
    for together in (False, True):
        history = LabelHistory.create(IDS, 4, folder=tmp_path / str(together), confidence=True)
        with history.together() if together else contextlib.nullcontext():
            for row in labels:
                history.record(IDS, row, np.full(5, 0.5))
                history.close_epoch()
                written = LabelHistory.open(tmp_path / str(together)).epochs
                assert written == (0 if together else history.epochs)
        history.record(IDS, labels[0], np.full(5, 0.5))
        history.close_epoch()
        assert LabelHistory.open(tmp_path / str(together)).labels.tolist() == [*labels.tolist(), labels[0].tolist()]
    for name in ("labels.npy", "confidence.npy", "history.json"):
        assert (tmp_path / "True" / name).read_bytes() == (tmp_path / "False" / name).read_bytes()


def test_an_error_among_epochs_closed_together_loses_none_of_them(tmp_path: Path) -> None:
    history = LabelHistory.create(IDS, 4, folder=tmp_path)

    def two_epochs_of_which_one_is_empty() -> None:
        with history.together():
            history.record(IDS, [0, 1, 2, 3, 0])
            with history.together():  # inside another it changes nothing
                history.close_epoch()
            history.close_epoch()

    with pytest.raises(InputError, match="not recorded"):
        two_epochs_of_which_one_is_empty()
    assert LabelHistory.open(tmp_path).labels.tolist() == [[0, 1, 2, 3, 0]]
    assert history.epochs == 1


def test_what_a_crash_leaves_beyond_the_completed_epochs_is_ignored_and_overwritten(
    recorded: Callable[..., LabelHistory], tmp_path: Path
) -> None:
    recorded(tmp_path, epochs=2)
    before = (tmp_path / "history.json").read_bytes()
    history = LabelHistory.open(tmp_path)
    history.record(IDS, [3] * 5)
    history.close_epoch()
    (tmp_path / "history.json").write_bytes(before)  # as if killed before the index was renamed into place
    again = LabelHistory.open(tmp_path)
    assert again.epochs == 2
    again.record(IDS, [1] * 5)
    again.close_epoch()
    assert LabelHistory.open(tmp_path).labels[2].tolist() == [1] * 5


def test_a_second_writer_is_refused_instead_of_mixing_epochs(
    recorded: Callable[..., LabelHistory], tmp_path: Path
) -> None:
    first = recorded(tmp_path)
    second = LabelHistory.open(tmp_path)
    first.record(IDS, [0] * 5)
    first.close_epoch()
    second.record(IDS, [1] * 5)
    with pytest.raises(Busy, match="holds 4 epochs, this process knew of 3"):
        second.close_epoch()
    assert LabelHistory.open(tmp_path).labels[3].tolist() == [0] * 5


@pytest.mark.parametrize("failing", [1, 2, 3])
def test_a_full_disk_loses_no_epoch_and_the_open_one_can_be_closed_later(
    recorded: Callable[..., LabelHistory], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: int
) -> None:
    """The disk is full at the labels, at the confidence, or at the index."""
    history = recorded(tmp_path, confidence=True)
    history.record(IDS, [3, 2, 1, 0, 3], np.ones(5))
    flush, calls = os.fsync, []

    def full(handle: int) -> None:
        calls.append(handle)
        if len(calls) == failing:
            raise OSError(errno.ENOSPC, "No space left on device")
        flush(handle)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(NotEnoughSpace, match="No space left on the disk while writing"):
        history.close_epoch()
    assert history.epochs == LabelHistory.open(tmp_path).epochs == 3
    history.close_epoch()
    assert LabelHistory.open(tmp_path).labels[3].tolist() == [3, 2, 1, 0, 3]


def damage_index(folder: Path) -> None:
    (folder / "history.json").write_text("{")


def lose_a_field(folder: Path) -> None:
    index = json.loads((folder / "history.json").read_text())
    del index["epochs"]
    (folder / "history.json").write_text(json.dumps(index))


def cut_labels(folder: Path) -> None:
    path = folder / "labels.npy"
    path.write_bytes(path.read_bytes()[:-1])


def flip_a_label(folder: Path) -> None:
    path = folder / "labels.npy"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


def lose_labels(folder: Path) -> None:
    (folder / "labels.npy").unlink()


def flip_an_id(folder: Path) -> None:
    path = folder / "ids.npy"
    content = bytearray(path.read_bytes())
    content[-4] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("damage", "name"),
    [
        (damage_index, "history.json"),
        (lose_a_field, "history.json"),
        (cut_labels, "labels.npy"),
        (flip_a_label, "labels.npy"),
        (lose_labels, "labels.npy"),
        (flip_an_id, "ids.npy"),
    ],
)
def test_a_damaged_file_is_named(
    recorded: Callable[..., LabelHistory], tmp_path: Path, damage: Callable[[Path], None], name: str
) -> None:
    recorded(tmp_path)
    damage(tmp_path)
    with pytest.raises(DamagedState, match=name):
        LabelHistory.open(tmp_path)


def test_a_folder_of_a_newer_version_is_refused_by_name(recorded: Callable[..., LabelHistory], tmp_path: Path) -> None:
    recorded(tmp_path)
    index = json.loads((tmp_path / "history.json").read_text())
    (tmp_path / "history.json").write_text(json.dumps({**index, "version": 2}))
    with pytest.raises(NewerFormat, match=r"history\.json is a swither label history file of version 2"):
        LabelHistory.open(tmp_path)


def test_a_file_of_another_kind_is_no_history(tmp_path: Path) -> None:
    (tmp_path / "history.json").write_text(json.dumps({"format": "something else", "version": 1}))
    with pytest.raises(DamagedState, match="no swither label history file"):
        LabelHistory.open(tmp_path)
