"""What the benchmarks share: interleaved repetitions, medians, peak memory over the input, and how a result is kept.

A benchmark names its calls, one of them ``swither``, and has them timed side by side:

    from _measure import Row, here, interleaved, main, row, same

    def rows(quick: bool) -> Iterator[Row]:
        timed = interleaved({"swither": here(ours), "plain loop": here(theirs)}, repeats=5)
        same("the sums", timed["swither"].answer, timed["plain loop"].answer)
        yield row("sum", timed, goals={"plain loop": 15}, samples=1000)

    if __name__ == "__main__":
        main(__doc__, "sum", "at least 15 times the plain loop", rows)
"""

from __future__ import annotations

import argparse
import ctypes
import gc
import json
import os
import platform
import statistics
import threading
import time
import tracemalloc
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

Row = dict[str, Any]
OURS = "swither"
STATUS = Path("/proc/self/status")


class Disagreement(Exception):
    """Two ways of computing one thing gave different answers."""


class CannotRun(Exception):
    """What swither is compared with is missing, or failed; said in its row."""


@dataclass(frozen=True)
class Run:
    """One call: its seconds, its answer, and its peak memory over what was there before, where that was asked for."""

    seconds: float
    answer: Any
    mebibytes: float | None = None


Call = Callable[[bool], Run]
"""Something to be timed; told whether to measure its memory, too."""


@dataclass
class Measured:
    """All calls of one name. `failed` says why there is no answer."""

    seconds: list[float] = field(default_factory=list)
    answer: Any = None
    mebibytes: float | None = None
    failed: str | None = None


def here(function: Callable[[], Any], *, mapped: bool = False) -> Call:
    """A call in this process.

    Args:
        function: what is timed.
        mapped: it reads memory-mapped files, whose pages are no memory of its own: count only the others.
    """

    def call(memory: bool) -> Run:
        if memory:
            return with_memory(function, mapped=mapped)
        start = time.perf_counter()
        answer = function()
        return Run(time.perf_counter() - start, answer)

    return call


def interleaved(calls: Mapping[str, Call], repeats: int, *, once: Collection[str] = ()) -> dict[str, Measured]:
    """Time calls in turn, so that a busy moment meets them all.

    A first round, which counts for no time, warms up and measures the memory.

    Args:
        calls: by name; a `CannotRun` of another than ``swither`` is kept as its failure.
        repeats: timed rounds.
        once: names of slow ones, that run in a single round, timed and with their memory.
    """
    measured = {name: Measured() for name in calls}
    for number in range(repeats + 1):
        for name, call in calls.items():
            taken = measured[name]
            if taken.failed or (name in once and number != 1):
                continue
            try:
                run = call(number == 0 or name in once)
            except CannotRun as problem:
                if name == OURS:
                    raise
                taken.failed = str(problem)
                continue
            taken.answer = run.answer
            taken.mebibytes = run.mebibytes if run.mebibytes is not None else taken.mebibytes
            if number > 0 or repeats == 0:
                taken.seconds.append(run.seconds)
    return measured


def row(work: str, measured: Mapping[str, Measured], *, goals: Mapping[str, float] | None = None, **about: Any) -> Row:
    """What is kept of one row: medians, how many times faster than each other one, memory, goals and whether reached.

    A name that starts with ``floor`` is a limit, not a peer: it gets its seconds, and no ratio.

    Args:
        work: what was done.
        measured: from `interleaved`.
        goals: by name, how many times faster swither is to be.
        about: sizes and the like.
    """
    done = {name: taken for name, taken in measured.items() if taken.seconds}
    medians = {name: statistics.median(taken.seconds) for name, taken in done.items()}
    others = [name for name in done if name != OURS and not name.startswith("floor")]
    kept: Row = {"work": work, **about, "seconds": medians}
    kept["ratio"] = {name: medians[name] / medians[OURS] for name in others}
    kept["ratio_of_fastest"] = {name: min(done[name].seconds) / min(done[OURS].seconds) for name in others}
    kept["mebibytes_over_input"] = {n: t.mebibytes for n, t in measured.items() if t.mebibytes is not None}
    kept["failed"] = {name: taken.failed for name, taken in measured.items() if taken.failed}
    if goals:
        kept["goal"] = dict(goals)
        kept["reached"] = {name: kept["ratio"][name] >= goal for name, goal in goals.items() if name in kept["ratio"]}
    return kept


def same(what: str, ours: Any, theirs: Any, *, tolerance: float = 0.0) -> None:
    """Require equal arrays, or such as differ by at most a tolerance.

    Raises:
        Disagreement: they do not.
    """
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    if ours.shape != theirs.shape:
        raise Disagreement(f"{what}: shape {ours.shape} here, {theirs.shape} there.")
    if tolerance == 0 and not np.array_equal(ours, theirs):
        raise Disagreement(f"{what}: {np.count_nonzero(ours != theirs)} of {ours.size} differ.")
    if tolerance > 0 and not np.allclose(ours, theirs, rtol=0, atol=tolerance):
        raise Disagreement(f"{what}: differ by up to {np.abs(ours - theirs).max():.3g}, allowed are {tolerance:.3g}.")


def same_order(what: str, ours: Any, order: Any, *, tolerance: float) -> None:
    """Require that an order, most urgent first, is that of scores, higher first, but for near ties.

    Raises:
        Disagreement: it is not.
    """
    scores, order = np.asarray(ours), np.asarray(order)
    if not np.array_equal(np.sort(order), np.arange(len(scores))):
        raise Disagreement(f"{what}: the order names other samples.")
    rises = np.diff(scores[order]).max(initial=0.0)
    if not rises <= tolerance:
        raise Disagreement(f"{what}: a later sample's score is higher by {rises:.3g}, allowed are {tolerance:.3g}.")


