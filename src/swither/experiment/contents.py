"""From an experiment's folder to what its report shows; needs no image data and trains nothing."""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pyarrow as pa

from swither.acquisition import ACQUISITIONS, Variant
from swither.acquisition.variant import in_catalogue_order
from swither.experiment.cells import REFERENCE, Cell
from swither.experiment.going_on import command_on
from swither.experiment.making import files_of
from swither.experiment.montage import load_montage
from swither.experiment.opinion_rows import opinion_rows
from swither.experiment.paper_folder import paper_study, settings_grid, title_of
from swither.experiment.protocol import OLDER, read_experiment
from swither.experiment.queries import covering_rows, vaal_rows
from swither.experiment.results import cells_of, informativeness_rows
from swither.experiment.running import MONTAGE
from swither.experiment.wrong_predictions import wrong_predictions_rows
from swither.loop.settings import FULL
from swither.own_code import own_name
from swither.report import MontageImage, ReportData
from swither.report.paper_study import PaperStudy
from swither.report.vaal_health import collapses

LIBRARIES = ("swither", "torch", "numpy", "scipy", "pyarrow", "pillow", "scikit-learn", "matplotlib")


def report_data(out: Path, results: pa.Table, selected: pa.Table) -> ReportData:
    """Everything that the report of the experiment in `out` shows."""
    facts = read_experiment(out)
    rows = results.to_pylist()
    cells = cells_of(out)
    opinions, overlaps = opinion_rows(out, cells)
    montage, montage_source = _montage(out, cells, facts["class_names"])
    methods = in_catalogue_order(facts["methods"])
    vaal_log = vaal_rows(out, cells)
    study = paper_study(out)
    files = files_of(out, cells)
    return ReportData(
        title=title_of(study) if study is not None else f"Active learning on {Path(facts['source']).name}",
        results=rows,
        command=command_on(out, facts, of_paper=study is not None),
        created=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        informativeness=informativeness_rows(out, cells),
        wrong_predictions=wrong_predictions_rows(out, cells),
        opinions=opinions,
        overlaps=overlaps,
        montage=montage,
        montage_source=montage_source,
        selected_classes=_selected_classes(selected),
        initial_classes=_initial_classes(selected),
        pool_classes=dict(zip(facts["class_names"], facts["class_counts"], strict=True)),
        pool_largest_class=_largest_class(rows),
        vaal_log=vaal_log,
        coverings=covering_rows(out, cells),
        class_names=facts["class_names"],
        settings=_settings(facts, rows),
        data_notes=facts["data_notes"],
        methods=[described(name, files.get(name, "")) for name in methods],
        planned=_planned(facts),
        versions={"python": platform.python_version(), **_versions()},
        warnings=[*_scale(study), *_recording(facts["protocol"]), *_warnings(rows), *collapses(vaal_log)],
        paper=study,
        choice=settings_grid(out),
    )


def _montage(out: Path, cells: list[Cell], class_names: list[str]) -> tuple[list[MontageImage], str]:
    """The examples of the first cell that recorded its pool, dispersion's before others', and which cell that is."""
    own_first = sorted(cells, key=lambda cell: cell.method != "dispersion")
    found = ((cell, load_montage(cell.folder(out) / MONTAGE)) for cell in own_first)
    cell, images = next(((cell, images) for cell, images in found if images), (None, None))
    if cell is None or images is None:
        return [], ""
    examples = [
        MontageImage(
            pixels=images["pixels"][position],
            id=str(images["ids"][position]),
            true_label=class_names[int(images["true_labels"][position])],
            last_labels=tuple(class_names[int(label)] for label in images["last_labels"][position]),
            confidence=float(images["confidence"][position]),
            dispersion=float(images["dispersion"][position]),
            side="most" if images["most"][position] else "least",
        )
        for position in range(len(images["ids"]))
    ]
    return examples, f"{described(cell.method).get('title', cell.method)}, seed {cell.seed}, cycle 0"


def _selected_classes(selected: pa.Table) -> list[dict[str, Any]]:
    counts: Counter[tuple[str, int, int, str]] = Counter()
    for row in selected.to_pylist():
        if row["batch"] > 0 and row["label"] is not None:
            counts[row["method"], row["seed"], row["batch"] - 1, row["label"]] += 1
    names = ("method", "seed", "cycle", "class_name", "count")
    return [dict(zip(names, (*what, count), strict=True)) for what, count in counts.items()]


def _initial_classes(selected: pa.Table) -> list[dict[str, Any]]:
    counts = Counter(
        (row["method"], row["seed"], row["label"])
        for row in selected.to_pylist()
        if row["batch"] == 0 and row["label"] is not None and row["method"] != REFERENCE
    )
    names = ("method", "seed", "class_name", "count")
    return [dict(zip(names, (*what, count), strict=True)) for what, count in counts.items()]


def _largest_class(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {"method": row["method"], "seed": row["seed"], "cycle": row["cycle"], "epoch": epoch, "share": share}
        for row in rows
        for epoch, share in enumerate(row["largest_class_share"] or (), 1)
    ]


