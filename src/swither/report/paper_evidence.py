"""The measurements of a folder under the paper's names for methods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

from swither.report.comparison import Comparison
from swither.report.contents import REFERENCE, ReportData
from swither.report.first_models import of_first_model
from swither.report.paper_answer import Seeds
from swither.report.paper_figures import ALL_DATA, DATA_SETS, FAULT_BELOW, TABLE_1, TITLES
from swither.report.paper_study import PaperStudy
from swither.report.portions import portion_curves
from swither.report.verdict import Contrast
from swither.report.wording import in_prose
from swither.statistics import area_under_curve, mean_and_deviation
from swither.statistics.labels_saved import LabelsSaved

BySeed = Mapping[int, float]


class Evidence:
    """What a folder measured, looked up by the paper's names.

    Args:
        comparison: the folder's results.
        study: what it repeats.
    """

    def __init__(self, comparison: Comparison, study: PaperStudy) -> None:
        self.comparison, self.study = comparison, study
        self.dataset = DATA_SETS[study.dataset]

    @classmethod
    def beside(cls, study: PaperStudy) -> Evidence | None:
        """Of the other data set's folder, where it is known."""
        other = study.beside
        if other is None:
            return None
        data = ReportData("", other.results, methods=other.methods, planned=other.planned)
        return cls(Comparison(data), other.study)

    def name(self, method: str) -> str:
        """What the folder's rows call a method."""
        return REFERENCE if method == ALL_DATA else self.study.methods.get(method, method)

    def title(self, method: str) -> str:
        """What the report calls it, as it stands in a sentence."""
        known = self.comparison.titles.get(self.name(method), TITLES[method])
        return in_prose(known)

    def accuracy(self, method: str, cycle: int | None = None) -> BySeed:
        """Test accuracy of each seed that has reached a cycle, by default the last one; empty where none has."""
        if method == ALL_DATA:
            point = self.comparison.reference_point
        else:
            point = self.comparison.point(self.name(method), self.study.cycles if cycle is None else cycle)
        return point.values if point else {}

    def mean_height(self, method: str) -> BySeed:
        """The mean height of the learning curve of each seed that has finished."""
        curve = self.comparison.curve(self.name(method))
        if len(curve) <= self.study.cycles or not self.study.cycles:
            return {}
        seeds = set.intersection(*(set(point.values) for point in curve))
        labelled = [point.labelled for point in curve]
        return {s: area_under_curve(labelled, [point.values[s] for point in curve]) for s in sorted(seeds)}

    def relative(self, method: str) -> BySeed:
        """Accuracy at the last cycle as a share of the all-data accuracy of the same seed."""
        return self.comparison.shares_of_all_data(self.accuracy(method))

    @property
    def points_below(self) -> float | None:
        """How far the all-data accuracy is below the paper's; None where none is there, or not at the paper's scale."""
        accuracy = self.accuracy(ALL_DATA)
        if not self.study.is_full or not accuracy:
            return None
        return TABLE_1[self.study.dataset][ALL_DATA].accuracy - 100 * mean_and_deviation(list(accuracy.values()))[0]

    @property
    def has_fault(self) -> bool:
        """Whether that is so far that there is a fault to find before anything is said of the paper."""
        return self.points_below is not None and self.points_below > FAULT_BELOW

    def planned_seeds(self, method: str) -> int:
        """How many seeds the folder is to hold of a method."""
        return sum(name == self.name(method) for name, _ in self.comparison.planned)

    def seeds(self, *made: Contrast | LabelsSaved | None, refuting: Sequence[Contrast] = ()) -> Seeds | None:
        """On how many of the planned seeds a verdict rests; None where nothing was measured.

        What holds needs every comparison; to fail, one is enough. That one's seeds may be complete while others' are
        still to come. These can then shift Holm's correction of it, but are none of the seeds that it was made of.

        Args:
            made: the comparisons that it is made of; the one with the fewest seeds counts, what is missing does not.
            refuting: those of them that refute it, each by itself; where there are any, the one with most seeds counts.
        """
        pairs = [found.pairs for found in made if found is not None]
        if not pairs:
            return None
        have = max((found.pairs for found in refuting), default=min(pairs))
        return Seeds(have, len({seed for _, seed in self.comparison.planned}))

    @cached_property
    def informativeness(self) -> Mapping[str, Mapping[float, BySeed]]:
        """Name in the rows -> portion below the whole -> seed -> accuracy of the first model on that portion."""
        curves = portion_curves(self.comparison)
        return {name: {p: seeds for p, seeds in curve.items() if p < 1} for name, curve in curves.items()}

    @cached_property
    def wrong_predictions(self) -> Mapping[str, BySeed]:
        """Measure -> seed -> its area under the ROC curve for the wrong predictions of the first model.

        Of several cells of a seed that share that model the first one counts.
        """
        found: dict[str, dict[int, float]] = {}
        for row in of_first_model(self.comparison, self.comparison.data.wrong_predictions):
            found.setdefault(str(row["measure"]), {}).setdefault(int(row["seed"]), float(row["auroc"]))
        return found
