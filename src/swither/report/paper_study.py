"""What a report needs to know of a folder that repeats the paper: data set, scale, and which method is which."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from swither.errors import InputError
from swither.own_code import is_own
from swither.report.paper_figures import TABLE_1


@dataclass(frozen=True)
class PaperStudy:
    """A repetition of the paper's experiments on one of its data sets.

    Attributes:
        dataset: ``cifar10`` or ``cifar100``.
        scale: ``full``, or ``small`` where fewer images, a smaller network or fewer epochs stand for the paper's.
        cycles: queries; the paper's Table 1 is of the last cycle.
        methods: the paper's name of a method, see `PAPER_METHODS`, or ``oracle`` -> its name in the report's rows.
        reduced: what differs from the paper's scale, a few words each; empty at full scale.
        beside: the other data set's folder, where it is known.
        training_images: of which the labels are a part, where that is known.
    """

    dataset: Literal["cifar10", "cifar100"]
    scale: Literal["full", "small"]
    cycles: int = 4
    methods: Mapping[str, str] = field(default_factory=dict)
    reduced: Sequence[str] = ()
    beside: Beside | None = None
    training_images: int | None = None

    def __post_init__(self) -> None:
        if self.dataset not in TABLE_1:
            raise InputError(f"Expected one of the paper's data sets, {', '.join(TABLE_1)}, got {self.dataset!r}.")
        if self.scale not in ("full", "small"):
            raise InputError(f"Expected the scale full or small, got {self.scale!r}.")

    @property
    def is_full(self) -> bool:
        """Whether figures here can be held against the paper's."""
        return self.scale == "full"

    def apart(self, methods: Iterable[str]) -> list[str]:
        """Those of some methods in the folder that are not of the paper: `swither paper` does not run them.

        Functions of the user's own are no such methods: they join what the paper compares.
        """
        of_paper = (*self.methods.values(), "reference")
        return [name for name in dict.fromkeys(methods) if name not in of_paper and not is_own(name)]


@dataclass(frozen=True)
class Beside:
    """Another folder that repeats the paper, as far as its figures stand beside these.

    Attributes:
        study: what it repeats.
        results: its rows, as in `ReportData.results`.
        methods: its methods, as in `ReportData.methods`.
        planned: its cells, as in `ReportData.planned`.
    """

    study: PaperStudy
    results: Sequence[Mapping[str, Any]]
    methods: Sequence[Mapping[str, Any]] = ()
    planned: Sequence[tuple[str, int]] = ()


@dataclass(frozen=True)
class SettingsGrid:
    """Settings that were tried on held-out training images before anything was compared.

    Attributes:
        rows: a mapping for each combination: the values tried, and ``accuracy`` on the held-out images (0 to 1).
        chosen: the values that were best.
        training_images: that each network was trained on.
        held_out_images: that judged it.
        unequal: circumstance, such as ``machine`` -> its values, where not all were trained under the same.
        used: setting -> the value that was compared with, which is another where it was given; empty where unknown.
    """

    rows: Sequence[Mapping[str, Any]]
    chosen: Mapping[str, Any]
    training_images: int
    held_out_images: int
    unequal: Mapping[str, Sequence[str]] = field(default_factory=dict)
    used: Mapping[str, Any] = field(default_factory=dict)

    @property
    def given(self) -> dict[str, Any]:
        """Settings that were compared with another value than the chosen one."""
        return {name: self.used[name] for name, value in self.chosen.items() if self.used.get(name, value) != value}
