"""The answer in plain words: what the labels bought, and whether the noise between seeds allows to say so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from swither.report.areas import area_comparisons, in_one_sentence
from swither.report.comparison import Comparison, Point
from swither.report.intervals import gain_in_words, is_clear, spread_in_words
from swither.report.savings import savings
from swither.report.whole_curves import WholeCurves
from swither.report.wording import (
    MINUS,
    RIGHT_QUOTE,
    SPACE,
    in_prose,
    listed,
    percent,
    plural,
    points,
    roughly,
    sentence,
)
from swither.statistics import PairedDifference, detectable_difference


@dataclass(frozen=True)
class KeyFigure:
    """One number in large type, with what it is."""

    number: str
    caption: str


@dataclass(frozen=True)
class Headline:
    """What a reader learns in ten seconds.

    Attributes:
        lead: one sentence in large type.
        sentences: what qualifies it.
        figures: the numbers behind it.
    """

    lead: str
    sentences: tuple[str, ...]
    figures: tuple[KeyFigure, ...]


def headline(comparison: Comparison) -> Headline:
    """Say what the focus of the comparison (dispersion, or the first method) did against random."""
    focus, baseline = comparison.focus, comparison.baseline
    if focus is None:
        return Headline("Nothing has finished yet, so there is nothing to compare.", (), ())
    cycle = shared_cycle(comparison, focus, baseline or focus)
    point = comparison.point(focus, cycle) if cycle is not None else None
    if cycle is None or point is None:
        lead = f"{in_prose(comparison.titles[focus])} and random have no cycle in common yet."
        return Headline(sentence(lead), (), ())
    if baseline is None or baseline == focus:
        name = in_prose(comparison.titles[focus])
        return Headline(
            f"With {plural(round(point.labelled), 'label')}, {name} reaches {with_interval(point)} test accuracy.",
            _sentences(
                "Random was not run, so there is nothing to measure a gain against."
                if baseline is None
                else "No other method has a result yet, so there is nothing to compare.",
                _one_seed(point),
                _against_all_data(comparison, focus, point),
            ),
            _figures(comparison, focus, point),
        )
    return _against_baseline(comparison, focus, baseline, cycle)


def shared_cycle(comparison: Comparison, first: str, second: str) -> int | None:
    """The last cycle that both methods have reached."""
    both = [c for c in comparison.cycles if comparison.point(first, c) and comparison.point(second, c)]
    return max(both, default=None)


def with_interval(point: Point, digits: int = 1) -> str:
    """A mean with its interval, "96.1 % ± 0.3", or with both values of two seeds; one seed's value stands alone."""
    spread = spread_in_words(point.values.values(), digits)
    return f"{percent(point.mean, digits)}{SPACE if spread.startswith('±') else ' '}{spread}".rstrip()


@dataclass(frozen=True)
class _Pair:
    """The focus and the baseline at the last cycle that both reached, of the seeds that both have.

    Means of other seeds would not differ by the gain, which is paired. Without a seed in common, each has its own.
    """

    seeds: tuple[int, ...] | None
    ours: Point
    theirs: Point
    gain: PairedDifference | None

    @classmethod
    def of(cls, comparison: Comparison, focus: str, baseline: str, cycle: int) -> _Pair:
        seeds = comparison.shared_seeds(focus, baseline, cycle) or None
        ours, theirs = comparison.point(focus, cycle, seeds=seeds), comparison.point(baseline, cycle, seeds=seeds)
        assert ours is not None
        assert theirs is not None
        return cls(seeds, ours, theirs, comparison.gain(focus, cycle, baseline))

    @property
    def differences(self) -> list[float]:
        """Of each seed that both have."""
        return [self.ours.values[seed] - self.theirs.values[seed] for seed in self.seeds or ()]


