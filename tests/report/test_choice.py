"""The grid of settings that was tried: all of it is shown."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from types import ModuleType

from swither.report.choice import choice
from swither.report.comparison import Comparison


def test_every_combination_is_shown_and_the_chosen_one_is_marked(synthetic_paper: ModuleType) -> None:
    data = synthetic_paper.paper_data()
    section = choice(Comparison(data))
    assert section is not None
    rows = re.findall(r"<tr>.*?</tr>", section.body.split("<tbody>")[1])
    text = unescape(re.sub(r"<[^>]+>", " ", section.body)).replace("\u00a0", " ")
    assert len(rows) == 12
    assert sum("chosen" in row for row in rows) == 1
    assert "chosen" in rows[0]
    assert "Taken: weight decay 0.0005, batch size 128 and nesterov on" in text
    assert "5,000 held-out training images" in text
    assert "45,000 others" in text
    assert "circumstances" not in text.lower().replace("circumstances of", "")


def test_without_a_choice_there_is_no_section(synthetic_paper: ModuleType) -> None:
    assert choice(Comparison(replace(synthetic_paper.paper_data(), choice=None))) is None


def test_combinations_of_several_machines_are_said_to_be_so(synthetic_paper: ModuleType) -> None:
    data = synthetic_paper.paper_data()
    alike = choice(Comparison(data))
    mixed = replace(data, choice=replace(data.choice, unequal={"machine": ["a <card>", "a processor"]}))
    section = choice(Comparison(mixed))
    assert alike is not None
    assert section is not None
    assert "trained alike" not in alike.body
    assert "Not all were trained alike" in section.body
    assert "machine (a &lt;card&gt;; a processor)" in section.body
