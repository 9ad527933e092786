"""The plan of a comparison on the screen, before anything is trained."""

from __future__ import annotations

from dataclasses import replace

from rich.table import Table

from swither.acquisition import Variant
from swither.data import Dataset
from swither.data.progress import in_bytes
from swither.dynamics.coarse import ENOUGH_RECORDINGS
from swither.experiment.cells import REFERENCE
from swither.experiment.plan import FORWARDS_PER_TRAINING_IMAGE, Plan
from swither.experiment.settings import CompareSettings
from swither.experiment.work import cells_of
from swither.loop.settings import FULL
from swither.report.wording import count, duration, listed, plural


def plan_table(plan: Plan, settings: CompareSettings, dataset: Dataset, free_disk: int) -> Table:
    """What will be done with which images, and what that is expected to cost.

    Args:
        plan: of the comparison.
        settings: of the comparison.
        dataset: its images.
        free_disk: bytes that are left where the results go.
    """
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold", no_wrap=True)
    table.add_column()
    for number, line in enumerate([*dataset.report.sentences(), dataset.report.of_this_start()]):
        table.add_row("" if number else "Data", line.removeprefix("Data: "))
    table.add_row("Compared", _compared(settings))
    if now := _now(settings):
        table.add_row("", now)
    table.add_row("Labelled", ", ".join(map(count, plan.labelled)) + " images, cycle by cycle")
    table.add_row("Network", _network(settings, plan))
    if coarse := _coarse(settings, plan):
        table.add_row("", coarse)
    table.add_row("Work", _work(plan))
    if plan.trainings:
        table.add_row("", _forwards(plan, settings))
    if queries := _queries(plan):
        table.add_row("", queries)
    if searching := _searching(settings, plan):
        table.add_row("", searching)
    table.add_row("Expected", _expected(plan))
    if plan.disk_bytes > free_disk:
        table.add_row("", f"only {in_bytes(free_disk)} of disk are free there: free some, or choose another --out")
    return table


def _compared(settings: CompareSettings) -> str:
    methods = f"{', '.join(settings.acquisitions)}; {plural(settings.seeds, 'seed')}"
    return methods + ("; and training on all images" if settings.reference else "")


def _now(settings: CompareSettings) -> str:
    """The runs of this start, where they are not the whole grid: methods of the same seeds together."""
    cells = cells_of(settings)
    if len(cells) == len(cells_of(replace(settings, only=()))):
        return ""
    seeds: dict[str, list[int]] = {}
    for cell in cells:
        seeds.setdefault("training on all images" if cell.method == REFERENCE else cell.method, []).append(cell.seed)
    alike: dict[tuple[int, ...], list[str]] = {}
    for method, its in seeds.items():
        alike.setdefault(tuple(its), []).append(method)
    parts = [
        f"{listed(methods)} ({'seed' if len(its) == 1 else 'seeds'} {listed([str(seed) for seed in its])})"
        for its, methods in alike.items()
    ]
    return f"now only {', '.join(parts)}"


def _network(settings: CompareSettings, plan: Plan) -> str:
    model, recipe = settings.model, settings.recipe
    width = "" if model.width is None else f", width {model.width}"
    epochs = f"{recipe.epochs} epochs"
    if max(plan.epochs) > recipe.epochs:
        epochs += f" (up to {max(plan.epochs)} on so few images, to make {recipe.least_steps} steps)"
    if model.name == "features":
        head = "a linear head" if model.width is None else f"a head with a hidden layer of {model.width}"
        return f"{head} on embeddings ({_backbone(settings)}), trained from scratch each time, {epochs}"
    return f"{model.name}{width}, trained from scratch each time, {epochs}"


def _backbone(settings: CompareSettings) -> str:
    features = settings.features
    if features.embeddings is not None:
        return features.embeddings
    own = "" if features.weights is None else f" with {features.weights}"
    return f"{features.backbone}{own}, frozen, at {features.size()} pixels"


