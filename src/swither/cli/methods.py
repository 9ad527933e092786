"""``swither methods``: what there is to choose from, a line each."""

from __future__ import annotations


def methods() -> int:
    """List the methods that can be compared, and the networks."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    from swither.acquisition import ACQUISITIONS
    from swither.models.catalogue import MODELS

    console = Console()
    table = Table("--acquisition", "asks first for", box=box.SIMPLE_HEAD)
    for method in ACQUISITIONS.values():
        table.add_row(method.name, method.summary)
    console.print(table)
    table = Table("--model", "what it is", box=box.SIMPLE_HEAD)
    for model in MODELS.values():
        table.add_row(model.name, model.summary)
    console.print(table)
    console.print("One of your own, as my_file.py:my_score or my_file.py:build: docs/your_own.md.", highlight=False)
    return 0
