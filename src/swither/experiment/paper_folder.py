"""``paper.json``: that a folder repeats the paper, on which data set, at which scale, with which methods.

It makes the report show the paper's table and claims; the results are those of any comparison.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from swither.acquisition.variant import in_catalogue_order
from swither.acquisition.variant import title_of as method_title
from swither.errors import DamagedState, InputError
from swither.experiment.cells import REFERENCE
from swither.experiment.choice import read_choice
from swither.experiment.paper_protocol import reductions, specs_of
from swither.experiment.protocol import OLDER, read_experiment
from swither.experiment.results import results_table
from swither.experiment.settings import CompareSettings
from swither.files import read_json, write_json
from swither.report.paper_figures import DATA_SETS
from swither.report.paper_study import Beside, PaperStudy, SettingsGrid

FILE = "paper.json"
FORMAT, VERSION = "swither paper", 1


def read_paper(out: Path) -> dict[str, Any] | None:
    """What ``paper.json`` says; None where there is none: a comparison like any other."""
    path = out / FILE
    return read_json(path, FORMAT, VERSION) if path.exists() else None


def plain_names(out: Path) -> Mapping[str, str]:
    """Plain name of each of the paper's methods -> that method as the folder has it; empty where it repeats nothing."""
    names: Mapping[str, str] = (read_paper(out) or {}).get("methods", {})
    return names


def refuse_other_paper(out: Path, dataset: str, settings: CompareSettings) -> None:
    """Raise where a folder repeats something else, or is of a comparison that repeats nothing.

    Args:
        out: the folder.
        dataset: ``cifar10`` or ``cifar100``.
        settings: of the comparison; what is open in them may still be chosen.

    Raises:
        InputError: it does; the message shows what differs.
    """
    before, facts = read_paper(out), _facts(dataset, settings)
    if before is None:
        if (out / "experiment.json").exists():
            raise InputError(
                f"{out} holds a comparison that does not repeat the paper. Give another folder with --out."
            )
        return
    there = _there(out, before)
    differing = [name for name, value in facts.items() if name in there and there[name] != value]
    if differing:
        lines = [
            f"  {name}: {_in_words(there[name], value)} there, {_in_words(value, there[name])} now"
            for name, value in facts.items()
            if name in differing
        ]
        begun = "A method's settings are given when its folder is begun. " if "methods" in differing else ""
        raise InputError(
            f"{out} repeats the paper otherwise:\n" + "\n".join(lines) + f"\n{begun}Give another folder with --out."
        )


def refuse_other_beside(beside: Path | str, dataset: str) -> None:
    """Raise unless a folder repeats the paper on the other data set.

    Args:
        beside: the folder.
        dataset: what is repeated now.

    Raises:
        InputError: it does not.
    """
    before = read_paper(Path(beside).expanduser())
    other = next(name for name in DATA_SETS if name != dataset)
    if before is None or before["dataset"] != other:
        found = "it repeats nothing of the paper" if before is None else f"it repeats {before['dataset']} too"
        raise InputError(
            f"Expected --beside to name a folder of `swither paper {other}`, but {beside} is none: {found}. Begin that "
            "one first, or leave --beside away and name it later."
        )


def record_paper(out: Path, dataset: str, settings: CompareSettings, beside: Path | str | None = None) -> None:
    """Write what the folder repeats.

    Args:
        out: the folder.
        dataset: ``cifar10`` or ``cifar100``.
        settings: of the comparison; what is open in them may still be chosen.
        beside: the other data set's folder; None keeps the one that was named before.

    Raises:
        InputError: the folder repeats something else.
    """
    refuse_other_paper(out, dataset, settings)
    before = read_paper(out)
    named = None if beside is None else str(Path(beside).expanduser().resolve())
    write_json(
        out / FILE,
        FORMAT,
        VERSION,
        {
            **_facts(dataset, settings),
            "reductions": list(reductions(settings)),
            "beside": named or (before or {}).get("beside"),
        },
    )


