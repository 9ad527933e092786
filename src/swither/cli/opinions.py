"""``swither opinions``: what every method would have asked for, given one and the same training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

if TYPE_CHECKING:
    from rich.table import Table

EXAMPLES = """Examples:

  swither opinions results
      every method, on the first training of every seed
  swither opinions results --without coreset typiclust
      without those that take long
  swither opinions results --method dispersion dispersion:stride=5
      what is lost where only every fifth epoch is recorded
  swither opinions results --cycle 2 --run margin --seed 0
      on the third training of one run
  swither opinions results --data /elsewhere/photos
      where the images have moved"""

_LISTED = {"consume_multiple": True, "negative": ""}


def opinions(
    folder: Annotated[Path, Parameter(help="What --out named: the folder of a comparison.")],
    /,
    *,
    method: Annotated[
        tuple[str, ...] | None,
        Parameter(
            help="Methods to ask, with settings where wanted. [default: all]",
            metavar="METHOD",
            show_default=False,
            **_LISTED,
        ),
    ] = None,
    without: Annotated[
        tuple[str, ...] | None,
        Parameter(help="Methods to leave out.", metavar="METHOD", show_default=False, **_LISTED),
    ] = None,
    seed: Annotated[
        tuple[int, ...] | None,
        Parameter(help="Whose trainings. [default: all]", metavar="N", show_default=False, **_LISTED),
    ] = None,
    cycle: Annotated[int, Parameter(help="Which training; 0 is the first.", metavar="N")] = 0,
    run: Annotated[
        str | None,
        Parameter(
            help="After cycle 0, the method whose run it is. [default: one that recorded its pool]",
            metavar="METHOD",
            show_default=False,
        ),
    ] = None,
    count: Annotated[
        int | None,
        Parameter(help="Images that each asks for. [default: the comparison's step]", metavar="N", show_default=False),
    ] = None,
    data: Annotated[
        str | None,
        Parameter(help="Where the images are now. [default: where they were]", metavar="DATA", show_default=False),
    ] = None,
) -> int:
    """Ask every method what it would label next, given the same trained network.

    Networks and histories are those that a comparison left in its folder; one that is gone, as after a merge, is
    trained again, which is said. The report shows what methods share, how often the network is right on their picks,
    how varied these are, and which scores find wrong predictions.
    """
    from rich.console import Console

    from swither.cli.flags import methods_typed
    from swither.cli.live import Preparing
    from swither.errors import InputError, plural
    from swither.experiment import opinions as ask
    from swither.experiment.protocol import read_experiment

    last = int(read_experiment(folder)["protocol"]["cycles"])
    if not 0 <= cycle <= last:
        raise InputError(
            f"Expected --cycle from 0 to {last}, got {cycle}: {folder} has {plural(last, 'query', 'queries')}, and "
            "cycle 0 is the first training."
        )
    if below := [number for number in seed or () if number < 0]:
        raise InputError(f"Expected --seed as numbers from 0, got {below[0]}.")
    console = Console()
    with Preparing(console) as preparing:
        found = ask(
            folder,
            seeds=seed,
            cycle=cycle,
            count=count,
            methods=methods_typed(method or ()),
            without=methods_typed(without or ()),
            run=run,
            data=data,
            watcher=preparing,
        )
    table, words = _table(found)
    console.print(table)
    console.print(words, style="dim", markup=False, highlight=False)
    for name, reason in {name: reason for each in found for name, reason in each["left_out"].items()}.items():
        console.print(f"Without {name}: {reason}.", markup=False, highlight=False)
    console.print(f"Report: {folder / 'report.html'}", style="bold", markup=False, highlight=False, soft_wrap=True)
    return 0


def _table(found: Sequence[Mapping[str, Any]]) -> tuple[Table, str]:
    """A row for each method, means over seeds, and what the columns mean."""
    from rich import box
    from rich.table import Table

    from swither.acquisition.variant import title_of
    from swither.statistics.selections import effective_classes, overlap

    methods = list(dict.fromkeys(row["method"] for each in found for row in each["rows"]))
    beside = "dispersion" if "dispersion" in methods else methods[0]
    table = Table(box=box.SIMPLE_HEAD)
    for head in ("method", "right", "AUROC", "classes", "apart", "from labelled", "shared"):
        first = head == "method"
        table.add_column(
            head, justify="left" if first else "right", no_wrap=first, min_width=8 if " " in head else None
        )
    for method in methods:
        rows = [{row["method"]: row for row in each["rows"]} for each in found]
        own = [each[method] for each in rows if method in each]
        shared = [
            overlap(each[method]["ids"], each[beside]["ids"], facts["pool"]).share
            for each, facts in zip(rows, found, strict=True)
            if method in each and beside in each
        ]
        table.add_row(
            title_of(method),
            _mean([row["accuracy"] for row in own], "{:.1%}"),
            _mean([row["auroc"] for row in own], "{:.3f}"),
            _mean([effective_classes(row["classes"]) for row in own], "{:.1f}"),
            _mean([row["nearest_chosen"] for row in own], "{:.2f}\u00d7"),
            _mean([row["nearest_labelled"] for row in own], "{:.2f}\u00d7"),
            "" if method == beside else _mean(shared, "{:.0%}"),
        )
    chance = found[0]["count"] / found[0]["pool"]
    right = _mean([each["accuracy"] for each in found], "{:.1%}")
    return table, (
        f"{found[0]['count']:,} images each. Right: the network on them, on the whole pool {right}. AUROC: of the "
        "scores for its wrong predictions. Classes: over how many the picks are spread. Apart, from labelled: distance "
        f"to the nearest, of random draws'. Shared: with {title_of(beside)}; two random draws share "
        f"{chance:.0%}."
    )


def _mean(values: Sequence[float | None], form: str) -> str:
    known = [value for value in values if value is not None]
    return form.format(sum(known) / len(known)) if known else "\u2013"
