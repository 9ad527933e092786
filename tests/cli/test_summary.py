"""What is printed at the end: every method, the best first, measured against random."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pyarrow as pa
from rich.console import Console

from swither.cli.summary import print_summary
from swither.report.headline import Headline


def printed(rows: list[dict[str, Any]]) -> tuple[str, Headline | None]:
    console = Console(file=io.StringIO(), width=120)
    headline = print_summary(pa.Table.from_pylist(rows), Path("out"), console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().replace("\xa0", " "), headline


def rows_of(method: str, *accuracies: float, cycle: int = 1, labelled: int = 30) -> list[dict[str, Any]]:
    return [
        {"method": method, "seed": seed, "cycle": cycle, "labelled": labelled, "accuracy": accuracy}
        for seed, accuracy in enumerate(accuracies)
    ]


def test_the_last_cycle_is_shown_best_first_with_intervals_and_the_reference() -> None:
    rows = rows_of("random", 0.5, 0.6, 0.7) + rows_of("margin", 0.7, 0.8, 0.9) + rows_of("dispersion", 0.6, 0.7, 0.8)
    rows += rows_of("margin", 0.1, 0.1, 0.1, cycle=0, labelled=20)
    rows += rows_of("reference", 0.98, 0.98, 0.98, cycle=0, labelled=1000)
    text, headline = printed(rows)
    order = [text.index(f"  {name}  ") for name in ("margin", "dispersion", "random", "all images")]
    assert order == sorted(order)
    assert "80.0 % (55.2 to 100.0)" in text
    assert "60.0 % ± 24.8" in text
    assert "+20.0" in text
    assert "98.0 %" in text
    assert str(Path("out") / "report.html") in text
    assert headline is not None
    assert "dispersion" in headline.lead


def test_one_seed_claims_no_interval() -> None:
    text, headline = printed(rows_of("random", 0.5) + rows_of("dispersion", 0.75))
    assert "±" not in text
    assert "intervals" not in text
    assert headline is not None
    assert "chance" in headline.sentences[0]


def test_two_seeds_show_their_results_and_claim_no_interval() -> None:
    text, _ = printed(rows_of("random", 0.5, 0.6) + rows_of("dispersion", 0.7, 0.9))
    assert "±" not in text
    assert "means of 2 seeds with their results" in text


def test_nothing_finished_is_said() -> None:
    console = Console(file=io.StringIO(), width=120)
    assert print_summary(pa.table({"method": []}), Path("out"), console) is None
    assert isinstance(console.file, io.StringIO)
    assert "no finished cycle" in console.file.getvalue()


def test_unlike_numbers_of_seeds_are_said_and_stand_beside_each_method() -> None:
    rows = rows_of("random", 0.5, 0.6, 0.7, 0.8) + rows_of("margin", 0.7, 0.8) + rows_of("reference", 0.9, 0.9, cycle=0)
    text, _ = printed(rows)
    assert "means of 2 to 4 seeds with 95 % intervals" in " ".join(text.split())
    assert "not of the same seeds" in " ".join(text.split())
    assert ["margin", "30", "2"] in [line.split()[:3] for line in text.splitlines()]
    assert "seeds  " in text.splitlines()[1]


def test_equal_numbers_of_seeds_need_no_column() -> None:
    text, _ = printed(rows_of("random", 0.5, 0.6, 0.7) + rows_of("margin", 0.7, 0.8, 0.9))
    assert "means of 3 seeds with 95 % intervals" in text
    assert "seeds" not in text.splitlines()[1]
    assert "same seeds" not in text
