"""CoreSet: the batch that covers the pool at the smallest radius, a few outliers left aside; solved and proven."""

from __future__ import annotations

import math
import operator
import time
from typing import Any

import numpy as np

from swither.acquisition.distances import pair_distances
from swither.acquisition.embeddings import as_embeddings
from swither.acquisition.farthest_first import farthest_first, nearest_squared
from swither.acquisition.kcenter import greedy_picks
from swither.acquisition.selection import Selection, as_count, require_generator
from swither.arrays import AnyArray, FloatArray, IntArray
from swither.errors import InputError


def coreset(
    embeddings: Any,
    labelled_embeddings: Any,
    count: int,
    generator: np.random.Generator | None = None,
    *,
    outliers: float = 1e-4,
    nodes: int = 2000,
    seconds: float = 300.0,
) -> Selection:
    """Take the `count` candidates that leave the smallest radius, robust k-center as a binary program.

    The radius is the largest distance between a candidate and its nearest centre, labelled or chosen, after leaving
    out the z = floor(outliers x (labelled + samples)) farthest ones. k-center greedy is the incumbent; radii below its
    own are tried by covering questions, answered by reductions and by HiGHS. So the choice is never worse than greedy,
    and says how far it is from the best possible one: `lower_bound` rises above half the distance that greedy has
    left after count + z picks only by a proof.

    Distances are Euclidean, computed in float64, and exact. Where several choices are equally good, the
    order of rows may decide. A smaller count is another question and need not give the first part of a larger one's
    choice.

    Args:
        embeddings: (samples, width) of the candidates, array or tensor.
        labelled_embeddings: (labelled, width) of the labelled samples; may have no row.
        count: how many to take, from 0 to samples.
        generator: not used; nothing is drawn.
        outliers: the share, 0 or more and below 1, of labelled and candidates that may lie outside the radius.
        nodes: of the solver's tree, at most, 0 or more: with the same limit the choice is the same on any machine.
        seconds: a safety net, above 0. A choice that it cut short is marked, and may differ on another machine.

    Returns:
        The selection, in farthest-first order. Its diagnostics: ``status`` (``optimal``: the radius is proven the
        smallest; ``feasible``: better than greedy's; ``greedy``: greedy's choice), ``greedy_radius``, ``radius`` and
        ``lower_bound`` in the embeddings' unit, ``outliers_allowed`` and ``outliers_used``, ``nodes``, ``radii_tried``,
        ``radii_open`` (the limits came before an answer), ``cut_by_clock``, and ``graph_too_dense`` (whether
        radii were left out because too many pairs lie within them).

    Raises:
        InputError: the embeddings differ in width or are not finite, `count` does not lie between 0 and `samples`, or
            a setting makes no sense.

    References:
        Sener and Savarese, "Active Learning for Convolutional Neural Networks: A Core-Set Approach", ICLR 2018,
        section 4.2 and algorithm 2.

    Example:
        >>> line = [[0.0], [1.0], [2.0], [7.0], [8.0], [9.0]]
        >>> chosen = coreset(line, [], count=2)
        >>> sorted(chosen.positions.tolist()), chosen.diagnostics["radius"], chosen.diagnostics["status"]
        ([1, 4], 1.0, 'optimal')
    """
    points = as_embeddings("embeddings", embeddings)
    centres = as_embeddings("labelled_embeddings", labelled_embeddings, width=points.shape[1])
    count = as_count(count, len(points))
    if generator is not None:
        require_generator(generator)
    allowed = _outliers_allowed(outliers, len(points) + len(centres))
    nodes = _whole("nodes", nodes)
    deadline = time.monotonic() + _positive("seconds", seconds)
    if count == 0:
        return Selection(np.empty(0, dtype=np.int64))
    return _Query(points, centres, count, allowed).solve(nodes, deadline)


