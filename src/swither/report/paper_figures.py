"""The figures that the paper prints. Its curves are only drawn, so nothing of them stands here.

References:
    J. Zolfaghari Bengar, B. Raducanu, J. van de Weijer: When Deep Learners Change Their Mind: Learning Dynamics for
    Active Learning. CAIP 2021. Table 1; section 4.2.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

ALL_DATA = "all-data"

PAPER_METHODS = ("dispersion", "margin", "bald", "kcenter", "coreset", "vaal", "random")
"""What the paper compares, in the order of its Table 1."""

ORACLE = "oracle"
"""The upper bound of the paper's Fig. 3; its Table 1 has no figure of it."""


TITLES: Mapping[str, str] = {
    ALL_DATA: "All data",
    "dispersion": "Dispersion",
    "margin": "Margin",
    "bald": "BALD",
    "kcenter": "k-center greedy",
    "coreset": "CoreSet",
    "vaal": "VAAL",
    "random": "Random",
    ORACLE: "Oracle",
}
"""What a method is called where the folder does not name it."""


class Printed(NamedTuple):
    """One row of Table 1 for one data set.

    Attributes:
        accuracy: with 30 % of the labels, in per cent.
        relative: to training on all data, in per cent, as printed.
    """

    accuracy: float
    relative: float


TABLE_1: Mapping[str, Mapping[str, Printed]] = {
    "cifar10": {
        ALL_DATA: Printed(93.61, 100.0),
        "dispersion": Printed(90.74, 96.93),
        "margin": Printed(90.44, 96.61),
        "bald": Printed(90.66, 96.85),
        "kcenter": Printed(89.57, 95.69),
        "coreset": Printed(89.45, 95.56),
        "vaal": Printed(87.88, 93.88),
        "random": Printed(87.65, 93.63),
    },
    "cifar100": {
        ALL_DATA: Printed(74.61, 100.0),
        "dispersion": Printed(60.66, 81.97),
        "margin": Printed(59.78, 80.78),
        "bald": Printed(59.54, 80.46),
        "kcenter": Printed(59.64, 80.59),
        "coreset": Printed(59.87, 80.91),
        "vaal": Printed(58.42, 78.95),
        "random": Printed(58.47, 79.02),
    },
}

DATA_SETS: Mapping[str, str] = {"cifar10": "CIFAR-10", "cifar100": "CIFAR-100"}

GAIN_IN_THE_TEXT = 7.5
"""Per cent: "The active learning gain of dispersion against Random sampling is around 7.5% at cycle 4"."""

LABELS_SAVED = 4000
"""Of 50,000: "equivalent to annotating 4000 samples less"."""

TRAINING_IMAGES = 50_000

REACHED: Mapping[str, float] = {"cifar10": 97.0, "cifar100": 82.0}
"""Per cent of the all-data accuracy: "almost 97% and 82%"."""

FAULT_BELOW = 0.7
"""Points: an all-data accuracy further below the paper's means a fault here, not a finding."""


def printed_gain(dataset: str) -> float:
    """Points by which dispersion is ahead of random in Table 1.

    Example:
        >>> round(printed_gain("cifar10"), 2), round(printed_gain("cifar100"), 2)
        (3.09, 2.19)
    """
    rows = TABLE_1[dataset]
    return rows["dispersion"].accuracy - rows["random"].accuracy


def relative_of_printed(dataset: str, method: str) -> float:
    """A method's accuracy in Table 1 as a share of the all-data accuracy in Table 1, in per cent.

    On CIFAR-100 this is not what the table prints beside it: its last column fits an all-data accuracy of 74.00.

    Example:
        >>> [round(relative_of_printed(name, "dispersion"), 2) for name in ("cifar10", "cifar100")]
        [96.93, 81.3]
    """
    rows = TABLE_1[dataset]
    return 100 * rows[method].accuracy / rows[ALL_DATA].accuracy
