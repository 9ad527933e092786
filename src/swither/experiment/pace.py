"""How far a comparison is, and how long it still takes, from its plan and the pace so far."""

from __future__ import annotations

from swither.experiment.cells import REFERENCE, Cell
from swither.experiment.plan import Plan

Piece = tuple[Cell | int, int]  # a cell or, for what its methods share, a seed; and the cycle


class Pace:
    """Weighs pieces of work by their expected time, so that a long one moves the bar further.

    Args:
        plan: what is to be done.

    Example:
        >>> from swither.data.settings import DataSettings
        >>> from swither.experiment.plan import make_plan
        >>> from swither.experiment.settings import CompareSettings
        >>> from swither.experiment.work import Speeds
        >>> speeds = Speeds(0.002, 0.001, 0.05, 0.1, 500_000_000, 4_000_000, 128)
        >>> settings = CompareSettings(DataSettings("digits"), ("random",), seeds=1, reference=False, cycles=0)
        >>> pace = Pace(make_plan(settings, 1000, 200, 10, speeds))
        >>> pace.share
        0.0
        >>> pace.finished(Cell("random", 0), 0)
        >>> pace.share, pace.seconds_left(60.0)
        (1.0, 0.0)
    """

    def __init__(self, plan: Plan) -> None:
        self._expected = {_piece(w.cell or w.seed, w.cycle): w.seconds(plan.speeds) for w in plan.work}
        self._total = sum(self._expected.values())
        self._seconds = plan.seconds
        self._done: dict[Piece, float] = {}

    def working(self, cell: Cell, cycle: int, done: int, total: int) -> None:
        """A training is at epoch `done` of `total`."""
        self._at_least(self._training_of(cell, cycle), done / total if total else 0.0)

    def finished(self, cell: Cell, cycle: int) -> None:
        """A cell has finished a cycle."""
        self._at_least(self._training_of(cell, cycle), 1.0)
        self._at_least(_piece(cell, cycle), 1.0)

    @property
    def share(self) -> float:
        """Of the work that is done, 0 to 1."""
        if not self._total:
            return 1.0
        return min(1.0, sum(self._expected[piece] * share for piece, share in self._done.items()) / self._total)

    def seconds_left(self, elapsed: float) -> float:
        """By the plan at first, by the measured pace the more the longer it has been measured.

        Args:
            elapsed: seconds since the first training began.
        """
        share = self.share
        if share == 0:
            return max(0.0, self._seconds - elapsed)
        measured, planned = elapsed / share, self._seconds
        trust = min(1.0, share / 0.1)  # below a tenth there is little to go by
        return (trust * measured + (1 - trust) * planned) * (1 - share)

    def _training_of(self, cell: Cell, cycle: int) -> Piece:
        """The piece that holds the training of a cycle: the first is the seed's."""
        shared = cycle == 0 and cell.method != REFERENCE and (cell.seed, 0) in self._expected
        return (cell.seed, 0) if shared else _piece(cell, cycle)

    def _at_least(self, piece: Piece, share: float) -> None:
        if piece in self._expected:
            self._done[piece] = max(share, self._done.get(piece, 0.0))


def _piece(who: Cell | int, cycle: int) -> Piece:
    return who, cycle
