"""Only rows that the journal names count, whatever killed the process that wrote them."""

from __future__ import annotations

import warnings
from collections import namedtuple
from pathlib import Path

import numpy as np
import pytest

from swither.data.embedding_file import EmbeddingFile
from swither.errors import DamagedState, NotEnoughSpace


def rows(*numbers: int) -> np.ndarray:
    return np.array([[number, number + 0.5] for number in numbers], dtype=np.float32)


def test_what_was_added_is_there_when_the_file_is_opened_again(tmp_path: Path) -> None:
    file = EmbeddingFile(tmp_path, 2)
    file.append(["a", "b"], rows(1, 2))
    file.append(["c"], rows(3))
    again = EmbeddingFile(tmp_path, 2)
    assert again.rows == {"a": 0, "b": 1, "c": 2}
    assert again.values().tolist() == rows(1, 2, 3).tolist()
    assert again.values().dtype == np.float16


def test_rows_that_no_line_names_are_written_over(tmp_path: Path) -> None:
    EmbeddingFile(tmp_path, 2).append(["a"], rows(1))
    with (tmp_path / "embeddings.f16").open("ab") as file:  # killed before its line was written
        file.write(b"\xff" * 7)
    file = EmbeddingFile(tmp_path, 2)
    assert file.values().tolist() == rows(1).tolist()
    file.append(["b"], rows(2))
    assert EmbeddingFile(tmp_path, 2).values().tolist() == rows(1, 2).tolist()


def test_rows_whose_line_is_damaged_or_whose_numbers_are_gone_are_made_again(tmp_path: Path) -> None:
    file = EmbeddingFile(tmp_path, 2)
    for number, name in enumerate("abc"):
        file.append([name], rows(number))
    journal = tmp_path / "rows.jsonl"
    lines = journal.read_text().splitlines(keepends=True)
    journal.write_text(lines[0] + lines[1].replace('"b"', '"x"') + lines[2])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        file = EmbeddingFile(tmp_path, 2)
    assert file.rows == {"a": 0}
    file.append(["d"], rows(7))
    file.append(["e"], rows(8))
    assert EmbeddingFile(tmp_path, 2).rows == {"a": 0, "d": 1, "e": 2}
    (tmp_path / "embeddings.f16").write_bytes((tmp_path / "embeddings.f16").read_bytes()[:4])
    assert EmbeddingFile(tmp_path, 2).rows == {"a": 0}


def test_a_file_that_was_cut_off_since_it_was_opened_is_named_and_not_mapped(tmp_path: Path) -> None:
    file = EmbeddingFile(tmp_path, 2)
    file.append(["a"], rows(1))
    file.append(["b"], rows(2))
    file.path.write_bytes(file.path.read_bytes()[:6])
    with pytest.raises(DamagedState, match=r"embeddings\.f16 was cut off: expected 8 bytes or more, got 6"):
        file.values()
    assert EmbeddingFile(tmp_path, 2).values().tolist() == rows(1).tolist()


def test_a_file_without_rows_has_none(tmp_path: Path) -> None:
    assert EmbeddingFile(tmp_path, 3).values().shape == (0, 3)


def test_a_disk_without_room_is_named_before_anything_is_computed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage(10, 9, 1))
    with pytest.raises(NotEnoughSpace, match="--cache"):
        EmbeddingFile(tmp_path, 2).require_room(5)
