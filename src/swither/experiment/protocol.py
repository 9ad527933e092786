"""An experiment's folder: the protocol it was made under, and what may be added to it.

``experiment.json`` holds the protocol as plain values. Starting again in the same folder compares them field by
field: a difference is refused, more methods or seeds are welcome, and how the work is done is free.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, is_dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from swither.acquisition import Variant
from swither.data import Dataset, save_split
from swither.data.image_set import ImageSet
from swither.errors import DamagedState, InputError, NotWritable, SettingsDiffer, list_some, plural
from swither.experiment.cells import REFERENCE, Cell
from swither.experiment.making import refuse_changed_methods
from swither.experiment.opening import opened
from swither.experiment.rehearsal import rehearse
from swither.experiment.settings import CompareSettings
from swither.experiment.watch import Watcher
from swither.experiment.work import cells_of
from swither.files import locked, read_json, set_aside, write_json
from swither.loop.settings import Execution, LearnerSettings, refuse_folded, refuse_in_part, refuse_unknown_way
from swither.models.catalogue import find_model
from swither.own_code import checksum_of, is_own
from swither.training.recipe import ADDED, RECIPE_VERSION

FORMAT = "swither experiment"
VERSION = 1

OLDER: Mapping[str, Any] = {
    **{f"recipe.{name}": value for name, value in ADDED.items()},
    "record": "full",
    "record_folded": False,
}
"""Fields that later versions added, and the value that folders made before had: ``"recipe.flip": None``."""


@dataclass(frozen=True)
class Experiment:
    """A comparison with its data opened and its budgets resolved.

    Attributes:
        settings: as given, with the number of threads that the folder was begun with.
        out: the folder.
        dataset: training and test images with their labels.
        counts: images in the initial set and in each query.
        files: name of each function of the user's own -> checksum of its file when the comparison was begun.
    """

    settings: CompareSettings
    out: Path
    dataset: Dataset
    counts: tuple[int, ...]
    files: Mapping[str, str] = field(default_factory=dict)

    @property
    def cells(self) -> tuple[Cell, ...]:
        """The cells that are to be run, in their order: seeds together, references last."""
        return cells_of(self.settings)

    def learner_settings(self, cell: Cell) -> LearnerSettings:
        """What the learner of `cell` is made of; the reference's has the first method's place."""
        settings = self.settings
        variant = Variant.named("random" if cell.method == REFERENCE else cell.method)
        name = variant.acquisition.name
        known = {**variant.acquisition.settings, **variant.acquisition.evidence_settings}
        given = ({"passes": settings.passes} if "passes" in known else {}) | dict(variant.settings)
        return LearnerSettings(
            name,
            given,
            settings.model,
            settings.recipe,
            cell.seed,
            settings.record_every,
            settings.record,
            settings.record_folded,
        )

    @property
    def execution(self) -> Execution:
        """How and where a cell works."""
        settings = self.settings
        return Execution(
            settings.device,
            settings.threads,
            settings.checkpoint_seconds,
            settings.deterministic,
            settings.precision,
            settings.graphs,
        )

    @property
    def protocol(self) -> dict[str, Any]:
        """Everything that results are compared under, as plain JSON values: the fields marked *protocol*."""
        train, test = self.dataset.train, self.dataset.test
        marked = [f.name for f in fields(self.settings) if f.metadata["kind"] == "protocol"]
        values = {name: _plain(getattr(self.settings, name)) for name in marked}
        budget = {"initial": self.counts[0], "step": self.counts[1] if len(self.counts) > 1 else 0}
        data = {
            "training images": len(train),
            "test images": len(test),
            "image shape": list(train.image_shape),
            "fingerprint": f"{train.fingerprint}, {test.fingerprint}",
        }
        if train.features is not None:
            data["embeddings"] = f"{train.features.description}, {train.features.key}"
        kind = find_model(self.settings.model.name)
        versions: dict[str, Any] = {"network": kind.version, "recipe": RECIPE_VERSION}
        versions |= {"network file": kind.file} if kind.file else {}
        return {"data": data, **values, **budget, "versions": versions}

    def refuse_changed_files(self, method: str) -> None:
        """Raise where a file of the user's own that `method` or the network needs has changed since the beginning.

        Raises:
            InputError: it has; what was finished before is kept.
        """
        for name in (method, self.settings.model.name):
            if name in self.files and checksum_of(name) != self.files[name]:
                raise InputError(
                    f"{name} was changed while the comparison ran. What was finished before is kept; put the file back "
                    "as it was and start the same command again, or give another folder with --out."
                )


def _plain(value: Any) -> Any:
    """A setting as JSON gives it back."""
    return json.loads(json.dumps(asdict(value) if is_dataclass(value) and not isinstance(value, type) else value))


def prepare(settings: CompareSettings, out: Path | str, watcher: Watcher, dataset: Dataset | None = None) -> Experiment:
    """Open the data, resolve the budgets and refuse what cannot work, before anything is trained.

    Raises:
        InputError: an unknown name, an impossible budget, a class without images, BALD without dropout.
        SettingsDiffer: the folder holds results of another protocol.
    """
    out = Path(out)
    settings = replace(settings, acquisitions=tuple(Variant.named(name).spec for name in settings.acquisitions))
    _refuse_recording(settings)
    for name in settings.acquisitions:
        _refuse_impossible(name, settings)
    cells_of(settings)  # refuses a cell that is not in the grid
    _refuse_place(settings)
    _refuse_out(out, settings)
    dataset = opened(settings, dataset, progress=partial(_tell, watcher))
    train = dataset.train
    _refuse_unlabelled(dataset)
    _refuse_without_pixels(settings, dataset)
    counts = settings.counts(len(train))
    _refuse_unrecorded(settings, counts)
    for name in settings.acquisitions:
        rehearse(Variant.named(name), settings, counts)
    _refuse_own_network(settings, train)
    files = {name: checksum_of(name) for name in (*settings.acquisitions, settings.model.name) if is_own(name)}
    experiment = Experiment(settings, out, dataset, counts, files)
    refuse_changed_methods(out, settings.acquisitions)
    before = _read_or_set_aside(out, watcher)
    if before is not None:
        refuse_difference(before["protocol"], experiment.protocol, str(out))
        if before["threads"] != settings.threads:
            watcher.note(
                f"{out} was begun with {plural(before['threads'], 'thread')} a run and goes on so: another number "
                "gives other last bits."
            )
            experiment = replace(experiment, settings=replace(settings, threads=before["threads"]))
    only_tested = sorted({*dataset.test.labels.tolist()} - {*train.labels.tolist()})
    if only_tested:
        names = list_some([train.class_names[number] for number in only_tested])
        watcher.note(f"No training image, but test images, have these classes: {names}. They cannot be learned.")
    return experiment


def record(experiment: Experiment, command: str) -> None:
    """Write the split and ``experiment.json``: the protocol, the grid as it has grown, what is known of the data."""
    out, train, test = experiment.out, experiment.dataset.train, experiment.dataset.test
    before = read_experiment(out) if (out / "experiment.json").exists() else {}
    if before:  # another process may have begun the folder since it was looked at
        refuse_difference(before["protocol"], experiment.protocol, str(out))
    save_split(out / "split.json", experiment.dataset.split)
    methods = [*before.get("methods", []), *experiment.settings.acquisitions]
    commands = [*before.get("commands", []), *([command] if command else [])]
    labels, numbers = np.unique(train.labels, return_counts=True)
    counted = {int(label): int(number) for label, number in zip(labels, numbers, strict=True)}
    facts = {
        "protocol": experiment.protocol,
        "methods": list(dict.fromkeys(methods)),
        "seeds": max(before.get("seeds", 0), experiment.settings.seeds),
        "reference": bool(before.get("reference", False) or experiment.settings.reference),
        "threads": experiment.settings.threads,
        "commands": list(dict.fromkeys(commands)),
        "source": str(experiment.settings.data.source),
        "data": asdict(experiment.settings.data),
        "features": asdict(experiment.settings.features),
        **({} if train.features is None else {"embedding_width": train.features.width}),
        "class_names": list(train.class_names),
        "class_counts": [counted.get(number, 0) for number in range(train.classes)],
        "training_images": len(train),
        "test_images": len(test),
        "data_notes": experiment.dataset.report.sentences(),
    }
    write_json(out / "experiment.json", FORMAT, VERSION, facts)


def read_experiment(out: Path) -> dict[str, Any]:
    """What ``experiment.json`` says.

    Raises:
        InputError: there is none: `out` is no folder of an experiment.
    """
    path = out / "experiment.json"
    if not path.exists():
        raise InputError(f"{out} holds no experiment: expected {path.name} there. `swither compare` makes one.")
    return read_json(path, FORMAT, VERSION)


def _read_or_set_aside(out: Path, watcher: Watcher) -> dict[str, Any] | None:
    if not (out / "experiment.json").exists():
        return None
    try:
        return read_experiment(out)
    except DamagedState as error:  # every cell knows its protocol too, so nothing can get mixed up
        aside = set_aside(out / "experiment.json")
        watcher.note(f"{error} It is written again; what was there is {aside.name}.")
        return None


def refuse_difference(before: Mapping[str, Any], now: Mapping[str, Any], where: str) -> None:
    """Raise unless two protocols are equal, and show every field that differs."""
    lines = differences(before, now)
    if lines:
        raise SettingsDiffer(
            f"{where} holds results of another protocol:\n" + "\n".join(lines) + "\n"
            "Give the same settings, or another folder with --out. Methods and seeds may be added freely."
        )


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """A line for every field in which two protocols differ: what it is there, and what now."""
    old, new = _flat(before), _flat(now)
    lines = []
    for name in sorted(old.keys() | new.keys()):
        was = old.get(name, OLDER.get(name, "(not set)"))
        will = new.get(name, OLDER.get(name, "(not set)"))
        if was != will and name == "data.fingerprint":
            lines.append("  data: other images, or other labels")
        elif was != will:
            lines.append(f"  {name}: {was} there, {will} now")
    return lines


def _tell(watcher: Watcher, what: str, done: int, total: int) -> None:
    """Data say with a total of 0 that there is something to read."""
    if total:
        watcher.stage(what, done, total)
    else:
        watcher.note(what)


def _flat(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{prefix}{name}.")
        else:
            flat[prefix + name] = value
    return flat


def _refuse_impossible(name: str, settings: CompareSettings) -> None:
    variant = Variant.named(name)
    acquisition = variant.acquisition
    refuse_in_part(acquisition, variant.settings, settings.record)
    if "sampled_logits" in acquisition.needs and settings.model.dropout == 0:
        raise InputError(
            f"{name} measures what dropout changes, but the network is trained with --dropout 0. Give a dropout "
            f"above 0 (the default is 0.5), or leave {name} out."
        )
    if settings.model.name == "features" and dict(variant.settings).get("augmented"):
        raise InputError(
            f"{name} records cropped and flipped images, but a head on features sees embeddings of images as they are. "
            "Leave that setting out."
        )


def _refuse_recording(settings: CompareSettings) -> None:
    """Raise where there is no such way to record, or the network has nothing to fold."""
    refuse_unknown_way(settings.record)
    refuse_folded(settings.model.name, settings.record_folded)


def _refuse_own_network(settings: CompareSettings, train: ImageSet) -> None:
    """Build a network of the user's own and try it, and refuse what it cannot be asked."""
    model = settings.model
    if not is_own(model.name):
        return
    from swither.models.folding import check_folding  # these load torch
    from swither.models.own_network import check_own_network
    from swither.training.sampled_logits import dropouts

    network = check_own_network(model, train.image_shape, train.classes)
    if settings.record_folded:
        check_folding(network, train.image_shape)
    for name in settings.acquisitions:
        if "sampled_logits" in Variant.named(name).acquisition.needs and not dropouts(network):
            raise InputError(
                f"{name} measures what dropout changes, but the network of {model.name} has none. Put an nn.Dropout "
                f"with p above 0 before its last layer, or leave {name} out."
            )


