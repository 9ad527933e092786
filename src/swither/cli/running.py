"""From settings to a finished comparison on the screen: the plan, the question of time, the live table, the summary."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from swither.cli.command import command_of
from swither.cli.exits import STOPPED, TAKES_LONG
from swither.cli.folder_text import also_held, print_standing
from swither.cli.live import Preparing, screen_for
from swither.cli.plan_text import about, plan_table
from swither.cli.summary import print_summary
from swither.experiment import compare, prepare
from swither.experiment.forecast import Forecast
from swither.experiment.protocol import read_experiment
from swither.experiment.settings import CompareSettings
from swither.report.headline import Headline

LIMIT_SECONDS = 3600


def run(
    settings: CompareSettings,
    out: str | Path,
    *,
    dry_run: bool = False,
    yes: bool = False,
    command: str | None = None,
    conclude: Callable[[Console, Headline], None] | None = None,
) -> int:
    """Plan a comparison, and run it unless it takes long.

    Args:
        settings: of the comparison.
        out: its folder.
        dry_run: end after the plan.
        yes: begin however long it takes.
        command: what begins it again; by default made of `settings`.
        conclude: prints what the results mean.

    Returns:
        The exit code.
    """
    console, out = Console(), Path(out)
    with Preparing(console) as preparing:
        experiment = prepare(settings, out, preparing)
        preparing.busy("measuring how quick this machine is")
        forecast = Forecast(experiment)
        plan = forecast.plan
    settings = experiment.settings
    console.print(plan_table(plan, settings, experiment.dataset, forecast.free_disk), highlight=False)
    if (out / "experiment.json").exists() and (more := also_held(read_experiment(out), settings)):
        console.print(more, markup=False, highlight=False)
    if dry_run:
        return 0
    if plan.seconds > LIMIT_SECONDS and not yes:
        return _takes_long(console, forecast, out)
    command = command or command_of(settings, out, *(["--yes"] if yes else []))
    console.print()
    try:
        with screen_for(console, settings, plan) as screen:
            results = compare(settings, out, watcher=screen, command=command, dataset=experiment.dataset)
    except KeyboardInterrupt:
        console.print("Stopped. Everything that has finished is kept. To go on:", style="yellow")
        console.print(f"  {command}", soft_wrap=True, markup=False, highlight=False)
        return STOPPED
    said = print_summary(results, out, console)
    print_standing(results, out, console)
    if conclude is not None and said is not None:
        conclude(console, said)
    return 0


def _takes_long(console: Console, forecast: Forecast, out: Path) -> int:
    settings = forecast.experiment.settings
    console.print("\nThat is more than an hour, so nothing was begun. To begin anyway:", style="yellow")
    console.print(f"  {command_of(settings, out, '--yes')}", soft_wrap=True, markup=False, highlight=False)
    with Preparing(console) as preparing:
        preparing.busy("looking for what fits into an hour")
        nearest = forecast.nearest(LIMIT_SECONDS)
        seconds = forecast.of(nearest).seconds if nearest else 0.0
    if nearest is None:
        console.print("Even the smallest network and one seed take longer here; fewer images (--step, --initial) help.")
        return TAKES_LONG
    other = out.with_name(f"{out.name}-short") if (out / "experiment.json").exists() else out
    console.print(f"The nearest that fits, in {about(seconds)}:")
    console.print(f"  {command_of(nearest, other)}", soft_wrap=True, markup=False, highlight=False)
    return TAKES_LONG
