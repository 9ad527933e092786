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


def test_the_first_column_is_a_setting_with_its_name_and_no_accuracy(synthetic_paper: ModuleType) -> None:
    section = choice(Comparison(synthetic_paper.paper_data()))
    assert section is not None
    heads = re.findall(r"<th scope=\"col\">(.*?)</th>", section.body)
    assert heads == ["Weight decay", "Batch size", "Nesterov", "Accuracy, %", "Less the best", ""]
    assert '<th scope="row"><strong>0.0005</strong></th>' in section.body


def test_batches_that_few_images_halved_are_shown_and_said(synthetic_paper: ModuleType) -> None:
    data = synthetic_paper.paper_data()
    grid = data.choice
    rows = [{**row, "used_batch_size": 64} for row in grid.rows]
    results = [{**row, "batch_size": 32 if row["cycle"] else 16} for row in data.results]
    section = choice(Comparison(replace(data, choice=replace(grid, rows=rows), results=results)))
    assert section is not None
    assert section.body.count("<td>64</td>") == 12
    assert "used batches of 16 and 32 images" in section.body
    whole = [{**row, "batch_size": 128} for row in data.results]
    section = choice(Comparison(replace(data, results=whole)))
    assert section is not None
    assert "used batches of" not in section.body


def test_a_setting_that_was_given_over_the_choice_is_not_called_taken(synthetic_paper: ModuleType) -> None:
    data = synthetic_paper.paper_data()
    used = {**data.choice.chosen, "batch_size": 256, "epochs": 100}

    def said(used: dict[str, object]) -> str:
        results = [{**row, "batch_size": 256} for row in data.results]
        section = choice(Comparison(replace(data, choice=replace(data.choice, used=used), results=results)))
        assert section is not None
        return unescape(re.sub(r"<[^>]+>", " ", section.body)).replace("\u00a0", " ")

    assert "Taken: weight decay 0.0005 and nesterov on; given instead: batch size 256." in said(used)
    assert " chosen " not in said(used).replace("were chosen", ""), "the row is only the best"
    assert "Nothing of the best was taken; given instead: weight decay 0, batch" in said(
        {"weight_decay": 0.0, "batch_size": 256, "nesterov": False}
    )
    assert "given instead" not in said(dict(data.choice.chosen))


def test_a_larger_batch_that_was_given_is_what_trainings_of_few_images_halve(synthetic_paper: ModuleType) -> None:
    data = synthetic_paper.paper_data()
    results = [{**row, "batch_size": 128} for row in data.results]
    grid = replace(data.choice, used={**data.choice.chosen, "batch_size": 256})
    section = choice(Comparison(replace(data, choice=grid, results=results)))
    assert section is not None
    assert "used batches of 128 images" in section.body


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
