from __future__ import annotations

from types import ModuleType

from swither.report.accuracy_tables import cycle_tables, last_cycle_table
from swither.report.comparison import Comparison


def test_figures_of_one_cycle_carry_no_marks_and_are_called_descriptive(synthetic: ModuleType) -> None:
    comparison = Comparison(synthetic.report_data())
    for markup in (last_cycle_table(comparison), cycle_tables(comparison)):
        assert "escriptive" in markup
        assert not {"*", "\u25b2", "\u25bc", "\u2020"} & set(markup)


def test_the_note_leads_to_what_is_tested(synthetic: ModuleType) -> None:
    note = last_cycle_table(Comparison(synthetic.report_data()))

    assert "What is tested is the whole curve, see \u201cHow sure is that?\u201d." in note
