"""A cell's folder has a name that every system takes, and says again whose it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from swither.experiment.cells import FORMAT, VERSION, Cell
from swither.files import write_json

OWN = "C:/my ideas/mine.py:doubt:power=2.0"


@pytest.mark.parametrize("method", ["random", "reference", "dispersion:stride=5", "vaal:width=16,iterations=300"])
def test_a_folder_made_before_functions_of_ones_own_is_found_by_its_name(method: str) -> None:
    cell = Cell(method, 12)
    assert cell.name == f"{method.replace(':', '+')}--seed12"
    assert Cell.named(cell.name) == Cell.named(Path("cells") / cell.name) == cell


def test_a_function_of_ones_own_is_found_again_by_what_the_folder_says(tmp_path: Path) -> None:
    cell = Cell(OWN, 3)
    folder = cell.folder(tmp_path)
    assert not set(folder.name) & set('<>:"/\\|?* ')
    write_json(folder / "cell.json", FORMAT, VERSION, {"method": OWN, "seed": 3})
    assert Cell.named(folder) == cell


def test_a_damaged_or_foreign_cell_keeps_the_name_of_its_folder(tmp_path: Path) -> None:
    folder = Cell(OWN, 3).folder(tmp_path)
    folder.mkdir(parents=True)
    for content in (None, "{", '{"format": "swither cell", "version": 1, "method": "margin"}'):
        if content:
            (folder / "cell.json").write_text(content)
        cell = Cell.named(folder)
        assert cell is not None
        assert cell.name == folder.name


def test_what_is_no_cell_has_no_name() -> None:
    assert Cell.named("lock") is None
    assert Cell.named("random--seedling") is None
