"""The labels come out of the page as they are stored, and nothing is left behind on the server."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient


@pytest.fixture
def labelled(client: TestClient, send: Callable[..., Any]) -> str:
    """Path of an image with a label."""
    item = client.get("/api/next?count=1").json()["items"][0]
    send(
        {"kind": "class_added", "class_id": "c", "text": "wild cat"},
        {"kind": "labelled", "image": item["image"], "class_id": "c", "query": item["token"]},
    )
    return str(item["name"])


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files lie."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def test_labels_come_as_a_table_to_be_kept(client: TestClient, labelled: str, temporary: Path) -> None:
    answer = client.get("/api/export")
    assert answer.headers["content-disposition"] == 'attachment; filename="photographs-labels.csv"'
    rows = list(csv.reader(io.StringIO(answer.text)))
    assert any(labelled in row and "wild cat" in row for row in rows)
    assert not list(temporary.iterdir())


@pytest.mark.parametrize("name", ["jsonl", "label-studio"])
def test_labels_come_as_json(client: TestClient, labelled: str, temporary: Path, name: str) -> None:
    answer = client.get(f"/api/export?format={name}")
    assert "wild cat" in json.dumps(
        [json.loads(line) for line in answer.text.splitlines()] if name == "jsonl" else answer.json()
    )
    assert not list(temporary.iterdir())


@pytest.mark.parametrize(
    ("name", "said"), [("parquet", "swither export parquet"), ("folders", "--out"), ("xml", "csv")]
)
def test_what_is_no_file_is_refused_with_what_to_do(
    client: TestClient, labelled: str, temporary: Path, name: str, said: str
) -> None:
    answer = client.get(f"/api/export?format={name}")
    assert answer.status_code == 400
    assert said in answer.json()["error"]
    assert not list(temporary.iterdir())


def test_without_labels_there_is_nothing_to_keep(client: TestClient, temporary: Path) -> None:
    assert client.get("/api/export").status_code == 400
    assert not list(temporary.iterdir())
