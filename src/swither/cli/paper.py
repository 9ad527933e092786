"""``swither paper``: the paper's experiments."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from cyclopts import Parameter

from swither.cli.exits import NotUnderstood
from swither.cli.flags import BY_NAME
from swither.cli.parameters import GROUPS, with_flags

USAGE = "swither paper cifar10|cifar100 [OPTIONS]"

EXAMPLES = """Examples:

  swither paper cifar10 --data cifar10-parquet --scale small
      on two CPU cores, in about an hour and a half
  swither paper cifar10 --out paper --yes
      the paper's own scale; for a GPU
  swither paper cifar10 --out paper --method random dispersion --seed 0
      two of its runs now, the others at any time
  swither paper cifar100 --out paper100 --beside paper
      both data sets in one report"""

_CHOSEN = "chosen on held-out training images"
DEFAULTS: Mapping[str, str] = {
    "train-images": "all; small: 10000",
    "cache": "",
    "seeds": "",
    "model": "resnet18; small: tiny",
    "width": "",
    "dropout": "",
    "epochs": "100; small: 30",
    "batch-size": _CHOSEN,
    "weight-decay": _CHOSEN,
    "nesterov": _CHOSEN,
    "crop-padding": "",
    "record-every": "",
    "record": "",
    "record-folded": "",
    "passes": "",
    "jobs": "",
    "threads": "",
    "device": "",
    "checkpoint-seconds": "",
    "deterministic": "",
    "precision": "",
    "graphs": "",
}
"""The flags of a comparison that the paper leaves open or that do not change what is compared, and their defaults."""


_SEVERAL = {"consume_multiple": True}


def _own(help: str, value: str, panel: str, **more: Any) -> Parameter:
    return Parameter(help=help, metavar=value, group=GROUPS[panel], negative="", show_default=False, **more)


def _paper(
    dataset: Annotated[
        Literal["cifar10", "cifar100"] | None, _own("One of the paper's data sets.", "NAME", "Data")
    ] = None,
    *,
    data: Annotated[str | None, _own("Where its images lie, as Parquet; else downloaded.", "PATH", "Data")] = None,
    out: Annotated[str | None, _own("Folder for results and report; by default under runs.", "FOLDER", "Data")] = None,
    beside: Annotated[
        str | None, _own("Folder of the other data set, shown in this report too.", "FOLDER", "Data")
    ] = None,
    scale: Annotated[
        Literal["full", "small"], _own("full: the paper's, for a GPU; small: for two CPU cores.", "full|small", "Data")
    ] = "full",
    method: Annotated[
        tuple[str, ...] | None,
        _own(
            "Run only these methods now, or my_file.py:my_score; with settings as --with.",
            "METHOD",
            "What is compared",
            **_SEVERAL,
        ),
    ] = None,
    with_: Annotated[
        tuple[str, ...] | None,
        _own(
            "Settings of methods, such as vaal:iterations=1000, given when the folder is begun, and functions of your "
            "own, my_file.py:my_score; limits nothing.",
            "METHOD",
            "What is compared",
            name="--with",
            **_SEVERAL,
        ),
    ] = None,
    seed: Annotated[
        tuple[int, ...] | None,
        _own("Run only these seeds now, of --method and --reference-only.", "N", "What is compared", **_SEVERAL),
    ] = None,
    reference_only: Annotated[
        bool,
        _own("Run only the trainings on all images now, and the methods of --method.", "", "What is compared"),
    ] = False,
    cell: Annotated[
        tuple[str, ...] | None,
        _own(
            "Run only these runs now, such as random--seed1, and those of the flags above.",
            "CELL",
            "What is compared",
            **_SEVERAL,
        ),
    ] = None,
    dry_run: Annotated[bool, _own("Only show what it would cost.", "", "Execution")] = False,
    yes: Annotated[bool, _own("Begin even if it takes more than three hours.", "", "Execution")] = False,
    **given: Any,
) -> int:
    """Repeat the paper's experiments: its Table 1, Fig. 3, Fig. 4 and six claims.

    Eight methods (the seven of Table 1 and the oracle of Fig. 3) and the training on all images, with 3 seeds, each
    for 100 epochs with ResNet-18 on 10 % of the labels and four times 5 % more. What the paper leaves open is chosen
    once, on held-out training images, unless it is given. Any part can be run at any time: the report's table fills
    in beside the paper's figures.
    """
    if dataset is None:
        raise NotUnderstood("Which data set? Expected cifar10 or cifar100: swither paper cifar10 --scale small")
    given = {name: value for name, value in given.items() if value is not None}
    flags = {"data": data, "out": out, "beside": beside, "scale": None if scale == "full" else scale}
    command = _command(dataset, {**{n: v for n, v in flags.items() if v is not None}, **given}, yes=yes)
    from swither.cli.paper_running import run_paper  # torch and all; the help does without

    return run_paper(
        dataset,
        out or f"runs/{dataset}{'' if scale == 'full' else '-small'}",
        dry_run=dry_run,
        yes=yes,
        command=command,
        scale=scale,
        data=data,
        methods=_words(method),
        variants=_words(with_),
        seeds_now=seed or (),
        reference_only=reference_only,
        cells=_words(cell),
        beside=beside,
        **settings_of(given),
    )


_paper.__name__ = "paper"
paper = with_flags(_paper, DEFAULTS)


def settings_of(given: Mapping[str, Any]) -> dict[str, Any]:
    """Values of flags, by their Python names, as `swither.experiment.paper` takes them.

    Example:
        >>> settings_of({"weight_decay": 0.0, "width": 8, "jobs": 1})
        {'recipe': {'weight_decay': 0.0}, 'model': {'width': 8}, 'jobs': 1}
    """
    settings: dict[str, Any] = {}
    for name, value in given.items():
        part, _, last = BY_NAME[name.replace("_", "-")].field.rpartition(".")
        inside = settings.setdefault(part, {}) if part in ("model", "recipe") else settings
        inside[last] = value
    return settings


def _words(words: Sequence[str] | None) -> tuple[str, ...]:
    return tuple(words or ())


def _command(dataset: str, given: Mapping[str, Any], *, yes: bool) -> str:
    """The whole command without the part that is run now: what fills in the whole table."""
    tokens = ["swither", "paper", dataset]
    for name, value in given.items():
        flag = f"--{name.replace('_', '-')}"
        if isinstance(value, bool):
            tokens.append(flag if value else f"--no-{flag[2:]}")
        else:
            tokens += [flag, str(value)] if not str(value).startswith("-") else [f"{flag}={value}"]
    return shlex.join([*tokens, *(["--yes"] if yes else [])])
