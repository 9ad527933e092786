from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence

import numpy as np
import pytest

from swither.data import intake
from swither.data.decoding import SizesDiffer, decode
from swither.data.identity import content_id
from swither.data.intake import take_in
from swither.data.progress import in_bytes, silent
from swither.data.sources.contents import Content, Contents, Found


def contents(cells: Sequence[bytes]) -> Contents:
    def read(positions: Sequence[int]) -> Iterator[tuple[int, Content]]:
        for position in positions:
            yield position, cells[position]

    return Contents("cells", [Found(f"{n}", 0, 0, None) for n in range(len(cells))], (), read, origin=None)


def test_decoding_on_all_cores_equals_decoding_one_by_one(make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "cores", lambda: 4)
    cells = [make.png(pixels) for pixels in make.draw(150, (20, 30))]
    cells[70] = b"no image"
    pieces = list(take_in(contents(cells), range(150), 16, set(), silent))
    assert [piece.position for piece in pieces] == list(range(150))
    for piece, cell in zip(pieces, cells, strict=True):
        if piece.position == 70:
            assert (piece.content, piece.decoded) == ("", None)
            assert "not an image" in piece.problem
        else:
            assert piece.content == content_id(cell)
            assert piece.decoded is not None
            assert np.array_equal(piece.decoded.pixels, decode(cell, 16).pixels)


def test_an_image_whose_hash_is_known_is_not_decoded(make) -> None:
    cells = [make.png(pixels) for pixels in make.draw(3)]
    pieces = list(take_in(contents(cells), [0, 2], 8, {content_id(cells[2])}, silent))
    assert [piece.decoded is None for piece in pieces] == [False, True]


def test_no_more_images_are_held_than_the_cores_can_use(make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "cores", lambda: 2)
    cells = [make.png(pixels) for pixels in make.draw(600)]
    handed, lock, finished, most = 0, threading.Lock(), 0, 0
    plain = intake.decode

    def slow(content: bytes, fit: int) -> object:
        nonlocal finished
        time.sleep(0.0005)
        with lock:
            finished += 1
        return plain(content, fit)

    def read(positions: Sequence[int]) -> Iterator[tuple[int, Content]]:
        nonlocal handed, most
        for position in positions:
            handed += 1
            with lock:
                most = max(most, handed - finished)
            yield position, cells[position]

    monkeypatch.setattr(intake, "decode", slow)
    source = Contents("cells", [Found(f"{n}", 0, 0, None) for n in range(600)], (), read, origin=None)
    assert len(list(take_in(source, range(600), 8, set(), silent))) == 600
    assert most <= 32 * (2 * 2 + 2)


def test_an_image_of_another_size_stops_the_work(make) -> None:
    cells = [make.png(pixels) for pixels in make.draw(100)] + [make.png(make.draw(1, (9, 9))[0])]
    with pytest.raises(SizesDiffer):
        list(take_in(contents(cells), range(101), (8, 8), set(), silent))


def test_bytes_are_told_in_units_that_people_read() -> None:
    sizes = (0, 999, 1000, 9_950, 55_000, 184_320_000, 999_600_000, 5e12)
    assert [in_bytes(size) for size in sizes] == [
        "0 bytes",
        "999 bytes",
        "1.0 kB",
        "9.9 kB",
        "55 kB",
        "184 MB",
        "1.0 GB",
        "5.0 TB",
    ]
