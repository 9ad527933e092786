from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from swither.errors import InputError
from swither.report import ReportData, write_report
from swither.report.comparison import Comparison
from swither.report.vaal import vaal


def log(seeds: int, cycles: int, points: int = 12, method: str = "vaal", accuracy: float = 0.7) -> list[dict[str, Any]]:
    return [
        {
            "method": method,
            "seed": seed,
            "cycle": cycle,
            "iteration": 25 * number,
            "discriminator_accuracy": accuracy + 0.01 * seed,
            "reconstruction_error": 0.3 / number,
            "error_of_the_mean": 0.2,
        }
        for seed in range(seeds)
        for cycle in range(cycles)
        for number in range(1, points + 1)
    ]


def data(rows: list[dict[str, Any]]) -> ReportData:
    results = [
        {"method": method, "seed": seed, "cycle": 0, "labelled": 10, "accuracy": 0.5}
        for method, seed in dict.fromkeys((row["method"], row["seed"]) for row in rows)
    ]
    return ReportData("test", results or [{"method": "vaal", "seed": 0, "cycle": 0, "labelled": 1, "accuracy": 0.5}],
                      vaal_log=rows)  # fmt: skip


def test_without_vaal_there_is_no_section() -> None:
    assert vaal(Comparison(data([]))) is None


@pytest.mark.parametrize("cycles", [1, 2, 4, 7])
def test_there_are_two_panels_for_each_query(cycles: int) -> None:
    section = vaal(Comparison(data(log(2, cycles))))
    assert section is not None
    (drawing,) = section.drawings
    for svg in (drawing.svg.decode(), drawing.narrow_svg.decode()):
        assert [svg.count(f">cycle {cycle}: right<") for cycle in range(cycles)] == [1] * cycles
        assert svg.count(">error<") == cycles


def test_a_collapse_is_said_in_the_section_and_a_sound_training_too() -> None:
    sound = vaal(Comparison(data(log(1, 3))))
    collapsed = vaal(Comparison(data(log(1, 3, accuracy=0.5))))
    assert sound is not None
    assert collapsed is not None
    assert "In none of 3 queries did VAAL collapse" in sound.body
    assert "discriminator was at chance at the end of 3" in collapsed.body
    assert "did VAAL collapse" not in collapsed.body


def test_variants_of_different_lengths_are_drawn_side_by_side() -> None:
    rows = [*log(2, 2), *log(1, 2, points=5, method="vaal:iterations=125")]
    section = vaal(Comparison(data(rows)))
    assert section is not None
    assert section.drawings[0].svg


def test_a_single_point_of_a_single_query_is_drawn() -> None:
    section = vaal(Comparison(data(log(1, 1, points=1))))
    assert section is not None


def test_a_row_without_a_measure_is_refused() -> None:
    rows = log(1, 1)
    del rows[3]["error_of_the_mean"]
    with pytest.raises(InputError, match="Row 3 of vaal_log lacks error_of_the_mean"):
        data(rows)


def test_the_page_holds_the_section_and_its_figure(tmp_path: Path, synthetic: ModuleType) -> None:
    rows = log(3, 2, method="margin")
    page = write_report(synthetic.report_data(vaal_log=rows), tmp_path).read_text("utf-8")
    assert "Did VAAL learn?" in page
    assert (tmp_path / "figures" / "vaal.svg").exists()
