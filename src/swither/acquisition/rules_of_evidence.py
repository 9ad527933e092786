"""Rules of what goes in: names, settings, odd values, tensors, memory. Each answers what is wrong, or nothing."""

from __future__ import annotations

import inspect
import tracemalloc
from typing import Any

import numpy as np

from swither.acquisition.evidence import EVIDENCE
from swither.acquisition.method import Acquisition
from swither.acquisition.specimens import Sizes, choose, extreme, ordinary, refuses, sizes_for, take_candidates

SUPPLIED = ("samples", "count", "generator")  # arguments that are no evidence
BOUNDS = ("memory",)  # of the work, where they need not be given: they change nothing in what is chosen


def arguments_carry_the_names_in_the_catalogue(acquisition: Acquisition) -> str:
    """Arguments are the needs, in their order; settings are keyword-only, with the catalogue's defaults."""
    parameters = [p for p in inspect.signature(acquisition.function).parameters.values() if not _bounds(p, acquisition)]
    given = [p.name for p in parameters if p.kind is not p.KEYWORD_ONLY and p.name not in SUPPLIED]
    settings = {p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY and p.name not in SUPPLIED}
    supplied = {p.name for p in parameters if p.name in SUPPLIED}
    if tuple(given) != acquisition.needs:
        return f"its arguments are {given}, its needs {list(acquisition.needs)}."
    if unknown := [name for name in acquisition.needs if name not in EVIDENCE]:
        return f"nothing provides {unknown}; known evidence: {', '.join(EVIDENCE)}."
    if settings != dict(acquisition.settings):
        return f"its keyword-only settings are {settings}, the catalogue's {dict(acquisition.settings)}."
    if acquisition.kind == "selection" and not {"count", "generator"} <= supplied:
        return "a selection takes count and generator."
    if acquisition.kind == "score" and supplied & {"count", "generator"}:
        return "a score takes neither count nor generator."
    return ""


def _bounds(parameter: inspect.Parameter, acquisition: Acquisition) -> bool:
    """Whether an argument only bounds the work: keyword-only, not needed, and no setting in the catalogue."""
    optional = parameter.kind is parameter.KEYWORD_ONLY and parameter.default is None
    return optional and parameter.name in BOUNDS and parameter.name not in acquisition.settings


def certainty_gives_no_nan(acquisition: Acquisition) -> str:
    """Probabilities of exactly 0 and 1 and points that nearly coincide far from 0: finite scores, no warning."""
    sizes = sizes_for(acquisition)
    chosen = choose(acquisition, extreme(acquisition.needs, sizes), sizes.samples, sizes)
    if chosen.scores is not None and not np.isfinite(chosen.scores).all():
        return f"{int((~np.isfinite(chosen.scores)).sum())} of {sizes.samples} scores are not finite."
    return ""


def nan_is_refused(acquisition: Acquisition) -> str:
    """Evidence that holds NaN is refused, whatever name it comes by."""
    sizes = sizes_for(acquisition)
    for name in acquisition.needs:
        evidence = ordinary(acquisition.needs, sizes)
        if name == "sampled_logits":
            spoilt = [np.array(values) for values in evidence[name]]
            spoilt[-1][3, 0] = np.nan
        elif evidence[name].dtype.kind == "f":
            spoilt = evidence[name].copy()
            spoilt[3] = np.nan
        else:
            continue  # labels are whole numbers
        evidence[name] = spoilt
        if not refuses(lambda given=evidence: choose(acquisition, given, 5, sizes)):  # type: ignore[misc]
            return f"it took {name} with a NaN in it."
    return ""


def evidence_is_not_modified(acquisition: Acquisition) -> str:
    """The arrays are the caller's: it works on read-only ones, and they hold afterwards what they held before."""
    sizes = sizes_for(acquisition)
    evidence = take_candidates(ordinary(acquisition.needs, sizes), np.arange(sizes.samples))
    arrays = [a for values in evidence.values() for a in (values if isinstance(values, list) else [values])]
    before = [array.copy() for array in arrays]
    choose(acquisition, evidence, 20, sizes)
    if not all(np.array_equal(array, kept) for array, kept in zip(arrays, before, strict=True)):
        return "it changed the arrays that it was given."
    for array in arrays:
        array.flags.writeable = False
    choose(acquisition, evidence, 20, sizes)
    return ""