class _Query:
    """One pool, one count. Radii and distances are squared."""

    def __init__(self, points: AnyArray, centres: AnyArray, count: int, allowed: int) -> None:
        self.points, self.centres, self.count, self.allowed = points, centres, count, allowed
        picks, squared = greedy_picks(points, centres, min(count + allowed + 1, len(points)))
        self.greedy = picks[:count]
        # Of count + allowed + 1 points this far from each other and from every labelled one, more than count are no
        # outliers: two share a centre, or one has a labelled one; either way some distance is half of theirs.
        self.bound = float(squared[count + allowed]) / 4 if len(squared) > count + allowed else 0.0
        self.own = nearest_squared(points, centres, above=self.bound)  # (samples,) to the labelled

    def solve(self, nodes: int, deadline: float) -> Selection:
        greedy_radius, _ = self.left_by(self.greedy)
        diagnostics: dict[str, Any] = {"nodes": 0, "radii_tried": 0, "radii_open": 0}
        diagnostics |= {"cut_by_clock": False, "graph_too_dense": False}
        positions, bound = self.greedy, self.bound
        if self.bound < greedy_radius:
            from swither.acquisition.radius_graph import RadiusGraph  # they load SciPy's solvers
            from swither.acquisition.radius_search import Found, RadiusSearch

            # Of copies, as many as there are outliers and one more say all: one of them is covered, or none matters.
            order = _without_more_copies(self.points, _order_by_content(self.points), self.allowed + 1)
            graph = RadiusGraph(self.points[order], self.own[order], float(np.nextafter(greedy_radius, 0)), deadline)
            search = RadiusSearch(
                graph,
                Found(greedy_radius, self.bound),
                budget=self.count,
                outliers=self.allowed,
                nodes=nodes,
                deadline=deadline,
            )
            found = search.run()
            del graph, search
            bound = found.bound
            if found.centres is not None:
                positions = self.filled(np.sort(order[found.centres]))
            diagnostics = {
                "nodes": found.nodes,
                "radii_tried": len(found.tried),
                "radii_open": len(found.open),
                "cut_by_clock": found.clock_cut,
                "graph_too_dense": found.too_dense,
            }
        radius, used = self.left_by(positions)
        assert bound <= radius <= greedy_radius, (bound, radius, greedy_radius)
        better = "feasible" if radius < greedy_radius else "greedy"
        return Selection(
            positions,
            {
                "status": "optimal" if bound == radius else better,
                "greedy_radius": math.sqrt(greedy_radius),
                "radius": math.sqrt(radius),
                "lower_bound": math.sqrt(bound),
                "outliers_allowed": self.allowed,
                "outliers_used": used,
                **diagnostics,
            },
        )

    def left_by(self, chosen: IntArray) -> tuple[float, int]:
        """The radius that a choice leaves, and how many candidates lie outside."""
        far = np.flatnonzero(self.own > self.bound)  # the others are near enough in any case
        far = np.setdiff1d(far, chosen, assume_unique=True)
        left = np.minimum(self.own[far], nearest_squared(self.points[far], self.points[chosen], above=self.bound))
        left.sort()
        radius = float(left[-1 - self.allowed]) if len(left) > self.allowed else self.bound
        radius = max(radius, self.bound)
        return radius, int((left > radius).sum())

    def filled(self, chosen: IntArray) -> IntArray:
        """The chosen and, farthest first, as many more as the count allows; all in farthest-first order."""
        more = self.count - len(chosen)
        if more:
            centres = np.concatenate([self.centres, self.points[chosen]])
            further, _ = farthest_first(self.points, centres, more, left_out=chosen.tolist())
            chosen = np.sort(np.concatenate([chosen, further]))
        picks, _ = greedy_picks(self.points[chosen], self.centres, self.count)
        return np.asarray(chosen[picks])


def _order_by_content(points: AnyArray) -> IntArray:
    """An order that hardly depends on the one given and puts copies together; of equal choices it decides."""
    norms = pair_distances(points, np.zeros((1, points.shape[1])))
    sums: FloatArray = points.sum(axis=1, dtype=np.float64)
    return np.lexsort((points[:, 0], sums, norms))


def _without_more_copies(points: AnyArray, order: IntArray, most: int) -> IntArray:
    """The order with at most so many of each run of copies; copies are next to each other in an order by content."""
    ordered = points[order]
    first = np.ones(len(order), dtype=bool)
    first[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    places = np.arange(len(order))
    starts = np.maximum.accumulate(np.where(first, places, 0))
    return order[places - starts < most]


def _outliers_allowed(share: Any, total: int) -> int:
    value = _number(share)
    if not 0 <= value < 1:
        raise InputError(f"Expected outliers as a share, 0 or more and below 1, got {share!r}.")
    return math.floor(value * total + 1e-9)  # 0.0001 x 30,000 is 2.9999999999999996 in some orders of rounding


def _whole(name: str, value: Any) -> int:
    try:
        number = operator.index(value)
    except TypeError:
        number = -1
    if number < 0 or isinstance(value, bool):
        raise InputError(f"Expected {name} as a whole number, 0 or more, got {value!r}.")
    return number


def _positive(name: str, value: Any) -> float:
    number = _number(value)
    if not number > 0:
        raise InputError(f"Expected {name} as a number above 0, got {value!r}.")
    return number


def _number(value: Any) -> float:
    """The value as a float; NaN, which fits no range, where it is no number."""
    return float(value) if isinstance(value, (int, float, np.number)) and not isinstance(value, bool) else math.nan