def _against_baseline(comparison: Comparison, focus: str, baseline: str, cycle: int) -> Headline:
    pair = _Pair.of(comparison, focus, baseline, cycle)
    name = in_prose(comparison.titles[focus])
    lead = (
        f"With {plural(round(pair.ours.labelled), 'label')}, {name} reaches {with_interval(pair.ours)} test accuracy; "
        f"random reaches {with_interval(pair.theirs)}."
    )
    sentences = _sentences(
        _verdict(pair.gain, pair.differences, overlap=_overlap(pair.ours, pair.theirs)),
        _unpaired_seeds(comparison, focus, baseline, cycle, pair),
        _whole_budget(comparison, focus, baseline),
        _savings(comparison, focus, baseline, pair),
        _against_all_data(comparison, focus, pair.ours),
        _against_others(comparison, focus, baseline, cycle),
    )
    return Headline(lead, sentences, _figures(comparison, focus, pair.ours, pair))


def _unpaired_seeds(comparison: Comparison, focus: str, baseline: str, cycle: int, pair: _Pair) -> str:
    """What the means above leave out, where one method has seeds that the other has not."""
    if pair.seeds is None:
        return ""
    left = sorted({*comparison.rows(focus, cycle), *comparison.rows(baseline, cycle)} - set(pair.seeds))
    if not left:
        return ""
    return (
        f"These figures are of the {plural(len(pair.seeds), 'seed')} that both have finished; "
        f"of {'seed' if len(left) == 1 else 'seeds'} {listed([str(seed) for seed in left])} only one has."
    )


def _sentences(*candidates: str) -> tuple[str, ...]:
    return tuple(sentence(said) for said in candidates if said)


def _one_seed(point: Point) -> str:
    return "" if len(point.values) > 1 else "This is one seed: nothing can be said about chance."


def _overlap(first: Point, second: Point) -> bool:
    """Whether the two intervals have a value in common."""
    ours, theirs = first.interval, second.interval
    return ours is not None and theirs is not None and ours.low <= theirs.high and theirs.low <= ours.high


def _verdict(gain: PairedDifference | None, differences: Sequence[float], *, overlap: bool) -> str:
    if gain is None:
        return "The two have no seed in common, so nothing can be said about chance."
    if gain.interval is None:
        each = f" ({listed([points(difference) for difference in differences])})" if gain.pairs > 1 else ""
        return (
            f"The difference of {points(gain.mean)} points comes from {'one' if gain.pairs == 1 else 'two'} "
            f"{'seed' if gain.pairs == 1 else 'seeds'}{each}, so nothing can be said about chance: another seed may "
            "turn it round. Three seeds give a first interval."
        )
    seeds = f"{plural(gain.pairs, 'seed')}, 95{SPACE}% interval {gain_in_words(gain).split('(')[1]}"
    if not is_clear(gain):
        return (
            f"The difference of {points(gain.mean)} points ({seeds} is within the noise: "
            f"these seeds cannot tell the two apart, and no label is said to be saved.{_could_be_found(gain)}"
        )
    shared = (
        " The two intervals above overlap all the same: both methods share the chance of each seed, and the "
        "difference takes it out."
        if overlap
        else ""
    )
    if gain.mean > 0:
        return f"Seed by seed that is {points(gain.mean)} points ({seeds}, more than the noise between seeds.{shared}"
    return (
        f"Random was ahead, by {points(-gain.mean)[1:]} points (difference: {seeds}, more than the noise "
        f"between seeds.{shared}"
    )


def _could_be_found(gain: PairedDifference) -> str:
    """What it is worth that nothing was found."""
    worth = detectable_difference(gain.deviation, gain.pairs)
    if not worth:
        return ""
    return f" A difference of {points(worth)[1:]} points would have been found with 80{SPACE}% probability."


def _whole_budget(comparison: Comparison, focus: str, baseline: str) -> str:
    """What the test over all cycles says; of too few seeds the verdict above has said enough."""
    found = [each for each in area_comparisons(comparison, WholeCurves.of(comparison)) if each.test is not None]
    spoken = next((each for each in found if (each.method, each.over) == (focus, baseline)), None)
    return in_one_sentence(comparison, spoken) if spoken is not None else ""


