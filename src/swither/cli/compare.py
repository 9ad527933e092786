"""``swither compare``: the main job."""

from __future__ import annotations

from typing import Annotated, Any

from cyclopts import Parameter

from swither.cli.config import read_config
from swither.cli.exits import NotUnderstood
from swither.cli.flags import BY_NAME, settings_from
from swither.cli.parameters import GROUPS, with_flags

USAGE = "swither compare DATA --out FOLDER [OPTIONS]"

EXAMPLES = """Examples:

  swither compare photos --out results --model tiny
      your own images, one sub-folder a class; minutes on a laptop
  swither compare photos --out results --model tiny --seeds 5 --dry-run
      only say what that would cost
  swither compare digits --out digits --acquisition random dispersion
      two methods
  swither compare cifar10 --out paper
      the paper's protocol; for a GPU
  swither compare --config comparison.yaml --seeds 10
      settings from a file, as lines like 'epochs: 50'; flags win over it"""


def _own(help: str, value: str, panel: str = "Data") -> Parameter:
    return Parameter(help=help, metavar=value, group=GROUPS[panel], negative="", show_default=False)


@with_flags
def compare(
    data: Annotated[str | None, _own(BY_NAME["data"].help, "DATA")] = None,
    *,
    out: Annotated[
        str | None, _own("Folder for results and report; one that was begun is gone on with.", "FOLDER")
    ] = None,
    config: Annotated[str | None, _own("YAML file with any of these settings.", "FILE", "Execution")] = None,
    dry_run: Annotated[bool, _own("Only show what it would cost.", "", "Execution")] = False,
    yes: Annotated[bool, _own("Begin even if it takes more than an hour.", "", "Execution")] = False,
    **given: Any,
) -> int:
    """Compare ways to choose images to label, on your labelled images.

    The labels are hidden, and given out as each method asks for them. Stopped at any time, the same command goes on
    where it was; with more methods or seeds, it adds them.
    """
    values = read_config(config) if config else {}
    values |= {name.replace("_", "-"): value for name, value in given.items() if value is not None}
    out = out or values.pop("out", None)
    values.pop("out", None)
    values |= {} if data is None else {"data": data}
    if "data" not in values:
        raise NotUnderstood("Which data? Expected a folder or a name: swither compare digits --out results")
    if out is None:
        raise NotUnderstood("Where to? Expected a folder for results and report: --out results")
    from swither.cli.running import run  # torch and all; the help does without

    return run(settings_from(values), out, dry_run=dry_run, yes=yes)
