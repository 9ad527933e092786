"""What is on the screen while a comparison runs."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from swither.cli.live import Lines, LiveTable, Preparing, screen_for
from swither.data.settings import DataSettings
from swither.experiment.cells import REFERENCE, Cell
from swither.experiment.plan import Plan, make_plan
from swither.experiment.settings import CompareSettings
from swither.experiment.watch import Watcher
from swither.experiment.work import Speeds, cells_of

SPEEDS = Speeds(0.01, 0.001, 0.1, 0.5, 10**9, 10**7, 512)
SETTINGS = CompareSettings(DataSettings("digits"), ("random", "dispersion"), seeds=2, cycles=2)


def plan(**finished: int) -> Plan:
    done = {cell: finished.get(cell.method, 0) for cell in cells_of(SETTINGS)}
    return make_plan(SETTINGS, 1000, 300, 10, SPEEDS, finished=done)


def screen(terminal: bool) -> Console:
    return Console(file=io.StringIO(), force_terminal=terminal, width=100, color_system=None)


def shown(table: LiveTable) -> list[str]:
    console = screen(terminal=False)
    console.print(table.render())
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


def test_the_table_shows_how_far_each_cell_is_and_what_it_reached() -> None:
    table = LiveTable(screen(terminal=True), SETTINGS, plan())
    table.working(Cell("random", 0), 0, "training", 100, 100)
    table.finished(Cell("random", 0), {"cycle": 0, "labelled": 100, "accuracy": 0.5})
    table.working(Cell("random", 0), 1, "training", 25, 100)
    table.finished(Cell("dispersion", 1), {"cycle": 2, "labelled": 200, "accuracy": 0.75})
    table.finished(Cell(REFERENCE, 1), {"cycle": 0, "labelled": 1000, "accuracy": 0.875})
    lines = shown(table)
    (random_row,) = [line for line in lines if line.strip().startswith("random")]
    (dispersion_row,) = [line for line in lines if line.strip().startswith("dispersion")]
    (reference_row,) = [line for line in lines if line.strip().startswith("all images")]
    assert "1/2 training 25%" in random_row
    assert "50.0" in random_row
    assert "waits" in random_row
    assert "75.0" in dispersion_row
    assert "87.5" in reference_row
    assert "left" in lines[-1]


def test_the_training_of_networks_that_only_choose_is_shown_as_it_goes() -> None:
    table = LiveTable(screen(terminal=True), SETTINGS, plan())
    table.working(Cell("random", 0), 1, "training VAAL", 30, 120)
    assert any("1/2 training VAAL 25%" in line for line in shown(table))
    table.working(Cell("random", 0), 1, "training VAAL", 120, 120)
    assert any("1/2 trained VAAL" in line for line in shown(table))


def test_cells_that_were_finished_before_do_not_wait() -> None:
    lines = shown(LiveTable(screen(terminal=True), SETTINGS, plan(random=3)))
    (random_row,) = [line for line in lines if line.strip().startswith("random")]
    (dispersion_row,) = [line for line in lines if line.strip().startswith("dispersion")]
    assert random_row.count("finished before") == 2
    assert dispersion_row.count("waits") == 2


def test_the_bar_is_full_at_the_end() -> None:
    table = LiveTable(screen(terminal=True), SETTINGS, plan())
    for cell in (Cell(method, seed) for seed in (0, 1) for method in ("random", "dispersion")):
        for cycle in range(3):
            table.finished(cell, {"cycle": cycle, "labelled": 100, "accuracy": 0.5})
    for seed in (0, 1):
        table.finished(Cell(REFERENCE, seed), {"cycle": 0, "labelled": 1000, "accuracy": 0.5})
    assert "100 %" in shown(table)[-1]


def test_a_pipe_gets_a_line_for_each_cycle_and_no_control_characters() -> None:
    console = screen(terminal=False)
    with screen_for(console, SETTINGS, plan()) as lines:
        assert isinstance(lines, Lines)
        lines.working(Cell("random", 0), 0, "training", 1, 100)
        lines.finished(Cell("random", 0), {"cycle": 0, "labelled": 1100, "accuracy": 0.5})
        lines.note("A [bold]note[/bold].")
    assert isinstance(console.file, io.StringIO)
    first, second = console.file.getvalue().splitlines()
    assert first.startswith("[")
    assert first.replace("\xa0", " ").endswith("random, seed 0, 1,100 labels: 50.0 %")
    assert second == "A [bold]note[/bold]."
    assert "\x1b" not in console.file.getvalue()


def test_a_terminal_gets_the_live_table_and_it_is_gone_afterwards() -> None:
    console = screen(terminal=True)
    with screen_for(console, SETTINGS, plan()) as table:
        assert isinstance(table, LiveTable)
        table.note("kept above")
        assert table._live.is_started
    assert not table._live.is_started
    assert isinstance(console.file, io.StringIO)
    assert "kept above" in console.file.getvalue()


@pytest.mark.parametrize("terminal", [True, False])
def test_decoding_is_shown_and_notes_stay(terminal: bool) -> None:
    console = screen(terminal=terminal)
    with Preparing(console) as preparing:
        preparing.stage("decoding", 10, 20)
        preparing.stage("3 images are copies", 0, 0)
        preparing.stage("decoding", 20, 20)
        preparing.busy("measuring")
    assert isinstance(console.file, io.StringIO)
    said = console.file.getvalue()
    assert "3 images are copies" in said
    assert terminal or said.splitlines() == ["3 images are copies", "decoding: 20"]


def test_every_screen_is_a_watcher() -> None:
    watchers: list[Watcher] = [
        Preparing(screen(terminal=False)),
        Lines(screen(terminal=False), plan()),
        LiveTable(screen(terminal=True), SETTINGS, plan()),
    ]
    for watcher in watchers:
        watcher.stage("decoding", 1, 2)
        watcher.working(Cell("random", 0), 0, "selecting", 0, 0)
        watcher.finished(Cell("random", 0), {"cycle": 0, "labelled": 1, "accuracy": 0.0})
