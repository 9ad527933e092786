"""CSV and JSON lines: one line for each file of each answered image."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from swither.files import write_atomically
from swither.project.exporting.rows import NEITHER, TEST, TRAIN, Answer, Answers, Exported, answers_of

if TYPE_CHECKING:
    from swither.project.project import Project

COLUMNS = ("path", "label", "part", "declined", "image", "by", "at", "seconds")


def write_csv(project: Project, out: Path) -> Exported:
    """Write a CSV file: UTF-8, a comma between values, quotes where they are needed, names in the first line.

    Values stand as they are. A class called ``=1+1`` is written so: whoever opens the file in a spreadsheet imports
    the columns as text.

    Args:
        project: whose labels.
        out: the file.
    """
    answers = answers_of(project)
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in answers.rows:
        for line in _lines(row):
            writer.writerow(["" if line[name] is None else line[name] for name in COLUMNS])
    write_atomically(out, text.getvalue().encode("utf-8", "surrogateescape"))
    return counted(answers, out)


def write_jsonl(project: Project, out: Path) -> Exported:
    """Write one JSON object a line, with null where there is nothing to say.

    Args:
        project: whose labels.
        out: the file.
    """
    answers = answers_of(project)
    lines = [json.dumps(line, ensure_ascii=False) + "\n" for row in answers.rows for line in _lines(row)]
    write_atomically(out, "".join(lines).encode("utf-8", "surrogateescape"))
    return counted(answers, out)


def counted(answers: Answers, out: Path) -> Exported:
    """What was written, where every answer was.

    Args:
        answers: all of them.
        out: where they were written.
    """
    parts = [row.part for row in answers.labelled]
    return Exported(out, parts.count(TRAIN), parts.count(TEST), len(answers.rows) - len(parts), parts.count(NEITHER))


def _lines(row: Answer) -> list[dict[str, Any]]:
    values = vars(row)
    return [{name: path if name == "path" else values[name] for name in COLUMNS} for path in row.paths or ("",)]
