from __future__ import annotations

import re
from dataclasses import replace
from types import ModuleType

from swither.report.accuracy_tables import cycle_tables, last_cycle_table
from swither.report.comparison import Comparison
from swither.report.contents import REFERENCE
from swither.report.wording import NONE


def test_figures_of_one_cycle_carry_no_marks_and_are_called_descriptive(synthetic: ModuleType) -> None:
    comparison = Comparison(synthetic.report_data())
    for markup in (last_cycle_table(comparison), cycle_tables(comparison)):
        assert "escriptive" in markup
        assert not {"*", "\u25b2", "\u25bc", "\u2020"} & set(markup)


def test_the_note_leads_to_what_is_tested(synthetic: ModuleType) -> None:
    note = last_cycle_table(Comparison(synthetic.report_data()))

    assert "What is tested is the whole curve, see \u201cHow sure is that?\u201d." in note


def test_without_a_seed_in_common_there_is_no_share_of_all_data(synthetic: ModuleType) -> None:
    data = synthetic.report_data()
    moved = [{**row, "seed": row["seed"] + 10 * (row["method"] == REFERENCE)} for row in data.results]
    paired, apart = (last_cycle_table(Comparison(d)) for d in (data, replace(data, results=moved)))
    column = [re.findall(r"<td[^>]*>(.*?)</td>", row)[-2] for row in re.findall(r"<tr>.*?</tr>", apart)[1:]]
    assert column[:-1] == [NONE] * len(Comparison(data).methods)
    assert apart.count(NONE) > paired.count(NONE)
