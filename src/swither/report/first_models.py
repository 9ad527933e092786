"""What is said of the first model of a seed is said of one network.

Methods of a seed share their first training. Where several machines trained it and their results were merged, it is
another network each time on a graphics card, and what each method found in its own cannot be held against the others.
"""

from __future__ import annotations

from collections.abc import Sequence

from swither.report.comparison import Cell, Comparison
from swither.report.contents import Row
from swither.report.wording import plural

_TABLES = {
    "informativeness": "the accuracy of the first model on what methods would ask for first",
    "wrong_predictions": "what finds the wrong predictions of the first model",
}


def of_first_model(comparison: Comparison, rows: Sequence[Row]) -> list[Row]:
    """The pooled rows about the first training, of each seed those of one network.

    It is the network that most methods of these rows have; among equals the one of the method that the report speaks
    of, or else the first. Rows that name no network, from before it was kept, are all taken.

    Args:
        comparison: the folder's results.
        rows: of a table about the first training, with `method` and `seed`; later cycles are left out.
    """
    first = [row for row in comparison.pooled(rows) if int(row.get("cycle", 0)) == 0]
    networks: dict[int, dict[str, set[str]]] = {}  # seed -> network -> methods
    for row in first:
        if row.get("weights"):
            networks.setdefault(int(row["seed"]), {}).setdefault(row["weights"], set()).add(str(row["method"]))
    shared = {
        seed: max(found, key=lambda network: (len(found[network]), comparison.focus in found[network]))
        for seed, found in networks.items()
    }
    return [row for row in first if not row.get("weights") or row["weights"] == shared[int(row["seed"])]]


def other_first_models(comparison: Comparison) -> list[str]:
    """A sentence for each table of which runs were left out because their first model is another network.

    Args:
        comparison: the folder's results.
    """
    said = []
    for table, what in _TABLES.items():
        rows = [row for row in comparison.pooled(getattr(comparison.data, table)) if int(row.get("cycle", 0)) == 0]
        runs = sorted(set(map(_cell, rows)) - set(map(_cell, of_first_model(comparison, rows))))
        if runs:
            named = "; ".join(f"{comparison.titles.get(method, method)}, seed {seed}" for method, seed in runs)
            said.append(
                f"{plural(len(runs), 'run')} left out of {what}, made with another first model than the other methods "
                f"of the seed: {named}."
            )
    return said


def _cell(row: Row) -> Cell:
    return str(row["method"]), int(row["seed"])