def _refuse_without_pixels(settings: CompareSettings, dataset: Dataset) -> None:
    for name in settings.acquisitions:
        if "labelled_likelihood" in Variant.named(name).acquisition.needs and not dataset.train.has_pixels:
            raise InputError(
                f"{name} learns to draw the images, but {settings.data.source} holds embeddings alone. Leave it out, "
                "or give the images, and their embeddings with --embeddings."
            )


def _refuse_unrecorded(settings: CompareSettings, counts: Sequence[int]) -> None:
    """Raise where a method that asks what a training recorded would find nothing."""
    trainings = [settings.recipe.schedule(sum(counts[: cycle + 1])).epochs for cycle in range(settings.cycles)]
    if not trainings or min(trainings) >= settings.record_every:
        return
    recording = [name for name in settings.acquisitions if Variant.named(name).acquisition.records]
    if recording:
        raise InputError(
            f"{', '.join(recording)} cannot choose: with --record-every {settings.record_every} a training of "
            f"{plural(min(trainings), 'epoch')} records nothing. Record more of them, train for more --epochs, or "
            f"leave {'it' if len(recording) == 1 else 'them'} out."
        )


def _refuse_place(settings: CompareSettings) -> None:
    """Raise where there is no such device, or it cannot compute as asked for."""
    from swither.training.device import choose_device  # these load torch, which tables and reports do without
    from swither.training.graphs import choose_graphs
    from swither.training.precision import choose_precision

    device = choose_device(settings.device)
    choose_precision(settings.precision, device)
    choose_graphs(settings.graphs, device)


