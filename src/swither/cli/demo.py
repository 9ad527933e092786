"""``swither demo``: the main job on images that come along."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from swither.data.settings import DataSettings
from swither.experiment.settings import CompareSettings
from swither.models.settings import ModelSettings
from swither.training.recipe import Recipe

if TYPE_CHECKING:
    from rich.console import Console

    from swither.report.headline import Headline

METHODS = ("random", "margin", "bald", "kcenter", "dispersion", "oracle")


def demo_settings(seeds: int) -> CompareSettings:
    """Handwritten digits, from 20 labels in steps of 20, with a network that trains in a second.

    The digits fill their 8 pixels, so they are not cropped. 20 epochs are as many as dispersion needs for scores that
    are not coarse.
    """
    return CompareSettings(
        DataSettings("digits"),
        METHODS,
        seeds=seeds,
        initial="20",
        step="20",
        cycles=5,
        model=ModelSettings("tiny", width=16),
        recipe=Recipe(epochs=20, least_steps=100, crop_padding=0),
    )


def demo(
    *,
    out: Annotated[Path, Parameter(help="Folder for results and report.", metavar="FOLDER")] = Path("runs/demo"),
    seeds: Annotated[int, Parameter(help="Repetitions.", metavar="N")] = 3,
    label: Annotated[bool, Parameter(help="Label the digits yourself, in the browser.", negative="")] = False,
    port: Annotated[int | None, Parameter(help="With --label: port of the page.")] = None,
    browser: Annotated[bool, Parameter(help="With --label: open the page.", negative="--no-browser")] = True,
) -> int:
    """Compare six methods on handwritten digits, in about a minute and a half on 2 cores.

    With --label it opens the labelling page on the digits instead: label thirty of them by keys, and watch the accuracy
    move, in about two minutes.
    """
    import shlex

    if label:
        return _label(Path("runs/demo-label") if out == Path("runs/demo") else out, port, browser)

    from swither.cli.running import run

    given = [] if out == Path("runs/demo") else ["--out", str(out)]
    given += [] if seeds == 3 else ["--seeds", str(seeds)]
    return run(demo_settings(seeds), out, command=shlex.join(["swither", "demo", *given]), conclude=_conclude)


def _label(out: Path, port: int | None, browser: bool) -> int:
    from rich.console import Console

    from swither.cli.label import require_page, serve_page

    require_page("swither demo --label")
    from swither.project.digits import digits_project

    with Console().status("Writing 1,797 handwritten digits as image files"):
        project = digits_project(out)
    return serve_page(project, port=port, browser=browser)


def _conclude(console: Console, said: Headline) -> None:
    """Two sentences of the report: what was reached, and whether that is more than chance."""
    console.print()
    console.print(" ".join([said.lead, *said.sentences[:1]]), markup=False, highlight=False)
