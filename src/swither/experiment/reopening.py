"""A finished experiment opened again from its folder alone: its settings, its images, its cells."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from swither.data import Dataset, DataSettings
from swither.errors import InputError, SettingsDiffer
from swither.experiment.protocol import OLDER, Experiment, prepare, read_experiment
from swither.experiment.results import cells_of
from swither.experiment.running import finished_cycles
from swither.experiment.settings import CompareSettings
from swither.experiment.watch import Silent, Watcher
from swither.models.backbone_settings import BackboneSettings
from swither.models.settings import ModelSettings
from swither.own_code import is_own
from swither.training.device import available_devices
from swither.training.graphs import COMPILED
from swither.training.precision import FLOAT32, PRECISIONS
from swither.training.recipe import Recipe


def reopen(
    out: Path | str,
    data: DataSettings | str | Path | None = None,
    *,
    watcher: Watcher | None = None,
    dataset: Dataset | None = None,
) -> Experiment:
    """The experiment in `out`, with its images.

    Args:
        out: the folder of a comparison.
        data: where the images lie now, a path or whole settings; None: where they lay. They are held to the
            fingerprint that the folder knows.
        watcher: told how it goes on.
        dataset: the images, where they are open already.

    Raises:
        InputError: `out` holds no experiment, or its images are not found, or they are others.
    """
    out = Path(out)
    facts = read_experiment(out)
    watcher = watcher or Silent()
    settings = replace(settings_of(facts, _data(facts, data, out)), **_place(out))
    settings = _without_own(settings, watcher)
    try:
        return prepare(settings, out, watcher, dataset)
    except SettingsDiffer as error:
        differing = [line for line in str(error).splitlines() if line.startswith("  ")]
        if not all(line.startswith("  data") for line in differing):
            raise
        raise InputError(
            f"The images of {settings.data.source} are not those that {out} was made with, or have other labels. "
            "Name the right ones with --data."
        ) from error
    except InputError as error:
        if data is not None:
            raise
        raise InputError(f"{error} {out} was made with {settings.data.source}: if it has moved, use --data.") from error


def settings_of(facts: Mapping[str, Any], data: DataSettings) -> CompareSettings:
    """The settings of a whole folder, grid and all.

    Args:
        facts: what ``experiment.json`` says.
        data: which images.
    """
    protocol = facts["protocol"]
    values: dict[str, Any] = {}
    for field in fields(CompareSettings):
        if field.metadata["kind"] == "protocol" and field.name in protocol:
            values[field.name] = protocol[field.name]
    values |= {name: str(values[name]) for name in ("initial", "step")}
    values["model"] = ModelSettings(**_known(ModelSettings, "model", protocol))
    recipe = _known(Recipe, "recipe", protocol)
    values["recipe"] = Recipe(**recipe | {"decay_at": tuple(recipe["decay_at"])})
    return CompareSettings(
        data,
        acquisitions=tuple(facts["methods"]),
        seeds=facts["seeds"],
        reference=facts["reference"],
        threads=facts["threads"],
        features=BackboneSettings(**facts.get("features", {})),
        **values,
    )


def _without_own(settings: CompareSettings, watcher: Watcher) -> CompareSettings:
    """The settings without functions of the user's own: a folder, maybe somebody else's, has no code loaded by name."""
    own = [spec for spec in settings.acquisitions if is_own(spec)]
    if own:
        watcher.note(f"From files of your own, and asked only by name: {', '.join(own)}.")
    return replace(settings, acquisitions=tuple(s for s in settings.acquisitions if s not in own) or ("random",))


def _place(out: Path) -> dict[str, Any]:
    """Where and in what precision all rows were computed, so that what is trained again is trained as they were.

    On the CPU a network gives the same bits again, on the same kind of card about the same ones. Where rows disagree,
    or there is no such device here, what is usual is taken.
    """
    rows = (row for cell in cells_of(out) for row in finished_cycles(cell.folder(out)).values())
    known = [row["circumstances"] for row in rows]
    kind = _agreed(str(around.get("device")) for around in known)
    if kind is None or (kind != "cpu" and kind not in {name.partition(":")[0] for name in available_devices()}):
        return {}
    place: dict[str, Any] = {"device": kind}
    words = {str(around.get("precision", FLOAT32)) for around in known}
    precision = _agreed(word.partition(",")[0] for word in words)
    if precision in PRECISIONS:
        place["precision"] = precision
    if kind != "cpu":  # there it changes nothing, and every row says that it was
        place["deterministic"] = _agreed(int(around.get("deterministic", 0)) for around in known) == 1
        if all(word.endswith(f", {COMPILED}") for word in words):
            place["graphs"] = COMPILED
    return place


def _agreed(values: Iterable[Any]) -> Any:
    """The one value that all have; None where they have several, or there are none."""
    found = set(values)
    return found.pop() if len(found) == 1 else None


def _known(kind: type, part: str, protocol: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a part of the protocol, with what those were that an older folder does not name."""
    older = {name.partition(".")[2]: value for name, value in OLDER.items() if name.startswith(f"{part}.")}
    names = {field.name for field in fields(kind)}
    return {name: value for name, value in {**older, **protocol[part]}.items() if name in names}


def _data(facts: Mapping[str, Any], given: DataSettings | str | Path | None, out: Path) -> DataSettings:
    if isinstance(given, DataSettings):
        return given
    names = {field.name for field in fields(DataSettings)}
    known = facts.get("data") or _data_of_command(facts["commands"][-1] if facts["commands"] else "")
    settings = DataSettings(**{"source": facts["source"]} | {n: v for n, v in known.items() if n in names})
    if settings.split is not None:  # the folder keeps what that file said
        settings = replace(settings, split=str(out / "split.json"))
    return settings if given is None else replace(settings, source=str(given))


def _data_of_command(command: str) -> dict[str, Any]:
    """The settings of the data in a command that began a folder, from before folders kept them as such."""
    found: dict[str, Any] = {}
    words = [part for word in shlex.split(command) for part in word.split("=", 1)]
    for field in fields(DataSettings):
        flag = f"--{field.name.replace('_', '-')}"
        if flag in words:
            text = [*words, ""][words.index(flag) + 1]
            whole = field.name in ("image_size", "train_images")
            found[field.name] = True if field.name == "skip_unreadable" else int(text) if whole else text
    return found