def _savings(comparison: Comparison, focus: str, baseline: str, pair: _Pair) -> str:
    """What the labels saved. Nothing is said of a difference that may be chance."""
    if pair.gain is None or not is_clear(pair.gain):
        return ""
    name = in_prose(comparison.titles[focus])
    level = pair.theirs.mean if pair.gain.mean > 0 else pair.ours.mean
    found = savings(comparison, focus, level, pair.seeds)
    if pair.gain.mean < 0:
        random = comparison.labels_for(baseline, level, pair.seeds)
        if random is None or (found is not None and found.saved >= 1):
            return ""
        return (
            f"random had reached the final accuracy of {name} with {random.bound} {roughly(random.labels)} labels: "
            "here active learning saved none."
        )
    if found is None or found.saved < 1:
        return ""
    text = (
        f"{name} came to random{RIGHT_QUOTE}s final accuracy with {found.bound} {roughly(found.ours)} labels, random "
        f"with about {roughly(found.theirs)}: {roughly(found.saved)} ({100 * found.share:.0f}{SPACE}%) fewer"
    )
    more = comparison.labels_for(baseline, pair.ours.mean, pair.seeds)
    if more is not None and more.bound == "at least":
        text += f"; random would need more than {plural(round(more.labels), 'label')} to draw level with {name}"
    return f"{text}."


def _against_all_data(comparison: Comparison, focus: str, point: Point) -> str:
    reference = comparison.reference_point
    share = comparison.share_of_all_data(point)
    if reference is None or share is None:
        return ""
    return (
        f"Training on all {plural(round(reference.labelled), 'label')} gives {with_interval(reference)}: "
        f"{in_prose(comparison.titles[focus])} comes to {percent(share)} of that "
        f"with {percent(point.labelled / reference.labelled)} of the labels."
    )


def _against_others(comparison: Comparison, focus: str, baseline: str, cycle: int) -> str:
    groups: dict[str, list[str]] = {"ahead of": [], "behind": [], "not to be told apart from": []}
    for method in comparison.methods:
        gain = comparison.gain(focus, cycle, method) if method not in (focus, baseline) else None
        if gain is None or gain.interval is None:
            continue
        place = "not to be told apart from" if not is_clear(gain) else "ahead of" if gain.mean > 0 else "behind"
        groups[place].append(in_prose(comparison.titles[method]))
    said = [f"{place} {listed(names)}" for place, names in groups.items() if names]
    if not said:
        return ""
    return f"At this cycle, each by its own interval, {in_prose(comparison.titles[focus])} is {'; '.join(said)}."


def _figures(comparison: Comparison, focus: str, point: Point, pair: _Pair | None = None) -> tuple[KeyFigure, ...]:
    name = in_prose(comparison.titles[focus])
    figures = [KeyFigure(percent(point.mean), f"test accuracy of {name} with {plural(round(point.labelled), 'label')}")]
    if pair is not None and pair.gain is not None:
        gain, theirs = pair.gain, pair.theirs
        noise = (
            plural(gain.pairs, "seed")
            if gain.interval is None
            else "clear of noise"
            if is_clear(gain)
            else "within noise"
        )
        figures.append(KeyFigure(points(gain.mean), f"points against random, {noise}"))
        found = savings(comparison, focus, theirs.mean, pair.seeds) if is_clear(gain) and gain.mean > 0 else None
        if found is not None and found.saved >= 1:
            figures.append(
                KeyFigure(
                    f"{MINUS}{100 * found.share:.0f}{SPACE}%",
                    f"labels for random{RIGHT_QUOTE}s final accuracy, read from both curves",
                )
            )
    reference = comparison.reference_point
    share = comparison.share_of_all_data(point)
    if reference is not None and share is not None:
        figures.append(
            KeyFigure(
                percent(share),
                f"of the accuracy with all {plural(round(reference.labelled), 'label')}",
            )
        )
    return tuple(figures)