def _batches(rows: list[dict[str, Any]]) -> dict[str, str]:
    """The batches that were used: the recipe's is the largest, and is halved where images are few."""
    used: dict[str, set[int]] = {}
    for row in sorted(rows, key=lambda row: (row["method"] == REFERENCE, row["cycle"])):
        if row["batch_size"]:
            place = "all images" if row["method"] == REFERENCE else f"cycle {row['cycle']}"
            used.setdefault(place, set()).add(row["batch_size"])
    said = [f"{' or '.join(map(str, sorted(sizes)))} ({place})" for place, sizes in used.items()]
    return {"batches used": ", ".join(said)} if said else {}


def _settings(facts: Mapping[str, Any], rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    protocol = facts["protocol"]
    budget = {name: protocol[name] for name in ("initial", "step", "cycles", "record_every", "passes")}
    budget |= {
        name: protocol[name] for name in ("record", "record_folded") if protocol.get(name, OLDER[name]) != OLDER[name]
    }
    grid = {"methods": ", ".join(facts["methods"]), "seeds": facts["seeds"], "all-data reference": facts["reference"]}
    data = {"source": facts["source"], "training images": facts["training_images"], "test images": facts["test_images"]}
    return {
        "Data": data | {"image shape": " x ".join(map(str, protocol["data"]["image shape"]))},
        "Budget": budget,
        "Compared": grid,
        "Network": protocol["model"],
        **_embeddings(facts),
        "Training": protocol["recipe"] | _batches(rows),
        "Execution": {"threads": facts["threads"]},
    }


def _embeddings(facts: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """What heads were trained on; no group where a network was trained on pixels."""
    protocol = facts["protocol"]
    if "embeddings" not in protocol["data"]:
        return {}
    said = {
        "from": protocol["data"]["embeddings"].rpartition(", ")[0],  # behind it stands the key
        "numbers": facts.get("embedding_width"),  # folders of earlier versions do not say
        "version of the head": protocol.get("versions", {}).get("network"),
    }
    return {"Embeddings": {name: value for name, value in said.items() if value is not None}}


def described(name: str, file: str = "") -> dict[str, str]:
    """What the report says of a method, whatever its settings; `file`: the checksum of the user's file it came from."""
    own = own_name(name)
    if own is not None:  # the report loads no code of the user's
        return {
            "name": name,
            "title": own.title,
            "summary": f"a function of the user's own, {own.text}, checksum {file or 'not known'}",
        }
    if name.partition(":")[0] not in ACQUISITIONS:
        return {"name": name}  # of a later version
    variant = Variant.named(name)
    known = variant.acquisition
    return {"name": name, "title": variant.title, "summary": known.summary, "paper": known.paper}


def _planned(facts: Mapping[str, Any]) -> list[tuple[str, int]]:
    methods = [*facts["methods"], *([REFERENCE] if facts["reference"] else [])]
    return [(method, seed) for method in methods for seed in range(facts["seeds"])]


def _versions() -> dict[str, str]:
    found = {}
    for library in LIBRARIES:
        try:
            found[library] = version(library)
        except PackageNotFoundError:
            continue
    return found


def _scale(study: PaperStudy | None) -> list[str]:
    """That a repetition of the paper is not one at its scale: said before anything else."""
    if study is None or study.is_full:
        return []
    return [
        f"This is not the paper\u2019s scale: {'; '.join(study.reduced)}. What is measured here says nothing of the "
        "paper\u2019s own figures."
    ]


def _recording(protocol: Mapping[str, Any]) -> list[str]:
    """What a report does not have where pools were recorded in part, and what is not exact."""
    said = []
    if protocol.get("record", FULL) != FULL:
        said.append(
            f"Pools were recorded in part (--record {protocol['record']}): the same images were asked for as with a "
            "full recording, and nothing else is known of the pool\u2019s labels. So there is no check of the "
            "recording, no example of settled and unsettled images, no answer on which score finds wrong predictions, "
            "and dispersion\u2019s informativeness ends at what it asked for."
        )
    if protocol.get("record_folded"):
        said.append(
            "Pools were recorded with BatchNorm folded into the convolutions (--record-folded), which is quicker and "
            "gives a few images another label than the network itself."
        )
    return said


def _warnings(rows: list[dict[str, Any]]) -> list[str]:
    warnings = []
    other = {(row["method"], row["seed"]) for row in rows if row["same_weights"] is False}
    if other:
        cells = ", ".join(f"{method} (seed {seed})" for method, seed in sorted(other))
        warnings.append(
            f"A training was made again with recording and gave other weights, so {cells} did not start from the same "
            "network as the other methods of the seed."
        )
    trainings = {row["training"]: row for row in rows}  # the first of a seed stands in a row of every method
    grown = [row for row in trainings.values() if row["epochs_grown"]]
    if grown:
        most = max(row["epochs"] for row in grown)
        warnings.append(
            f"{len(grown)} of {len(trainings)} trainings had so few images that their epochs grew, to {most} at most, "
            "to reach the recipe's least number of steps."
        )
    coarse = [row["recorded_epochs"] for row in rows if 0 < row["recorded_epochs"] < 20]
    if coarse:
        warnings.append(
            f"The pool was recorded only {min(coarse)} times in a training: dispersion is coarse below 20 recordings, "
            "and many images share a score."
        )
    return warnings
