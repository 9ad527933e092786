"""Lots: a priority that depends on paths and the seed alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from swither.project.discovery import Discovery
from swither.project.identify import identify
from swither.project.lots import UNKNOWN, Lots, lots_after_reading, lots_of, priority_of
from swither.project.project import Project
from swither.project.records import ImageFile

ONE, TWO = "1" * 32, "2" * 32


def file(path: str, image: str | None = None, **more: object) -> ImageFile:
    return ImageFile(path, 1, 1, image, **more)  # type: ignore[arg-type]


def test_priorities_are_uniform() -> None:
    drawn = np.sort([priority_of(f"{n:032x}", 3) for n in range(4000)])
    assert np.abs(drawn - np.arange(4000) / 4000).max() < 0.03  # Kolmogorov and Smirnov at a thousandth: 0.031


def test_no_order_of_reading_changes_the_lots() -> None:
    files = [file(f"{n}.jpg", f"{n:032x}" if n % 2 else None) for n in range(50)]
    assert Lots.of(files, 0) == Lots.of(reversed(files), 0)
    read = [replace(one, image=f"{n:032x}") for n, one in enumerate(files)]
    kept = [lot for lot in Lots.of(files, 0).ordered if lot.image is not None]
    assert kept == [lot for lot in Lots.of(read, 0).ordered if lot in kept]
    assert {lot.priority for lot in Lots.of(files, 0).ordered[25:]} == {UNKNOWN}


def test_copies_and_renaming_change_no_priority() -> None:
    alone = Lots.of([file("old.jpg", ONE)], 0).ordered[0].priority
    for files in (
        [file("a.jpg", ONE), file("b.jpg", ONE), file("old.jpg", ONE)],
        [file("old.jpg", ONE, present=False), file("new.jpg", ONE)],
    ):
        assert [lot.priority for lot in Lots.of(files, 0).ordered] == [alone] == [priority_of(ONE, 0)]


def test_contents_with_many_copies_test_no_more_often_than_others() -> None:
    files = [file(f"a/{n}.jpg", f"{n:032x}") for n in range(8000)]
    files += [file(f"b{copy}/{n}.jpg", f"{n + 100_000:032x}") for n in range(2000) for copy in range(5)]
    drawn = Lots.of(files, 0).below(0.1)
    copied = np.mean([int(str(lot.image), 16) >= 100_000 for lot in drawn])
    assert len(drawn) > 900
    assert abs(copied - 0.2) < 4 * np.sqrt(0.2 * 0.8 / len(drawn))


def test_what_is_gone_or_cannot_be_shown_is_no_lot() -> None:
    files = [
        file("gone.jpg", ONE, present=False),
        file("bad.jpg", TWO, problem="broken"),
        file("gone2.jpg", present=False),
    ]
    assert len(Lots.of(files, 0)) == 0


def test_below_a_priority_are_contents_and_no_files_that_were_not_read() -> None:
    lots = Lots.of([file(f"{n}.jpg", f"{n:032x}" if n < 60 else None) for n in range(101)], 0)
    assert lots.below(0.0) == ()
    assert [lot.image for lot in lots.below(0.3)] == [lot.image for lot in lots.ordered if lot.priority < 0.3]
    assert len(lots.below(1.0)) == 60


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
