"""Pure functions of result arrays: spread over seeds, paired differences, learning curves, classification."""

from __future__ import annotations

from typing import TYPE_CHECKING

from swither.extras import lazy

if TYPE_CHECKING:
    from swither.statistics.bootstrap import bootstrap_interval as bootstrap_interval
    from swither.statistics.classification import accuracy as accuracy
    from swither.statistics.classification import balanced_accuracy as balanced_accuracy
    from swither.statistics.classification import confusion as confusion
    from swither.statistics.classification import macro_f1 as macro_f1
    from swither.statistics.classification import recall_per_class as recall_per_class
    from swither.statistics.curves import LabelsToReach as LabelsToReach
    from swither.statistics.curves import area_under_curve as area_under_curve
    from swither.statistics.curves import labels_to_reach as labels_to_reach
    from swither.statistics.curves import monotone_fit as monotone_fit
    from swither.statistics.equivalence import beyond_margin as beyond_margin
    from swither.statistics.equivalence import within_margin as within_margin
    from swither.statistics.holm import holm as holm
    from swither.statistics.labels_saved import LabelsSaved as LabelsSaved
    from swither.statistics.labels_saved import labels_saved as labels_saved
    from swither.statistics.paired_test import PairedTest as PairedTest
    from swither.statistics.paired_test import paired_test as paired_test
    from swither.statistics.penalty import PenaltyMatrix as PenaltyMatrix
    from swither.statistics.penalty import penalty_matrix as penalty_matrix
    from swither.statistics.power import detectable_difference as detectable_difference
    from swither.statistics.power import detection_power as detection_power
    from swither.statistics.power import seeds_needed as seeds_needed
    from swither.statistics.ranking import auroc as auroc
    from swither.statistics.sign_flip import SignFlip as SignFlip
    from swither.statistics.sign_flip import sign_flip as sign_flip
    from swither.statistics.spread import Interval as Interval
    from swither.statistics.spread import PairedDifference as PairedDifference
    from swither.statistics.spread import mean_and_deviation as mean_and_deviation
    from swither.statistics.spread import paired_difference as paired_difference
    from swither.statistics.spread import student_interval as student_interval

__all__ = lazy(
    __name__,
    {
        "Interval": "swither.statistics.spread",
        "LabelsSaved": "swither.statistics.labels_saved",
        "LabelsToReach": "swither.statistics.curves",
        "PairedDifference": "swither.statistics.spread",
        "PairedTest": "swither.statistics.paired_test",
        "PenaltyMatrix": "swither.statistics.penalty",
        "SignFlip": "swither.statistics.sign_flip",
        "accuracy": "swither.statistics.classification",
        "area_under_curve": "swither.statistics.curves",
        "auroc": "swither.statistics.ranking",
        "balanced_accuracy": "swither.statistics.classification",
        "beyond_margin": "swither.statistics.equivalence",
        "bootstrap_interval": "swither.statistics.bootstrap",
        "confusion": "swither.statistics.classification",
        "detectable_difference": "swither.statistics.power",
        "detection_power": "swither.statistics.power",
        "holm": "swither.statistics.holm",
        "labels_saved": "swither.statistics.labels_saved",
        "labels_to_reach": "swither.statistics.curves",
        "macro_f1": "swither.statistics.classification",
        "mean_and_deviation": "swither.statistics.spread",
        "monotone_fit": "swither.statistics.curves",
        "paired_difference": "swither.statistics.spread",
        "paired_test": "swither.statistics.paired_test",
        "penalty_matrix": "swither.statistics.penalty",
        "recall_per_class": "swither.statistics.classification",
        "seeds_needed": "swither.statistics.power",
        "sign_flip": "swither.statistics.sign_flip",
        "student_interval": "swither.statistics.spread",
        "within_margin": "swither.statistics.equivalence",
    },
)
