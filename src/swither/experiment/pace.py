"""How far a comparison is, and how long it still takes, from its plan and the pace so far."""

from __future__ import annotations

import math

from swither.experiment.cells import REFERENCE, Cell
from swither.experiment.plan import END_SECONDS, Plan

Piece = tuple[Cell | int, int, str]  # a cell or, for what its methods share, a seed; the cycle; and which part of it

QUERY = "training VAAL"
"""What the loop calls the training of networks that only choose; a piece of its own, as it follows a cycle's test."""

MEASURED = ("training", QUERY)
"""Of what watchers are told, what moves the bar while it lasts."""

SMOOTHED_SECONDS = 15.0
"""How long the expected end takes to follow a new pace."""


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
        self._expected: dict[Piece, float] = {}
        for work in plan.work:
            query = work.query_seconds(plan.speeds)
            self._expected[_piece(work.cell or work.seed, work.cycle)] = work.seconds(plan.speeds) - query
            if work.cell and query:
                self._expected[_piece(work.cell, work.cycle, QUERY)] = query
        self._total = sum(self._expected.values())
        self._jobs = plan.jobs
        self._done: dict[Piece, float] = {}
        least = self._least_left()
        self._scale = plan.training_seconds / least if least else 1.0  # workers that wait for each other
        self._planned = plan.training_seconds
        self._asked: float | None = None  # when the time left was last asked for
        self._end = 0.0  # and the end that was expected then

    def working(self, cell: Cell, cycle: int, done: int, total: int, what: str = "training") -> None:
        """A training (`what` is one of `MEASURED`) is at epoch or iteration `done` of `total`."""
        piece = _piece(cell, cycle, QUERY) if what == QUERY else self._training_of(cell, cycle)
        self._at_least(piece, done / total if total else 0.0)

    def finished(self, cell: Cell, cycle: int) -> None:
        """A cell has finished a cycle."""
        self._at_least(self._training_of(cell, cycle), 1.0)
        self._at_least(_piece(cell, cycle), 1.0)
        self._at_least(_piece(cell, cycle - 1, QUERY), 1.0)

    @property
    def share(self) -> float:
        """Of the work that is done, 0 to 1."""
        if not self._total:
            return 1.0
        return min(1.0, sum(self._expected[piece] * share for piece, share in self._done.items()) / self._total)

    def seconds_left(self, elapsed: float) -> float:
        """By the plan at first, by the measured pace the more the longer it has been measured; smoothed.

        What is left is divided among the workers, but no run is quicker than its own cycles: a long last one counts
        whole. The expected end moves slowly, so that a single slow epoch does not move it far.

        Args:
            elapsed: seconds since the first training began.
        """
        if self.share >= 1:
            return 0.0
        left = self._scale * self._least_left()
        # Of the plan that is done: never less than the workers need for it, where the longest run is still to begin.
        behind = max(self._planned - left, self._scale * self.share * self._total / self._jobs)
        trust = min(1.0, self.share / 0.1)  # below a tenth there is little to go by
        slowdown = trust * elapsed / behind + 1 - trust if behind > 0 else 1.0
        expected = elapsed + slowdown * left + END_SECONDS
        if self._asked is None:
            self._end = expected
        else:
            self._end += (expected - self._end) * -math.expm1(-max(0.0, elapsed - self._asked) / SMOOTHED_SECONDS)
        self._asked = elapsed
        return max(self._end - elapsed, (expected - elapsed) / 2)  # smoothing never hides half of what is left

    def _least_left(self) -> float:
        """Seconds of the plan, if no worker ever waited: all that is left shared out, or the longest run of it."""
        left = {piece: seconds * (1 - self._done.get(piece, 0.0)) for piece, seconds in self._expected.items()}
        runs: dict[Cell, float] = {}
        for (who, _, _), seconds in left.items():
            if isinstance(who, Cell):
                runs[who] = runs.get(who, 0.0) + seconds
        longest = max(
            (
                s + (0.0 if cell.method == REFERENCE else left.get(_piece(cell.seed, 0), 0.0))
                for cell, s in runs.items()
            ),
            default=0.0,
        )
        return max(sum(left.values()) / self._jobs, longest)

    def _training_of(self, cell: Cell, cycle: int) -> Piece:
        """The piece that holds the training of a cycle: the first is the seed's."""
        shared = cycle == 0 and cell.method != REFERENCE and _piece(cell.seed, 0) in self._expected
        return _piece(cell.seed, 0) if shared else _piece(cell, cycle)

    def _at_least(self, piece: Piece, share: float) -> None:
        if piece in self._expected:
            self._done[piece] = max(share, self._done.get(piece, 0.0))


def _piece(who: Cell | int, cycle: int, part: str = "") -> Piece:
    return who, cycle, part
