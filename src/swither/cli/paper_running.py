"""From the paper's protocol to its table on the screen: the plan, the choice of what is open, the runs."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from swither.acquisition import Variant
from swither.cli.exits import STOPPED, TAKES_LONG
from swither.cli.flags import BY_NAME
from swither.cli.folder_text import print_standing
from swither.cli.live import Preparing, screen_for
from swither.cli.plan_text import about, plan_table
from swither.experiment import compare, prepare
from swither.experiment.forecast import Forecast
from swither.experiment.paper import PaperRun, prepare_paper
from swither.experiment.paper_folder import paper_study, read_paper
from swither.experiment.plan import Plan
from swither.experiment.results import results_table
from swither.loop.settings import FULL
from swither.report import ReportData
from swither.report.comparison import Comparison
from swither.report.paper_evidence import Evidence
from swither.report.paper_figures import ALL_DATA, PAPER_METHODS, TABLE_1
from swither.report.wording import NONE, count, plural, sentence
from swither.statistics import mean_and_deviation

LIMIT_SECONDS = 3 * 3600
"""The small scale is made to stay below it, and its length stands in the help; the full scale takes days on a CPU."""


def run_paper(
    dataset: str, out: str | Path, *, dry_run: bool = False, yes: bool = False, command: str = "", **settings: Any
) -> int:
    """Plan the paper's experiments, and run them unless they take long.

    Args:
        dataset: ``cifar10`` or ``cifar100``.
        out: the folder.
        dry_run: end after the plan.
        yes: begin however long it takes.
        command: what fills in the whole table, as far as it was typed.
        **settings: as in `swither.experiment.paper.prepare_paper`.

    Returns:
        The exit code.
    """
    console, out = Console(), Path(out)
    with Preparing(console) as preparing:
        run = prepare_paper(dataset, out, watcher=preparing, **settings)
        experiment = prepare(run.settings, out, preparing, run.taking_part)
        preparing.busy("measuring how quick this machine is")
        forecast = Forecast(experiment)
        command = whole_command(command, run, experiment.settings.threads)
        choice = run.choice_plan(forecast)
        plan = forecast.plan
    console.print(plan_table(plan, experiment.settings, experiment.dataset, forecast.free_disk), highlight=False)
    if experiment.settings.record != FULL:
        console.print(
            f"\n--record {experiment.settings.record} leaves two of the paper\u2019s six claims open: that dispersion "
            "finds wrong predictions, and that it picks what the network gets wrong. Both look at the whole pool; "
            f"--record {FULL} answers them.",
            style="yellow",
            highlight=False,
        )
    seconds = plan.seconds + (choice.seconds if choice is not None else 0.0)
    if choice is not None:
        _print_choice(console, run, choice, seconds)
    if dry_run:
        return 0
    if seconds > LIMIT_SECONDS and not yes:
        console.print(
            f"\nThat is more than {LIMIT_SECONDS // 3600} hours, so nothing was begun. Begin anyway with --yes, a part "
            "of it with --method and --seed, or --scale small.",
            style="yellow",
        )
        return TAKES_LONG
    console.print()
    try:
        with Preparing(console) as preparing:
            settled = run.chosen(preparing)
        with screen_for(console, settled.settings, plan) as screen:
            compare(settled.settings, out, watcher=screen, command=command, dataset=settled.taking_part)
    except KeyboardInterrupt:
        console.print("Stopped. Everything that has finished is kept. To go on with everything:", style="yellow")
        console.print(f"  {command}", soft_wrap=True, markup=False, highlight=False)
        return STOPPED
    print_paper(out, console)
    return 0


def whole_command(typed: str, run: PaperRun, threads: int) -> str:
    """A command that makes the same results in a new folder: what was typed, and what this folder was begun with.

    Args:
        typed: the command, without the part that is run now.
        run: what it came to.
        threads: of each run.

    Example:
        >>> from pathlib import Path
        >>> from unittest.mock import Mock
        >>> run = Mock(variants=("bald:passes=20",), given={"nesterov": False}, out=Path("paper"))
        >>> whole_command("swither paper cifar10 --out paper", run, 1)
        'swither paper cifar10 --out paper --with bald:passes=20 --no-nesterov'
    """
    tokens = shlex.split(typed)
    if run.variants:
        tokens += ["--with", *run.variants]
    settings = dict(run.given) | ({"threads": threads} if threads != BY_NAME["threads"].default else {})
    beside = (read_paper(run.out) or {}).get("beside")
    for name, value in (settings | ({"beside": beside} if beside else {})).items():
        flag, off = f"--{name.replace('_', '-')}", f"--no-{name.replace('_', '-')}"
        if name == "threads" and flag in tokens:  # a folder that was begun keeps its own
            tokens[tokens.index(flag) + 1] = str(value)
        elif flag not in tokens and off not in tokens:
            tokens += [flag if value else off] if isinstance(value, bool) else [flag, str(value)]
    return shlex.join(tokens)


def print_paper(out: Path, console: Console | None = None) -> None:
    """The paper's table beside ours, and where the report lies.

    Args:
        out: the folder.
        console: where to.
    """
    console = console or Console()
    results, study = results_table(out), paper_study(out, with_beside=False)
    if study is None:
        return
    methods = [{"name": spec, "title": Variant.named(spec).title} for spec in study.methods.values()]
    evidence = Evidence(Comparison(ReportData("", results.to_pylist(), methods=methods, paper=study)), study)
    table = Table(box=box.SIMPLE_HEAD)
    columns = ("method", "test accuracy", "paper", "of all data", "paper", "seeds")
    for title in columns:
        table.add_column(title, justify="left" if title == "method" else "right")
    for method in (ALL_DATA, *PAPER_METHODS):
        printed, accuracy = TABLE_1[study.dataset][method], evidence.accuracy(method)
        relative = evidence.relative(method) if method != ALL_DATA else {}
        table.add_row(
            sentence(evidence.title(method)),
            _with_deviation(list(accuracy.values())),
            f"{printed.accuracy:.2f}",
            _with_deviation(list(relative.values())),
            f"{printed.relative:.2f}",
            count(len(accuracy)),
        )
    last = (
        f"cycle {study.cycles}, %; mean \u00b1 sample deviation over seeds (the report's sentences give \u00b1 half "
        "the 95 % interval); of all data: mean of the ratios seed by seed"
    )
    table.caption = last if study.is_full else f"{last}; not the paper\u2019s scale"
    console.print(table)
    if results.num_rows:
        console.print(f"Report: {out / 'report.html'}", style="bold", markup=False, highlight=False, soft_wrap=True)
    print_standing(results, out, console)


def _with_deviation(values: list[float]) -> str:
    if not values:
        return NONE
    mean, deviation = mean_and_deviation(values)
    return f"{100 * mean:.2f}" + (f" \u00b1 {100 * deviation:.2f}" if len(values) > 1 else "")


def _print_choice(console: Console, run: PaperRun, choice: Plan, seconds: float) -> None:
    tried = ", ".join(
        f"{name.replace('_', ' ')} {' | '.join(map(_value, values))}" for name, values in run.grid.items()
    )
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold", no_wrap=True)
    grid.add_column()
    grid.add_row("First", f"what the paper leaves open, on held-out training images: {tried}")
    grid.add_row("", f"{plural(choice.trainings, 'training')}, {about(choice.seconds)}")
    grid.add_row("Together", about(seconds))
    console.print(grid, highlight=False)


def _value(value: Any) -> str:
    return {True: "on", False: "off"}[value] if isinstance(value, bool) else f"{value:g}"