def require(condition: bool, message: str) -> None:
    """Require anything else of an answer.

    Raises:
        Disagreement: the condition does not hold.
    """
    if not condition:
        raise Disagreement(message)


def with_memory(function: Callable[[], Any], *, mapped: bool = False) -> Run:
    """Run a function and watch the memory of this process.

    Linux says what a process held at most; elsewhere Python's own allocations are traced, which takes time.

    Args:
        function: what to run.
        mapped: leave pages of memory-mapped files out.
    """
    gc.collect()
    _give_back_freed_memory()
    if mapped and STATUS.exists():
        return _sampled(function)
    if not _restart_peak():
        return _traced(function)
    before = _kibibytes("VmRSS")
    start = time.perf_counter()
    answer = function()
    seconds = time.perf_counter() - start
    return Run(seconds, answer, max(0.0, (_kibibytes("VmHWM") - before) / 1024))


def _sampled(function: Callable[[], Any]) -> Run:
    """Look every few milliseconds how much memory is no file's: Linux keeps no peak of that."""
    before = peak = _kibibytes("RssAnon")
    done = threading.Event()

    def watch() -> None:
        nonlocal peak
        while not done.wait(0.003):
            peak = max(peak, _kibibytes("RssAnon"))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    start = time.perf_counter()
    try:
        answer = function()
    finally:
        seconds = time.perf_counter() - start
        done.set()
        watcher.join()
    peak = max(peak, _kibibytes("RssAnon"))
    return Run(seconds, answer, max(0.0, (peak - before) / 1024))


def _traced(function: Callable[[], Any]) -> Run:
    tracemalloc.start()
    start = time.perf_counter()
    try:
        answer = function()
        seconds = time.perf_counter() - start
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return Run(seconds, answer, peak / 2**20)


def _restart_peak() -> bool:
    """Whether Linux forgot the peak of this process until now."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return False
    return STATUS.exists()


def _give_back_freed_memory() -> None:
    """What was freed and kept for later would hide as much of the next call's memory."""
    try:
        ctypes.CDLL("libc.so.6").malloc_trim(0)
    except (OSError, AttributeError):
        return


def _kibibytes(field_name: str) -> int:
    for line in STATUS.read_text().splitlines():
        if line.startswith(field_name + ":"):
            return int(line.split()[1])
    return 0


def circumstances(*packages: str) -> dict[str, Any]:
    """Where figures were measured."""
    return {
        "threads": os.environ.get("OMP_NUM_THREADS", "all"),
        "numpy": np.__version__,
        **{package: _version(package) for package in packages},
        "python": platform.python_version(),
        "processor": platform.processor() or platform.machine(),
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "missing"


def shown(measured: Row) -> str:
    """A row as people read it, on a line or two."""
    groups = ("seconds", "ratio", "ratio_of_fastest", "mebibytes_over_input", "failed", "goal", "reached")
    about = ", ".join(f"{name} {_number(value)}" for name, value in measured.items() if name not in (*groups, "work"))
    text = f"{measured['work']}: {about}" if about else str(measured["work"])
    for name, seconds in measured.get("seconds", {}).items():
        line = f"\n    {name:<24} {_seconds(seconds):>10}"
        if name in measured.get("ratio", {}):
            line += f" {measured['ratio'][name]:8.1f}x"
            if name in measured.get("reached", {}):
                verdict = "reached" if measured["reached"][name] else "MISSED"
                line += f"  (goal {measured['goal'][name]:g}x: {verdict})"
        else:
            line += " " * 10
        if name in measured.get("mebibytes_over_input", {}):
            line += f"  {measured['mebibytes_over_input'][name]:,.0f} MiB"
        text += line
    for name, goal in measured.get("goal", {}).items():
        if name not in measured.get("ratio", {}) and name in measured.get("reached", {}):
            text += f"\n    goal: {goal:g} {name}: {'reached' if measured['reached'][name] else 'MISSED'}"
    return text + "".join(f"\n    {name:<24} failed: {why}" for name, why in measured.get("failed", {}).items())


def _seconds(value: float) -> str:
    return f"{value:.2f} s" if value >= 1 else f"{1000 * value:.2f} ms"


def _number(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return str(value)
    return f"{value:,}" if isinstance(value, int) else f"{value:.4g}"


def main(
    description: str | None,
    benchmark: str,
    goal: str,
    rows: Callable[..., Iterator[Row]],
    *,
    packages: Collection[str] = (),
    around: Mapping[str, Any] | None = None,
    options: Mapping[str, Any] | None = None,
) -> None:
    """The command line of a benchmark: ``--quick`` and ``--json``; each row is printed as soon as it is there.

    Args:
        description: the module's own.
        benchmark: its name.
        goal: in words.
        rows: gives the rows, told whether a size of seconds is enough.
        packages: whose versions to keep.
        around: more of the circumstances; read after the last row.
        options: more of the command line, each with what it is when nothing is said; given to `rows` by name.
    """
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a size of seconds, whose figures say nothing")
    parser.add_argument("--json", type=Path, help="write the result here as well")
    for name, usual in (options or {}).items():
        parser.add_argument(f"--{name}", type=type(usual), default=usual, help=f"otherwise {usual}")
    arguments = parser.parse_args()
    chosen = {name: getattr(arguments, name) for name in options or ()}
    kept = []
    for measured in rows(arguments.quick, **chosen):
        print(shown(measured), flush=True)
        kept.append(measured)
    result = {
        "benchmark": benchmark,
        "goal": goal,
        "circumstances": {**circumstances(*packages), **(around or {})},
        "rows": kept,
    }
    if arguments.json:
        arguments.json.write_text(json.dumps(result, indent=1) + "\n")
