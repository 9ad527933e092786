"""What a report is drawn from: plain rows and names, so that any experiment can fill it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import numpy as np

from swither.arrays import ByteArray
from swither.errors import InputError
from swither.report.paper_study import PaperStudy, SettingsGrid

Row: TypeAlias = Mapping[str, Any]

REFERENCE = "reference"
"""The method name of runs trained on all images: one row per seed."""

CIRCUMSTANCES = ("device", "machine", "precision", "threads", "deterministic", "torch", "numpy")
"""Fields of a result row that must be equal for results to be pooled: sameness holds for one type of machine."""

SHOWN_BESIDE = ("python", "swither")
"""Fields of a result row that are shown beside the circumstances, and may differ."""

_NEEDED = {
    "results": ("method", "seed", "cycle", "labelled", "accuracy"),
    "informativeness": ("method", "seed", "portion", "accuracy"),
    "wrong_predictions": ("method", "seed", "measure", "auroc", "cycle"),
    "opinions": ("seed", "cycle", "count", "method", "accuracy"),
    "overlaps": ("seed", "cycle", "count", "method", "other", "share", "by_chance"),
    "selected_classes": ("method", "seed", "cycle", "class_name", "count"),
    "initial_classes": ("method", "seed", "class_name", "count"),
    "pool_largest_class": ("method", "seed", "cycle", "epoch", "share"),
    "vaal_log": (
        "method",
        "seed",
        "cycle",
        "iteration",
        "discriminator_accuracy",
        "reconstruction_error",
        "error_of_the_mean",
    ),
    "coverings": (
        "method",
        "seed",
        "cycle",
        "greedy_radius",
        "radius",
        "lower_bound",
        "outliers_allowed",
        "outliers_used",
        "status",
        "seconds",
    ),
    "methods": ("name",),
}


@dataclass(frozen=True)
class MontageImage:
    """One example image with what the network called it while it learned.

    Attributes:
        pixels: (height, width, channels) uint8; channels is 1 or 3.
        id: the image's id.
        true_label: the name of its class.
        last_labels: names predicted at the last recorded epochs, oldest first; the last is the prediction.
        confidence: the probability of the prediction, in [0, 1].
        dispersion: in [0, 1]; 0 where every epoch gave the same label.
        side: whether it is shown among the most or the least dispersed images.
    """

    pixels: ByteArray
    id: str
    true_label: str
    last_labels: tuple[str, ...]
    confidence: float
    dispersion: float
    side: Literal["most", "least"]

    def __post_init__(self) -> None:
        pixels = np.asarray(self.pixels)
        if pixels.ndim != 3 or pixels.shape[2] not in (1, 3) or pixels.dtype != np.uint8:
            raise InputError(
                f"Expected pixels (height, width, 1 or 3) of type uint8 for image {self.id}, "
                f"got {pixels.shape} of type {pixels.dtype}."
            )
        if self.side not in ("most", "least"):
            raise InputError(f"Expected side 'most' or 'least' for image {self.id}, got {self.side!r}.")


@dataclass(frozen=True)
class ReportData:
    """Everything that a report shows. Only `title` and `results` are needed; what is empty is left out.

    Attributes:
        title: what was compared, a few words.
        results: a row for each trained model: `method`, `seed`, `cycle` (0 is the first training), `labelled`,
            `accuracy` (of the test images, 0 to 1), and where known `balanced_accuracy`, `macro_f1`, `recall`
            (one number per class), `seconds_training`, `seconds_recording`, `seconds_selecting`, and the
            circumstances, see `CIRCUMSTANCES` and `SHOWN_BESIDE`. Method
            `"reference"` holds the models trained on all images: one row per seed, any `cycle`, `labelled` the
            number of all training images. Seconds are those the training took, also where it was shared.
        command: the command that makes these results again.
        created: when the report was made, as it is to be shown.
        informativeness: rows `method`, `seed`, `portion` (0 to 1), `accuracy` of the first model on the portion
            of the pool that the method would take first, and where known `images` and `weights`, a digest of the
            model's: a training that was made twice may have two networks, which are not held against each other.
        wrong_predictions: rows `method`, `seed`, `cycle` (0 is the first training, which all methods of a seed share),
            `measure` (name of a score, such as ``dispersion``), `auroc` (0 to 1) of the measure for the wrong
            predictions of the model in the pool; where known `weights`.
        opinions: rows `seed`, `cycle`, `count`, `method`, and of the `count` images that the method would ask for
            after that one training `accuracy` of the model on them; where known `title`, `pool` (images), `classes`
            (how many of each class), `pool_accuracy`, `auroc` of its scores for wrong predictions in the pool, and
            `nearest_chosen` and `nearest_labelled`, distances relative to those of random draws.
        overlaps: rows `seed`, `cycle`, `count`, `method`, `other`, and of what both would ask for the `share` in
            common and what two random draws would share, `by_chance`.
        montage: example images, most dispersed first on either side.
        montage_source: from which training they come, such as ``dispersion, seed 0, cycle 4``; empty: not known.
        selected_classes: rows `method`, `seed`, `cycle`, `class_name`, `count`: how many images of the class
            the method chose at the end of that cycle; the random first set is no choice of its.
        initial_classes: rows `method`, `seed`, `class_name`, `count`: how many images of the class were in the random
            first set.
        pool_classes: how many images of each class the pool held before the first query.
        pool_largest_class: rows `method`, `seed`, `cycle`, `epoch` (from 1), `share` (0 to 1) of the pool that
            was given the most frequent label.
        vaal_log: rows `method`, `seed`, `cycle`, `iteration` and what VAAL's training measured since the row before:
            `discriminator_accuracy` (0 to 1), `reconstruction_error`, and `error_of_the_mean`, that of giving the mean
            image for every image.
        coverings: rows `method`, `seed`, `cycle`, `seconds` and the diagnostics of a query of CoreSet.
        class_names: names of the classes, in the order of `recall`.
        settings: groups of settings, each a mapping from name to value.
        data_notes: sentences about the data: source, split, copies, skipped files.
        methods: rows `name`, and where known `title`, `summary`, `paper`; in the order of the catalogue, which
            is the order everywhere in the report.
        planned: (method, seed) of every cell that the experiment is to hold, the reference's included; what has
            not finished is named. Empty: the methods and seeds that have results.
        versions: name of each library, and its version.
        warnings: sentences shown at the top.
        paper: what of the paper is repeated, where that is what the experiment is for.
        choice: settings that were tried on held-out training images before anything was compared.
    """

    title: str
    results: Sequence[Row]
    command: str = ""
    created: str = ""
    informativeness: Sequence[Row] = ()
    wrong_predictions: Sequence[Row] = ()
    opinions: Sequence[Row] = ()
    overlaps: Sequence[Row] = ()
    montage: Sequence[MontageImage] = ()
    montage_source: str = ""
    selected_classes: Sequence[Row] = ()
    initial_classes: Sequence[Row] = ()
    pool_classes: Mapping[str, int] = field(default_factory=dict)
    pool_largest_class: Sequence[Row] = ()
    vaal_log: Sequence[Row] = ()
    coverings: Sequence[Row] = ()
    class_names: Sequence[str] = ()
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    data_notes: Sequence[str] = ()
    methods: Sequence[Row] = ()
    planned: Sequence[tuple[str, int]] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
    warnings: Sequence[str] = ()
    paper: PaperStudy | None = None
    choice: SettingsGrid | None = None

    def __post_init__(self) -> None:
        for table, needed in _NEEDED.items():
            for position, row in enumerate(getattr(self, table)):
                missing = [name for name in needed if row.get(name) is None]
                if missing:
                    raise InputError(
                        f"Row {position} of {table} lacks {', '.join(missing)}: expected {', '.join(needed)}, "
                        f"got {', '.join(map(str, row)) or 'nothing'}."
                    )

    def method_order(self) -> tuple[str, ...]:
        """Names of all methods: in the order of `methods`, then those that only have rows."""
        tables = (self.results, self.informativeness, self.selected_classes, self.pool_largest_class)
        names = [str(row["name"]) for row in self.methods]
        names += [method for method, _ in self.planned]
        names += [str(row["method"]) for rows in tables for row in rows]
        return tuple(name for name in dict.fromkeys(names) if name != REFERENCE)

    def titles(self) -> dict[str, str]:
        """What to call each method in figures and tables."""
        known = {str(row["name"]): str(row.get("title") or row["name"]) for row in self.methods}
        return {name: known.get(name, name) for name in (*self.method_order(), REFERENCE)} | {
            REFERENCE: known.get(REFERENCE, "all data")
        }


def number(row: Row, name: str) -> float | None:
    """A number of a row, or None where it is absent, empty or not finite.

    Example:
        >>> number({"seconds": 1}, "seconds"), number({"seconds": float("nan")}, "seconds"), number({}, "seconds")
        (1.0, None, None)
    """
    value = row.get(name)
    if value is None or not math.isfinite(float(value)):
        return None
    return float(value)
