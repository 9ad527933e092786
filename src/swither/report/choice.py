"""The grid of settings that the paper leaves open, tried on held-out training images before anything was compared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from swither.report.comparison import Comparison
from swither.report.markup import Content, Markup, table, tag, text
from swither.report.paper_study import SettingsGrid
from swither.report.section import Section, paragraph
from swither.report.wording import NONE, count, listed, plural

_USED = "used_batch_size"
_OWN = (_USED, "accuracy", "epochs", "seconds_training", "training", "circumstances")
"""Fields of a row that are no setting."""


def choice(comparison: Comparison) -> Section | None:
    """The section on the choice of settings. None where nothing was chosen."""
    grid = comparison.data.choice
    if grid is None or not grid.rows:
        return None
    names = [name for name in grid.rows[0] if name not in _OWN]
    with_used = any(_USED in row for row in grid.rows)
    best = max(float(row["accuracy"]) for row in grid.rows)
    rows = [
        [
            tag("strong", _value(row[names[0]])) if _is_chosen(row, grid.chosen) else _value(row[names[0]]),
            *[_value(row[name]) for name in names[1:]],
            *([_value(row.get(_USED, NONE))] if with_used else []),
            f"{100 * float(row['accuracy']):.2f}",
            f"{100 * (float(row['accuracy']) - best):.2f}".replace("-", "\u2212"),
            ("best" if grid.given else "chosen") if _is_chosen(row, grid.chosen) else "",
        ]
        for row in grid.rows
    ]
    head: list[Content] = [_word(name).capitalize() for name in names]
    head += [*(["Batch used"] if with_used else []), "Accuracy, %", "Less the best", ""]
    caption = (
        f"All {plural(len(rows), 'combination')}: accuracy on {count(grid.held_out_images)} held-out training images "
        f"of one network each, trained on {count(grid.training_images)} others with seed 0."
    )
    said = (
        "The paper leaves these settings open. They were chosen once, before any method was compared, on training "
        f"images held out of the training on all data; test images took no part. {_taken(grid)} One network a "
        "combination says little about small differences between them, and nothing is claimed of them."
    )
    if grid.unequal:
        differing = listed([f"{name} ({'; '.join(values)})" for name, values in grid.unequal.items()])
        said += f" Not all were trained alike, which may decide about the best as well: {differing}."
    return Section(
        "choice",
        "How the open settings were chosen",
        "Open settings",
        text((paragraph(said), _smaller_batches(comparison), table(caption, head, rows))),
    )


def _taken(grid: SettingsGrid) -> str:
    """What of the choice was compared with, and what was given in its place."""
    given = grid.given
    taken = {name: value for name, value in grid.chosen.items() if name not in given}
    said = f"Taken: {_values(taken)}" if taken else "Nothing of the best was taken"
    return f"{said}; given instead: {_values(given)}." if given else f"{said}."


def _smaller_batches(comparison: Comparison) -> Markup | None:
    """That a batch, chosen or given, was not what trained, where images are so few that the recipe halves it."""
    grid = comparison.data.choice
    largest = {**grid.chosen, **grid.given}.get("batch_size") if grid is not None else None
    used = {int(row["batch_size"]) for row in comparison.data.results if row.get("batch_size")}
    if largest is None or not used or min(used) >= largest:
        return None
    sizes = listed([count(size) for size in sorted(used)])
    return paragraph(
        "The batch size is the largest that a training may take: where images are few it is halved, and the trainings "
        f"that are compared used batches of {sizes} images. Where the batches of two rows were halved to the same "
        "size, the rows are equal, and the choice between them means nothing."
    )


def _is_chosen(row: Mapping[str, Any], chosen: Mapping[str, Any]) -> bool:
    return all(row.get(name) == value for name, value in chosen.items())


def _values(settings: Mapping[str, Any]) -> str:
    return listed([f"{_word(name)} {_value(value)}" for name, value in settings.items()])


def _word(name: str) -> str:
    return name.replace("_", " ")


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:g}" if isinstance(value, float) else str(value)