def paper_study(out: Path, *, with_beside: bool = True) -> PaperStudy | None:
    """What the report is told of the paper; None for a folder that does not repeat it.

    Args:
        out: the folder.
        with_beside: also read the other data set's folder, where one is named and still there.
    """
    facts = read_paper(out)
    if facts is None:
        return None
    try:
        experiment = read_experiment(out)
        cycles, images = int(experiment["protocol"]["cycles"]), int(experiment["training_images"])
    except InputError:  # not begun yet
        cycles, images = 4, None
    other = Path(facts["beside"]) if facts["beside"] and with_beside else None
    return PaperStudy(
        facts["dataset"],
        facts["scale"],
        cycles,
        facts["methods"],
        facts["reductions"],
        None if other is None else _beside(other, facts["dataset"]),
        images,
    )


def settings_grid(out: Path) -> SettingsGrid | None:
    """The choice of open settings, for the report; None where none was made."""
    choice = read_choice(out)
    if choice is None:
        return None
    used = read_experiment(out)["protocol"]["recipe"] if (out / "experiment.json").exists() else {}
    numbers = choice.training_images, choice.held_out_images
    return SettingsGrid(choice.rows, choice.chosen, *numbers, choice.unequal, used)


def title_of(study: PaperStudy) -> str:
    """What the report is called."""
    scale = "" if study.is_full else ", at a reduced scale"
    return f"The paper\u2019s experiments on {DATA_SETS[study.dataset]}{scale}"


def _facts(dataset: str, settings: CompareSettings) -> dict[str, Any]:
    """What stays the same in a folder."""
    return {
        "dataset": dataset,
        "scale": "small" if reductions(settings) else "full",
        "methods": specs_of(settings),
        "training images": settings.data.train_images,
        "network": asdict(settings.model),
        "epochs": settings.recipe.epochs,
    }


def _in_words(value: Any, other: Any) -> str:
    """A fact, as far as it differs from another."""
    if value is None:
        return "all"
    if isinstance(value, Mapping):
        differing = {n: v for n, v in value.items() if not isinstance(other, Mapping) or other.get(n) != v}
        return ", ".join(
            v if isinstance(v, str) else f"{n} {'its own' if v is None else v}" for n, v in differing.items()
        )
    return f"{value:,}" if isinstance(value, int) else str(value)


def _there(out: Path, before: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of a folder: of ``paper.json``, and what an older one does not say yet of ``experiment.json``."""
    there = {**_compared(out), **before}
    if "network" in there:
        added = {field.partition(".")[2]: older for field, older in OLDER.items() if field.startswith("model.")}
        there["network"] = {**added, **there["network"]}
    return there


def _compared(out: Path) -> dict[str, Any]:
    """The facts that the comparison's own file knows; none where it is not begun, or damaged and to be made anew."""
    try:
        experiment = read_experiment(out)
    except (InputError, DamagedState):
        return {}
    protocol = experiment["protocol"]
    facts = {"network": protocol["model"], "epochs": protocol["recipe"]["epochs"]}
    return facts | ({"training images": experiment["data"]["train_images"]} if "data" in experiment else {})


def _beside(out: Path, dataset: str) -> Beside | None:
    """The other folder's figures; None where it is gone, or is of the same data set, or does not read back."""
    try:
        study = paper_study(out, with_beside=False)
        if study is None or study.dataset == dataset:
            return None
        facts = read_experiment(out)
        methods = [{"name": name, "title": method_title(name)} for name in in_catalogue_order(facts["methods"])]
        names = [*facts["methods"], *([REFERENCE] if facts["reference"] else [])]
        planned = [(name, seed) for name in names for seed in range(facts["seeds"])]
        return Beside(study, results_table(out).to_pylist(), methods, planned)
    except (InputError, DamagedState):
        return None
