"""What a manuscript takes from an experiment's folder."""

from __future__ import annotations

from pathlib import Path

from swither.errors import InputError
from swither.experiment.contents import report_data
from swither.experiment.results import results_table, selected_table

FOLDER = "paper"


def manuscript(out: Path | str, to: Path | str | None = None) -> list[Path]:
    """Write figures, tables, a paragraph on the protocol and references from the results in a folder.

    No images and no training are needed; `swither.report.manuscript.write_manuscript` says what is written.

    Args:
        out: the experiment's folder.
        to: where to write; None is ``paper`` in `out`.

    Returns:
        The paths of all files.

    Raises:
        InputError: `out` holds no experiment, or nothing in it has finished.
    """
    from swither.report.manuscript import write_manuscript  # draws with matplotlib

    out = Path(out)
    results = results_table(out)
    data = report_data(out, results, selected_table(out))
    if not results.num_rows:
        raise InputError(f"Expected a training that has finished in {out}, found none: there is nothing to draw yet.")
    return write_manuscript(data, Path(to) if to is not None else out / FOLDER)