def _refuse_out(out: Path, settings: CompareSettings) -> None:
    """Results are no images: a folder of results among them would be taken for a class at the next start."""
    if out.exists() and not out.is_dir():
        raise InputError(f"Expected --out to name a folder, but {out} is a file. Give another name.")
    source = Path(settings.data.source).expanduser()
    if source.is_dir() and out.resolve().is_relative_to(source.resolve()):
        raise InputError(
            f"--out {out} lies inside the data, {source}, where results would be taken for images. Name a folder "
            "beside it."
        )
    if out.exists():
        with locked(out / "lock"):  # that nobody works there is known before images are read
            return
    there = next(folder for folder in out.resolve().parents if folder.exists())
    if not os.access(there, os.W_OK):
        raise NotWritable(f"{out} cannot be made: {there} may not be written to. Give another folder with --out.")


def _refuse_unlabelled(dataset: Dataset) -> None:
    train, test = dataset.train, dataset.test
    unlabelled = int((train.labels < 0).sum())
    if unlabelled:
        raise InputError(
            f"{unlabelled} of {len(train)} training images have no label; a comparison needs all labels, because it "
            "plays the annotator. Sort the images into one sub-folder a class, or name the label column."
        )
    if train.classes < 2:
        raise InputError(f"Expected images of at least 2 classes, got {train.classes}: {list(train.class_names)}.")
    if not len(test):
        raise InputError("There is no test image. Give some with --test, or at least 2 images a class to draw from.")
