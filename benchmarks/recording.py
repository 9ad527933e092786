"""What recording a pool costs in one cycle, in full, online and deferred, and where the time goes.

Real images: CIFAR-10 and MNIST. A tiny network is trained for 60 epochs on a few hundred of them, and the pool recorded
after each. The networks of all epochs are kept in memory, so that every way to record looks at the same ones, at
budgets of 2, 5 and 10 % of the pool. Online and deferred must ask for the ids that the full recording asks for, in
their order, and see the same labels. Online is timed at 5 % alone; how many forward passes it takes at the others
follows from the labels. A pass that computes a chunk which is not full counts as the whole chunk. The floor: every
chosen image in every epoch, and of each other one no more epochs than show that it is settled.

The last row is of an approximate way: BatchNorm folded into the convolutions of a ResNet-8, with the share of labels
and of chosen ids that change.

Run: python benchmarks/recording.py [--quick] [--threads N] [--json FILE].
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import numpy as np
from _data import DATA
from _measure import Row, main, same
from _recorded_cycle import Cycle, Size, real_images, trained

from swither.acquisition import dispersion, take_highest
from swither.arrays import AnyArray, IntArray
from swither.dynamics.deferred import DeferredSearch
from swither.dynamics.online import OnlineSearch
from swither.models.folding import folded
from swither.training import use_threads
from swither.training.chunk import CHUNK

BUDGETS = (0.02, 0.05, 0.1)
TIMED_ONLINE = 0.05
GOAL = 0.60
STATED = "deferred takes at most 0.60 of the forward passes at a budget of 5 %, with the same ids"


FULL = {"cifar10": Size(500, 2500, 60), "mnist": Size(300, 2500, 60)}
QUICK = Size(64, 300, 6)
FOLDED, FOLDED_QUICK = Size(300, 1000, 20), Size(64, 200, 3)


def chosen(labels: AnyArray, missing: int, budget: int) -> IntArray:
    """What dispersion takes of the samples that were looked at in every epoch."""
    whole = np.flatnonzero((labels != missing).all(axis=0))
    return whole[take_highest(dispersion(labels[:, whole]), budget).positions]


def floor(labels: AnyArray, budget: int) -> int:
    """Looks that no choice by labels alone can do without."""
    modal = np.max([(labels == label).sum(axis=0) for label in range(int(labels.max()) + 1)], axis=0)
    order = np.argsort(modal, kind="stable")
    last, rest = order[budget - 1], order[budget:]
    needed = modal[last] + (rest < last)  # a tie with the last one is lost by whoever stands behind it
    return budget * len(labels) + int(np.maximum(needed, 1).sum())


def online(cycle: Cycle, budget: int, *, counting: bool) -> AnyArray:
    look = cycle.known if counting else cycle.look
    search = OnlineSearch(len(cycle.networks), len(cycle.pool), cycle.pool.classes, budget)
    for epoch in range(len(cycle.networks)):
        search.add(look(epoch, search.rows))
    return search.seen.labels


def deferred(cycle: Cycle, budget: int) -> AnyArray:
    search = DeferredSearch(len(cycle.networks), len(cycle.pool), cycle.pool.classes, budget, chunk=CHUNK)
    return search.run(cycle.look)


def rows_of(name: str, size: Size) -> Iterator[Row]:
    cycle = trained(real_images(name, size.labelled + size.pool), size, "tiny")
    recorded, missing = np.asarray(cycle.history.labels), cycle.history.not_recorded
    passes = len(recorded) * math.ceil(len(cycle.pool) / CHUNK) * CHUNK
    for share in BUDGETS:
        budget = max(1, round(share * len(cycle.pool)))
        begin = time.perf_counter()
        expected = chosen(recorded, missing, budget)
        selecting = time.perf_counter() - begin
        seconds, shares = {"full": cycle.seconds_recording}, {}
        ways = {
            "swither": lambda budget=budget: deferred(cycle, budget),
            "online": lambda budget=budget, share=share: online(cycle, budget, counting=share != TIMED_ONLINE),
        }
        for way, run in ways.items():
            taken, looked, labels = timed(cycle, run)
            shares[way] = looked / passes
            if way == "swither" or share == TIMED_ONLINE:
                seconds[way] = taken
            seen = labels != missing
            same(f"the labels of {way}", labels[seen], recorded[seen])
            same(f"the ids of {way}", chosen(labels, missing, budget), expected)
        yield {
            "work": f"record {name} at a budget of {share:.0%}",
            **asdict(size),
            "forwards_online": shares["online"],
            "forwards_deferred": shares["swither"],
            "forwards_floor": floor(recorded, budget) / passes,
            "seconds_training": cycle.seconds_training,
            "seconds_selecting": selecting,
            "seconds": seconds,
            "ratio": {way: seconds[way] / seconds["swither"] for way in seconds if way != "swither"},
            **(reached(shares["swither"]) if share == TIMED_ONLINE else {}),
        }


def reached(share: float) -> Row:
    """The goal, which is of forward passes and not of seconds."""
    return {"goal": {"share of forwards": GOAL}, "reached": {"share of forwards": share <= GOAL}}


def row_of_folding(size: Size) -> Row:
    """How much quicker a folded network is, and what it changes."""
    cycle = trained(real_images("cifar10", size.labelled + size.pool), size, "resnet8")
    labels_of, missing = cycle.labels_of, cycle.history.not_recorded
    cycle.labels_of = lambda model, images: labels_of(folded(model), images)
    everything = np.arange(len(cycle.pool))
    begin = time.perf_counter()
    labels = np.stack([cycle.look(epoch, everything) for epoch in range(len(cycle.networks))])
    folded_seconds = time.perf_counter() - begin
    plain = np.asarray(cycle.history.labels)
    budget = max(1, round(TIMED_ONLINE * len(cycle.pool)))
    ours, theirs = chosen(labels, missing, budget), chosen(plain, missing, budget)
    return {
        "work": "record cifar10 with BatchNorm folded, ResNet-8 (not exact)",
        **asdict(size),
        "labels_changed": float((labels != plain).mean()),
        "ids_changed": 1 - len(np.intersect1d(ours, theirs)) / budget,
        "seconds": {"swither": folded_seconds, "not folded": cycle.seconds_recording},
        "ratio": {"not folded": cycle.seconds_recording / folded_seconds},
    }


def timed(cycle: Cycle, run: Any) -> tuple[float, int, Any]:
    """Seconds, forward passes and the answer."""
    before, begin = cycle.looked, time.perf_counter()
    answer = run()
    return time.perf_counter() - begin, cycle.looked - before, answer


def rows(quick: bool, threads: int = 1) -> Iterator[Row]:
    with use_threads(threads):
        for name, size in FULL.items():
            if not list((DATA / name).glob("train-*.parquet")):
                yield {"work": f"record {name}", "failed": {"swither": f"{DATA / name} is missing"}}
                continue
            yield from rows_of(name, QUICK if quick else size)
        if list((DATA / "cifar10").glob("train-*.parquet")):
            yield row_of_folding(FOLDED_QUICK if quick else FOLDED)


if __name__ == "__main__":
    main(__doc__, "recording", STATED, rows, packages=("torch",), options={"threads": 1})