def memory_stays_in_proportion_to_the_evidence(acquisition: Acquisition) -> str:
    """No array of samples x samples, samples x classes x passes, or samples x classes x width."""
    sizes = Sizes(samples=6000, classes=40, labelled=500, width=32, passes=40)
    passes = {"passes": sizes.passes} if "passes" in acquisition.settings else {}
    evidence = ordinary(acquisition.needs, sizes)
    products = [sizes.samples**2]
    if "sampled_logits" in evidence:
        products.append(sizes.samples * sizes.classes * sizes.passes)
    if {"probabilities", "embeddings"} <= set(evidence):
        products.append(sizes.samples * sizes.classes * sizes.width)
    allowed = min(products) * 4 // 2  # half of such an array in float32
    tracing = tracemalloc.is_tracing()
    if not tracing:
        tracemalloc.start()
    try:
        tracemalloc.reset_peak()
        before, _ = tracemalloc.get_traced_memory()
        choose(acquisition, evidence, 300, sizes, **passes)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        if not tracing:
            tracemalloc.stop()
    if peak - before > allowed:
        return f"it took {(peak - before) / 2**20:.0f} MiB for {sizes}; expected at most {allowed / 2**20:.0f}."
    return ""


def settings_are_checked(acquisition: Acquisition) -> str:
    """An unknown setting and a value that makes no sense are refused, with an error of swither's own."""
    sizes = sizes_for(acquisition)
    evidence = ordinary(acquisition.needs, sizes)
    if not refuses(lambda: choose(acquisition, evidence, 5, sizes, no_such_setting=1)):
        return "it took a setting that the catalogue does not have."
    for name in acquisition.settings:
        for value in (object(), -1, "nonsense"):
            if not refuses(lambda given={name: value}: choose(acquisition, evidence, 5, sizes, **given)):  # type: ignore[misc]
                return f"it took {name}={value!r}."
    return ""


def missing_evidence_is_named(acquisition: Acquisition) -> str:
    """Without its evidence, or with evidence of another number of candidates, it refuses."""
    sizes = sizes_for(acquisition)
    evidence = ordinary(acquisition.needs, sizes)
    for name in acquisition.needs:
        rest = {other: values for other, values in evidence.items() if other != name}
        if not refuses(lambda given=rest: choose(acquisition, given, 5, sizes)):  # type: ignore[misc]
            return f"it went on without {name}."
    if acquisition.needs:
        fewer = take_candidates(evidence, np.arange(sizes.samples - 1))
        if not refuses(lambda: choose(acquisition, fewer, 5, sizes)):
            return f"it took evidence of {sizes.samples - 1} candidates for {sizes.samples}."
    return ""


def tensors_are_taken(acquisition: Acquisition) -> str:
    """Tensors, known by what they can do, give what the same arrays give."""
    sizes = sizes_for(acquisition)
    arrays = take_candidates(ordinary(acquisition.needs, sizes), np.arange(sizes.samples))
    tensors = {
        name: [_Tensor(v) for v in values] if isinstance(values, list) else _Tensor(values)
        for name, values in arrays.items()
    }
    expected = choose(acquisition, arrays, 20, sizes).positions.tolist()
    got = choose(acquisition, tensors, 20, sizes).positions.tolist()
    return "" if expected == got else f"arrays gave {expected}, tensors {got}."


class _Tensor:
    """What every framework's tensor can do, and no more; as a tensor that needs gradients, it is no array."""

    def __init__(self, values: Any) -> None:
        self._values = values
        self.shape = values.shape

    def __len__(self) -> int:
        return len(self._values)

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise RuntimeError("This tensor needs gradients: detach it first.")

    def detach(self) -> _Detached:
        return _Detached(self._values)


class _Detached:
    def __init__(self, values: Any) -> None:
        self._values = values

    def cpu(self) -> _Detached:
        return self

    def numpy(self) -> Any:
        return self._values
