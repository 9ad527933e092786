"""Pure functions of result arrays: spread over seeds, paired differences, learning curves, classification."""

from __future__ import annotations

from typing import TYPE_CHECKING

from swither.extras import lazy

if TYPE_CHECKING:
    from swither.statistics.classification import accuracy as accuracy
    from swither.statistics.classification import balanced_accuracy as balanced_accuracy
    from swither.statistics.classification import confusion as confusion
    from swither.statistics.classification import macro_f1 as macro_f1
    from swither.statistics.classification import recall_per_class as recall_per_class
    from swither.statistics.curves import LabelsToReach as LabelsToReach
    from swither.statistics.curves import area_under_curve as area_under_curve
    from swither.statistics.curves import labels_to_reach as labels_to_reach
    from swither.statistics.curves import monotone_fit as monotone_fit
    from swither.statistics.ranking import auroc as auroc
    from swither.statistics.spread import Interval as Interval
    from swither.statistics.spread import PairedDifference as PairedDifference
    from swither.statistics.spread import mean_and_deviation as mean_and_deviation
    from swither.statistics.spread import paired_difference as paired_difference
    from swither.statistics.spread import student_interval as student_interval

__all__ = lazy(
    __name__,
    {
        "Interval": "swither.statistics.spread",
        "LabelsToReach": "swither.statistics.curves",
        "PairedDifference": "swither.statistics.spread",
        "accuracy": "swither.statistics.classification",
        "area_under_curve": "swither.statistics.curves",
        "auroc": "swither.statistics.ranking",
        "balanced_accuracy": "swither.statistics.classification",
        "confusion": "swither.statistics.classification",
        "labels_to_reach": "swither.statistics.curves",
        "macro_f1": "swither.statistics.classification",
        "mean_and_deviation": "swither.statistics.spread",
        "monotone_fit": "swither.statistics.curves",
        "paired_difference": "swither.statistics.spread",
        "recall_per_class": "swither.statistics.classification",
        "student_interval": "swither.statistics.spread",
    },
)
