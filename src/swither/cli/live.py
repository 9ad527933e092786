"""How a comparison goes on, on the screen: a live table on a terminal, a line for each cycle elsewhere."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Protocol, Self

from rich import box
from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.status import Status
from rich.table import Table
from rich.text import Text

from swither.cli.plan_text import about
from swither.experiment.cells import REFERENCE, Cell
from swither.experiment.pace import MEASURED, Pace
from swither.experiment.plan import Plan
from swither.experiment.settings import CompareSettings
from swither.experiment.watch import Watcher
from swither.experiment.work import cells_of
from swither.report.wording import duration, percent


class Screen(Watcher, Protocol):
    """A watcher that is on the screen as long as its block lasts."""

    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


@dataclass
class Standing:
    """What is shown of one cell."""

    cycle: int = 0
    what: str = ""
    share: float = 0.0
    accuracy: float | None = None
    finished: bool = False


class Clock:
    """Runs from the first training on: until then processes start, which is no pace."""

    def __init__(self) -> None:
        self._began: float | None = None

    def begin(self) -> None:
        """Start, unless it runs."""
        self._began = self._began or time.monotonic()

    @property
    def elapsed(self) -> float:
        """Seconds."""
        return time.monotonic() - self._began if self._began else 0.0


class Preparing:
    """Shows what is done before the first training: decoding, measuring."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._status: Status | None = None

    def __enter__(self) -> Preparing:
        return self

    def __exit__(self, *reason: object) -> None:
        if self._status is not None:
            self._status.stop()

    def note(self, message: str) -> None:
        """Print a sentence."""
        self._console.print(message, markup=False, highlight=False)

    def stage(self, what: str, done: int, total: int) -> None:
        """Show how far something is; without an end it is a note."""
        if total == 0:
            self.note(what)
        elif self._console.is_terminal:
            self._show(f"{what}: {done:,} of {total:,}")
        elif done == total:
            self.note(f"{what}: {total:,}")

    def busy(self, what: str) -> None:
        """Show what is going on."""
        if self._console.is_terminal:
            self._show(what)

    def working(self, cell: Cell, cycle: int, what: str, done: int, total: int) -> None:
        """Nothing is trained yet."""

    def finished(self, cell: Cell, row: Mapping[str, Any]) -> None:
        """Nothing is trained yet."""

    def _show(self, text: str) -> None:
        if self._status is None:
            self._status = self._console.status(text)
            self._status.start()
        self._status.update(text)


class Lines:
    """A line for every finished cycle, for files and pipes."""

    def __init__(self, console: Console, plan: Plan) -> None:
        self._console, self._pace, self._clock = console, Pace(plan), Clock()

    def __enter__(self) -> Lines:
        return self

    def __exit__(self, *reason: object) -> None:
        """There is nothing to take away."""

    def note(self, message: str) -> None:
        """Print a sentence."""
        self._console.print(message, markup=False, highlight=False)

    def stage(self, what: str, done: int, total: int) -> None:
        """It has been shown."""

    def working(self, cell: Cell, cycle: int, what: str, done: int, total: int) -> None:
        """Count it for the time that is left."""
        self._clock.begin()
        if what in MEASURED:
            self._pace.working(cell, cycle, done, total, what)

    def finished(self, cell: Cell, row: Mapping[str, Any]) -> None:
        """Print what has finished, and how long the rest takes."""
        self._pace.finished(cell, int(row["cycle"]))
        left = self._pace.seconds_left(self._clock.elapsed)
        self._console.print(
            f"[{100 * self._pace.share:3.0f}%, {_left(left)}] {_titled(cell)}, seed {cell.seed}, "
            f"{int(row['labelled']):,} labels: {percent(float(row['accuracy']))}",
            markup=False,
            highlight=False,
        )


class LiveTable:
    """A row for each method, a column for each seed, a bar and the time left.

    Args:
        console: a terminal.
        settings: which cells there are.
        plan: what is left to do in them.
    """

    def __init__(self, console: Console, settings: CompareSettings, plan: Plan) -> None:
        self._console, self._settings, self._pace = console, settings, Pace(plan)
        left = {work.cell for work in plan.work}
        self._cells = {cell: Standing(finished=cell not in left) for cell in cells_of(settings)}
        self._clock = Clock()
        self._live = Live(console=console, get_renderable=self.render, refresh_per_second=4, transient=True)

    def __enter__(self) -> LiveTable:
        self._live.start()
        return self

    def __exit__(self, *reason: object) -> None:
        self._live.stop()

    def note(self, message: str) -> None:
        """Print a sentence above the table."""
        self._console.print(message, markup=False, highlight=False)

    def stage(self, what: str, done: int, total: int) -> None:
        """It has been shown."""

    def working(self, cell: Cell, cycle: int, what: str, done: int, total: int) -> None:
        """Show how far a cell is in its cycle."""
        self._clock.begin()
        if what in MEASURED:
            self._pace.working(cell, cycle, done, total, what)
        standing = self._cells.setdefault(cell, Standing())
        standing.cycle, standing.what, standing.share = cycle, what, done / total if total else 0.0

    def finished(self, cell: Cell, row: Mapping[str, Any]) -> None:
        """Show what a cell has reached."""
        cycle = int(row["cycle"])
        self._pace.finished(cell, cycle)
        standing = self._cells.setdefault(cell, Standing())
        standing.cycle, standing.what, standing.accuracy = cycle, "", float(row["accuracy"])
        standing.finished = cell.method == REFERENCE or cycle == self._settings.cycles

    def render(self) -> Group:
        """The table and the bar as they are now."""
        table = Table(box=box.SIMPLE_HEAD, header_style="bold")
        table.add_column("")
        for seed in range(self._settings.seeds):
            table.add_column(f"seed {seed}", min_width=24)
        for method in dict.fromkeys(cell.method for cell in self._cells):
            row = [self._cells.get(Cell(method, seed), Standing()) for seed in range(self._settings.seeds)]
            table.add_row(_titled(Cell(method, 0)), *(self._shown(method, standing) for standing in row))
        share, elapsed = self._pace.share, self._clock.elapsed
        bar = Table.grid(padding=(0, 1))
        bar.add_row(
            ProgressBar(total=1.0, completed=share, width=40),
            f"{100 * share:.0f} %  {duration(elapsed)} gone, {_left(self._pace.seconds_left(elapsed))}",
        )
        return Group(table, bar)

    def _shown(self, method: str, standing: Standing) -> Text:
        reached = "" if standing.accuracy is None else percent(standing.accuracy)
        if standing.finished:
            return Text(reached or "finished before", style="green" if reached else "dim")
        if not standing.what and standing.accuracy is None:
            return Text("waits", style="dim")
        where = "" if method == REFERENCE else f"{standing.cycle}/{self._settings.cycles} "
        doing = standing.what
        if doing in MEASURED:
            doing = (
                f"{doing} {100 * standing.share:.0f}%" if standing.share < 1 else doing.replace("training", "trained")
            )
        return Text.assemble((f"{where}{doing}".rstrip(), "cyan"), f"  {reached}" if reached else "")


def screen_for(console: Console, settings: CompareSettings, plan: Plan) -> Screen:
    """A live table on a terminal, lines elsewhere."""
    return LiveTable(console, settings, plan) if console.is_terminal else Lines(console, plan)


def _titled(cell: Cell) -> str:
    return "all images" if cell.method == REFERENCE else cell.method


def _left(seconds: float) -> str:
    if seconds <= 0:
        return "drawing the report"
    if seconds < 57.5:
        return f"about {max(5, 5 * round(seconds / 5))} s left"
    return f"{about(seconds)} left"
