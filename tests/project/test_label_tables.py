"""Tables of labels are read as they were written, whatever stands in them."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from swither.errors import InputError
from swither.project.label_tables import Columns, Labelled, read_table

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\r"), min_size=1, max_size=12).filter(
    lambda text: text == text.strip()
)
ROWS = st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=6)
ANY_FOLDER = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@ANY_FOLDER
@given(rows=ROWS, delimiter=st.sampled_from(",;\t|"))
def test_what_a_csv_writer_wrote_is_read_again(rows: list[tuple[str, str]], delimiter: str, tmp_path: Path) -> None:
    with (tmp_path / "labels.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows([("path", "label", "note"), *((p, v, "n") for p, v in rows)])
    found = read_table(tmp_path / "labels.csv").rows
    assert [(row.reference, row.label) for row in found] == rows


@ANY_FOLDER
@given(rows=ROWS, ascii_=st.booleans())
def test_what_a_json_writer_wrote_is_read_again(rows: list[tuple[str, str]], ascii_: bool, tmp_path: Path) -> None:
    lines = [json.dumps({"label": label, "file": path}, ensure_ascii=ascii_) + "\n" for path, label in rows]
    (tmp_path / "labels.jsonl").write_text("".join(lines), encoding="utf-8", newline="")
    found = read_table(tmp_path / "labels.jsonl").rows
    assert [(row.reference, row.label) for row in found] == rows


def test_rows_say_where_they_stand(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text('id,label\n"a","x"\n\nb,\nc,y\n')
    table = read_table(tmp_path / "labels.csv")
    assert table.rows == (Labelled("a", "x", "line 2", is_id=True), Labelled("c", "y", "line 5", is_id=True))
    assert table.without == 1
    assert table.note == "id from column 'id', label from 'label'"


@pytest.mark.parametrize(
    ("names", "note"),
    [
        ("path,image,label", "path from column 'path', label from 'label'"),
        ("Label,File_Name", "path from column 'File_Name', label from 'Label'"),
        ("image,target", "path from column 'image', label from 'target'"),
        ("label,class,id,img", "path from column 'img', label from 'label'"),
        ("category,hash", "id from column 'hash', label from 'category'"),
    ],
)
def test_columns_are_guessed_by_their_names_in_a_fixed_order(names: str, note: str, tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text(f"{names}\n" + ",".join("v" for _ in names.split(",")) + "\n")
    assert read_table(tmp_path / "labels.csv").note == note


def test_ids_may_be_named_where_paths_are_there_too(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text("path,image,label\na.jpg,abc,x\n")
    table = read_table(tmp_path / "labels.csv", Columns(id="image"))
    assert table.rows == (Labelled("abc", "x", "line 2", is_id=True),)


def test_numbers_and_booleans_of_parquet_become_texts(tmp_path: Path) -> None:
    for values, expected in (([1.0, 2.0], ["1", "2"]), ([True, False], ["true", "false"]), ([3, None], ["3"])):
        pq.write_table(pa.table({"path": ["a", "b"], "label": values}), tmp_path / "labels.parquet")
        assert [row.label for row in read_table(tmp_path / "labels.parquet").rows] == expected


def test_labels_that_are_no_labels_are_refused(tmp_path: Path) -> None:
    pq.write_table(pa.table({"path": ["a"], "label": [0.5]}), tmp_path / "labels.parquet")
    with pytest.raises(InputError, match="whole numbers or texts"):
        read_table(tmp_path / "labels.parquet")
