"""Rules of what comes out: positions, order, ties, randomness. Each answers what is wrong, or nothing."""

from __future__ import annotations

import contextlib
import random as python_random
import sys
from collections.abc import Iterator

import numpy as np

from swither.acquisition.method import Acquisition
from swither.acquisition.selection import Selection
from swither.acquisition.specimens import choose, contrast, copies, ordinary, refuses, sizes_for, take_candidates
from swither.errors import InputError
from swither.randomness import keyed_order


def it_gives_as_many_distinct_positions_as_asked(acquisition: Acquisition) -> str:
    """Also none, one and all of the candidates; and more than there are is refused."""
    sizes = sizes_for(acquisition)
    evidence = ordinary(acquisition.needs, sizes)
    for count in (0, 1, 7, sizes.samples // 2, sizes.samples):
        positions = choose(acquisition, evidence, count, sizes).positions
        if len(set(positions.tolist())) != count or not set(positions.tolist()) <= set(range(sizes.samples)):
            return f"asked for {count} of {sizes.samples}, it gave {positions.tolist()}."
    if not refuses(lambda: choose(acquisition, evidence, sizes.samples + 1, sizes)):
        return f"asked for {sizes.samples + 1} of {sizes.samples}, it refused nothing."
    return ""


def copies_are_chosen_once_each(acquisition: Acquisition) -> str:
    """Candidates that are all alike: still distinct positions; a score takes them in the order of rows."""
    sizes = sizes_for(acquisition)
    evidence = copies(acquisition.needs, sizes)
    positions = choose(acquisition, evidence, sizes.samples, sizes).positions.tolist()
    if sorted(positions) != list(range(sizes.samples)):
        return f"of {sizes.samples} copies it gave {positions}."
    if acquisition.kind == "score" and positions != list(range(sizes.samples)):
        return "it scores copies of one image differently."
    return ""


def one_class_is_chosen_from_or_refused(acquisition: Acquisition) -> str:
    """With a single class: distinct positions, or an error where the method compares classes."""
    sizes = sizes_for(acquisition, classes=1)
    evidence = ordinary(acquisition.needs, sizes)
    may_refuse = {"probabilities", "sampled_logits"} & set(acquisition.needs)
    with contextlib.suppress(InputError) if may_refuse else contextlib.nullcontext():
        positions = choose(acquisition, evidence, sizes.samples, sizes).positions.tolist()
        if sorted(positions) != list(range(sizes.samples)):
            return f"of {sizes.samples} samples of one class it gave {positions}."
    return ""


def equal_generators_give_equal_choices(acquisition: Acquisition) -> str:
    """The same evidence and seed: the same positions in the same order, whatever the global states are."""
    sizes = sizes_for(acquisition)
    evidence = ordinary(acquisition.needs, sizes)
    first = choose(acquisition, evidence, 20, sizes, seed=3).positions.tolist()
    np.random.seed(1)  # noqa: NPY002  (another global state on purpose; `run_check` puts the user's back)
    python_random.seed(1)
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(1)
    second = choose(acquisition, evidence, 20, sizes, seed=3).positions.tolist()
    return "" if first == second else f"one seed gave {first} and then {second}: it draws from elsewhere."


def global_randomness_is_untouched(acquisition: Acquisition) -> str:
    """Neither Python's, NumPy's nor torch's global state moves."""
    sizes = sizes_for(acquisition)
    evidence = ordinary(acquisition.needs, sizes)
    before = _global_randomness()
    choose(acquisition, evidence, 20, sizes)
    after = _global_randomness()
    moved = [name for name in before if before[name] != after[name]]
    return f"it drew from the global state of {', '.join(moved)}." if moved else ""


def the_order_of_rows_decides_only_ties(acquisition: Acquisition) -> str:
    """Without randomness, the same candidates in another order: the same scores, and the same ones chosen."""
    sizes = sizes_for(acquisition)
    evidence = ordinary(acquisition.needs, sizes)
    draws = {tuple(choose(acquisition, evidence, 20, sizes, seed).positions) for seed in range(3)}
    if len(draws) > 1:
        return ""  # it draws over rows: see the next check
    order = np.random.default_rng(5).permutation(sizes.samples)
    count = _untied_count(choose(acquisition, evidence, sizes.samples, sizes))
    before = choose(acquisition, evidence, count, sizes)
    after = choose(acquisition, take_candidates(evidence, order), count, sizes)
    old, new = before.scores, after.scores
    if old is not None and new is not None and not np.allclose(old[order], new, rtol=1e-6, atol=1e-9):
        return "a sample's score depends on its place in the pool."
    if set(before.positions.tolist()) != set(order[after.positions].tolist()):
        return "shuffling the candidates changes which are chosen, though no scores are equal at the cut."
    return ""


def _untied_count(ranked: Selection, wanted: int = 20) -> int:
    """The count nearest to `wanted` whose last score is not shared with a sample left behind."""
    if ranked.scores is None:
        return wanted
    falling = ranked.scores[ranked.positions]
    cuts = [count for count in range(1, len(falling)) if falling[count - 1] > falling[count]]
    return min([*cuts, len(falling)], key=lambda count: abs(count - wanted))


def a_keyed_order_settles_everything(acquisition: Acquisition) -> str:
    """Sources in any order, candidates sorted by a keyed hash of their ids: the same ids, in the same order."""
    sizes = sizes_for(acquisition)
    evidence = ordinary(acquisition.needs, sizes)
    ids = np.array([f"{number:04x}" for number in range(sizes.samples)])
    chosen = []
    for seed in range(3):
        source = np.random.default_rng(seed).permutation(sizes.samples)
        order = keyed_order(ids[source], 0, "candidates")
        rows = take_candidates(take_candidates(evidence, source), order)
        chosen.append(ids[source][order][choose(acquisition, rows, 25, sizes, seed=7).positions].tolist())
    return "" if chosen[0] == chosen[1] == chosen[2] else f"three orders of one source gave {chosen}."


def higher_is_sooner(acquisition: Acquisition) -> str:
    """A score puts samples that are plainly in doubt before samples that are plainly settled."""
    if acquisition.kind != "score":
        return ""
    sizes = sizes_for(acquisition)
    evidence, doubtful = contrast(acquisition.needs, sizes)
    chosen = choose(acquisition, evidence, len(doubtful), sizes).positions.tolist()
    wrong = set(chosen) - set(doubtful.tolist())
    return f"{len(wrong)} of its first {len(chosen)} are plainly settled: is the sign inverted?" if wrong else ""


def _global_randomness() -> dict[str, object]:
    numpy_state = np.random.get_state(legacy=False)  # noqa: NPY002
    states: dict[str, object] = {"random": python_random.getstate(), "numpy": repr(numpy_state)}
    if "torch" in sys.modules:
        states["torch"] = sys.modules["torch"].random.get_rng_state().tolist()
    return states


@contextlib.contextmanager
def global_randomness_kept() -> Iterator[None]:
    """Put Python's, NumPy's and a loaded torch's global states back as they were, whatever happens inside."""
    ours = np.random.get_state()  # noqa: NPY002
    python_state = python_random.getstate()
    torch = sys.modules.get("torch")
    torch_state = torch.random.get_rng_state() if torch else None
    try:
        yield
    finally:
        np.random.set_state(ours)  # noqa: NPY002
        python_random.setstate(python_state)
        if torch:
            torch.random.set_rng_state(torch_state)
