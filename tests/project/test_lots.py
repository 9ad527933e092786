"""Lots: a priority that depends on paths and the seed alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from swither.project.discovery import Discovery
from swither.project.identify import identify
from swither.project.lots import Lots, lots_after_reading, lots_of, priority_of
from swither.project.project import Project
from swither.project.records import ImageFile

ONE, TWO = "1" * 32, "2" * 32


def file(path: str, image: str | None = None, **more: object) -> ImageFile:
    return ImageFile(path, 1, 1, image, **more)  # type: ignore[arg-type]


def test_priorities_are_uniform() -> None:
    drawn = np.sort([priority_of(f"photos/{n}.jpg", 3) for n in range(4000)])
    assert np.abs(drawn - np.arange(4000) / 4000).max() < 0.03  # Kolmogorov and Smirnov at a thousandth: 0.031


def test_no_order_of_reading_changes_the_lots() -> None:
    files = [file(f"{n}.jpg") for n in range(50)]
    assert Lots.of(files, 0) == Lots.of(reversed(files), 0)
    read = [replace(one, image=f"{n:032x}") for n, one in enumerate(files)]
    assert [lot.path for lot in Lots.of(read, 0).ordered] == [lot.path for lot in Lots.of(files, 0).ordered]


def test_copies_are_one_lot_with_the_lowest_of_their_priorities() -> None:
    lots = Lots.of([file("a.jpg", ONE), file("b.jpg", ONE)], 0)
    assert len(lots) == 1
    assert lots.ordered[0].priority == min(priority_of("a.jpg", 0), priority_of("b.jpg", 0))


def test_a_renamed_file_keeps_its_priority() -> None:
    lots = Lots.of([file("old.jpg", ONE, present=False), file("new.jpg", ONE)], 0)
    assert [(lot.priority, lot.path) for lot in lots.ordered] == [(priority_of("old.jpg", 0), "new.jpg")]


def test_what_is_gone_or_cannot_be_shown_is_no_lot() -> None:
    files = [
        file("gone.jpg", ONE, present=False),
        file("bad.jpg", TWO, problem="broken"),
        file("gone2.jpg", present=False),
    ]
    assert len(Lots.of(files, 0)) == 0


def test_the_reserve_is_a_share_up_to_a_limit() -> None:
    lots = Lots.of([file(f"{n}.jpg") for n in range(101)], 0)
    assert len(lots.reserve(250, 5)) == 21
    assert len(lots.reserve(7, 5)) == 7
    assert lots.reserve(0, 5) == ()
    assert max(lot.priority for lot in lots.reserve(7, 5)) < min(lot.priority for lot in lots.ordered[7:])


def test_lots_after_reading_one_file_are_those_of_reading_all_again(picture_folder: Callable[..., Path]) -> None:
    folder = picture_folder(12)
    (folder / "copy.png").write_bytes((folder / "0003.png").read_bytes())
    (folder / "bad.png").write_bytes(b"no picture")
    with Project.create(folder) as project:
        Discovery(project).run()
        lots_of(project)
        for path in ("0001.png", "0003.png", "bad.png", "copy.png"):
            after = lots_after_reading(project, path, identify(project, path))
            assert after == lots_of(project)
            assert after == Lots.of(project.store.files(), project.settings.seed)
        assert len(after) == 12