def _coarse(settings: CompareSettings, plan: Plan) -> str:
    """A warning where a method that asks after a training's recordings will have few of them."""
    recorded = [epochs // settings.record_every for epochs in plan.epochs[: settings.cycles]]  # not after the last
    methods = [name for name in settings.acquisitions if Variant.named(name).acquisition.records]
    if not plan.work or not methods or not recorded or min(recorded) >= ENOUGH_RECORDINGS:
        return ""
    few = plural(min(recorded), "recording")
    return (
        f"{', '.join(methods)} will have only {few}: scores are coarse below {ENOUGH_RECORDINGS}; "
        "train for more --epochs, or record more of them"
    )


def _work(plan: Plan) -> str:
    finished = f"{plural(plan.finished, 'run')} finished already" if plan.finished else ""
    if not plan.work:
        return finished
    first = "; the first of a seed serves all its methods" if any(work.cell is None for work in plan.work) else ""
    return f"{plural(plan.trainings, 'training')}{first}" + (f"; {finished}" if finished else "")


def _searching(settings: CompareSettings, plan: Plan) -> str:
    """Which methods solve a problem of their own in every query; how long that takes, nobody knows beforehand."""
    left = {work.cell.method for work in plan.work if work.cell is not None}
    chosen = [Variant.named(name).acquisition for name in settings.acquisitions if Variant.named(name).spec in left]
    titles = dict.fromkeys(acquisition.title for acquisition in chosen if not acquisition.prefixes)
    if not titles:
        return ""
    return (
        f"what {listed(list(titles))} compute{'s' if len(titles) == 1 else ''} in each query is not counted: seconds, "
        "or minutes on large pools with few labels"
    )


def _queries(plan: Plan) -> str:
    """What methods train that only choose: it can take longer than all else."""
    queries = [work for work in plan.work if work.trains_evidence]
    if not queries:
        return ""
    seconds = sum(work.query_seconds(plan.speeds) for work in queries)
    took = duration(max(1.0, seconds / len(queries))) + (" each" if len(queries) > 1 else "")
    return f"{plural(len(queries), 'query', 'queries')} of VAAL, which trains networks of its own: {took}"


def _forwards(plan: Plan, settings: CompareSettings) -> str:
    fewer = "" if settings.record == FULL else f", but fewer with --record {settings.record}"
    parts = (
        (plan.training_images, "trained on"),
        (plan.recorded_images, f"recorded for dispersion{fewer}"),
        (plan.scored_images, "looked at to choose"),
        (plan.tested_images, "tested"),
    )
    counted = ", ".join(f"{in_words(images)} {what}" for images, what in parts if images)
    return (
        f"images: {counted}; together {in_words(plan.forward_passes)} forward passes "
        f"(an image trained on counts {FORWARDS_PER_TRAINING_IMAGE})"
    )


def _expected(plan: Plan) -> str:
    if not plan.work:
        return "nothing to train; the report is drawn again"
    side = f"with {plural(plan.jobs, 'run')} side by side" if plan.jobs > 1 else "one run after the other"
    memory, disk = in_bytes(plan.memory_bytes), in_bytes(plan.disk_bytes)
    kept = f", of which {in_bytes(plan.kept_bytes)} until the pools are recorded" if plan.kept_bytes else ""
    return f"{about(plan.seconds)} {side}; {memory} of memory, {disk} of disk{kept}"


def about(seconds: float) -> str:
    """An estimated time: no more exact than an estimate is.

    Example:
        >>> [about(s).replace("\u00a0", " ") for s in (20, 75, 100, 3000, 7500)]
        ['about half a minute', 'about 1 minute', 'about 2 minutes', 'about 50 minutes', 'about 2 h 5 min']
    """
    if seconds < 45:
        return "about half a minute"
    if seconds < 3570:
        return f"about {plural(round(seconds / 60), 'minute')}"
    return f"about {duration(seconds)}"


def in_words(number: int) -> str:
    """A large number in three digits.

    Example:
        >>> in_words(950), in_words(12_345_678), in_words(1_234_000_000)
        ('950', '12.3 million', '1.23 billion')
    """
    for size, word in ((10**9, "billion"), (10**6, "million")):
        if number >= size:
            return f"{number / size:.3g} {word}"
    return count(number)
