from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from swither.report.manuscript import write_manuscript


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, synthetic: ModuleType) -> Path:
    folder = tmp_path_factory.mktemp("paper")
    (folder / "mine.txt").write_text("kept")
    written = write_manuscript(synthetic.report_data(montage=(), pool_largest_class=()), folder)
    assert sorted([*written, folder / "mine.txt"]) == sorted(path for path in folder.rglob("*") if path.is_file())
    return folder


def test_every_figure_comes_in_both_widths_with_its_numbers(folder: Path) -> None:
    names = {path.stem for path in (folder / "figures").glob("*.csv")}
    assert {"learning-curves", "areas", "informativeness", "penalties", "selected-classes", "cost"} <= names
    for name in names:
        assert (folder / "figures" / f"{name}.pdf").read_bytes().startswith(b"%PDF")
        assert (folder / "figures" / f"{name}-one-column.pdf").read_bytes().startswith(b"%PDF")
        assert len((folder / "figures" / f"{name}.csv").read_text().splitlines()) > 1


def test_tables_protocol_and_references_are_there(folder: Path) -> None:
    assert (folder / "tables" / "accuracy.tex").read_text().startswith("% Needs \\usepackage{booktabs}")
    assert "Holm" in (folder / "protocol.txt").read_text()
    assert "\\cite{" in (folder / "protocol.tex").read_text()
    assert "@inproceedings{zolfaghari2021dispersion," in (folder / "methods.bib").read_text()


def test_everything_that_is_cited_is_in_the_references(folder: Path) -> None:
    keys = {
        k for each in re.findall(r"\\cite\{([^}]*)\}", (folder / "protocol.tex").read_text()) for k in each.split(",")
    }
    assert keys <= set(re.findall(r"@\w+\{(\w+),", (folder / "methods.bib").read_text()))


def test_a_folder_without_results_gives_no_figure_and_no_error(tmp_path: Path, synthetic: ModuleType) -> None:
    data = synthetic.report_data(
        results=(), informativeness=(), montage=(), selected_classes=(), pool_largest_class=(), planned=()
    )
    written = {path.name for path in write_manuscript(data, tmp_path)}
    assert written == {"protocol.txt", "protocol.tex", "methods.bib"}


def test_names_that_mean_something_to_latex_or_have_no_letters_here_are_written_all_the_same(
    tmp_path: Path, synthetic: ModuleType
) -> None:
    names = ("$x_1$ & \\frac", "\u732b" * 3, "_hidden", "a" * 60, "\x02tab\there", "50 % {", "#7", "~", "^", "\\")
    small = synthetic.report_data(montage=(), pool_largest_class=(), informativeness=())
    data = replace(
        small,
        class_names=names,
        pool_classes=dict.fromkeys(names, 10),
        selected_classes=[{**row, "class_name": names[int(row["class_name"])]} for row in small.selected_classes],
        methods=[{"name": name, "title": title} for name, title in zip(synthetic.METHODS, names, strict=False)],
    )
    write_manuscript(data, tmp_path)
    for path in tmp_path.rglob("*.tex"):
        source = re.sub(r"\\[{}]", "", path.read_text(encoding="utf-8"))
        assert source.count("{") == source.count("}"), path.name
        assert "\x02" not in source
    assert (tmp_path / "figures" / "selected-classes.pdf").read_bytes().startswith(b"%PDF")
