"""The commands of projects: init, import, status, export."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from swither.cli import main


@pytest.fixture
def photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    draw = np.random.default_rng(0)
    for number in range(8):
        folder = tmp_path / "my [photos]" / ("cat", "dog")[number % 2]
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(draw.integers(0, 255, (8, 8, 3), dtype=np.uint8)).save(folder / f"{number}.png")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "my [photos]"


def said(capsys: pytest.CaptureFixture[str]) -> str:
    captured = capsys.readouterr()
    return captured.out + captured.err


def test_from_a_folder_to_its_labels_and_out_again(photos: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", str(photos), "--name", "pets"]) == 0
    text = said(capsys)
    assert f"Begun: {photos}/.swither" in text
    assert "8 images" in text
    assert main(["init", str(photos)]) == 0
    assert "There is a project already" in said(capsys)
    assert main(["status", str(photos)]) == 0
    assert f"Next: Label the first images; classes are named on the page: swither label {photos}" in said(capsys)
    assert main(["import", str(photos)]) == 0
    assert "8 images labelled.\nNew classes: cat, dog." in said(capsys)
    assert main(["import", str(photos), str(photos)]) == 0
    assert "0 images labelled, 8 had that label already." in said(capsys)
    assert main(["status", str(photos)]) == 0
    assert "pets: " in said(capsys)
    for name in ("csv", "jsonl", "parquet", "folders", "label-studio"):
        assert main(["export", name, str(photos), "--out", f"out-{name}"]) == 0
        text = said(capsys)
        assert re.search(r"8 labelled images: [4-8] to train on, [0-4] to test on", text)
        assert ('<Choice value="cat"/>' in text) == (name == "label-studio")
    assert main(["import", "out-jsonl", str(photos)]) == 1
    assert "ends in" in said(capsys)


def test_inside_its_folder_a_project_needs_no_name(
    photos: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["init", str(photos)]) == 0
    monkeypatch.chdir(photos)
    (photos.parent / "labels.csv").write_text("path,label\ncat/0.png,tiger\nnowhere.png,tiger\n")
    said(capsys)
    assert main(["import", "../labels.csv"]) == 0
    text = said(capsys)
    assert "1 image labelled" in text
    assert "(1):\n  line 3: nowhere.png" in text
    assert main(["status"]) == 0
    assert "tiger 1" in said(capsys)
    assert main(["import", "."]) == 0
    assert "--correct replaces labels that differ:\n  cat/0.png: 'cat' there, 'tiger' here" in said(capsys)
    assert main(["import", ".", "--correct"]) == 0
    assert "1 corrected" in said(capsys)
    assert main(["export", "csv", "--out", "../out.csv"]) == 0


def test_what_cannot_be_done_is_told_with_what_to_do(photos: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status"]) == 1
    assert "Begin one with: swither init" in said(capsys)
    assert main(["import", "none.csv"]) == 1
    assert "swither init" in said(capsys)
    assert main(["init", "nowhere"]) == 1
    assert "Expected a folder of images, found nothing" in said(capsys)
    assert main(["init", str(photos)]) == 0
    assert main(["export", "csv", str(photos), "--out", "x.csv"]) == 1
    assert "no labels" in said(capsys)
    assert main(["export", "csv", str(photos)]) == 2
    assert "--out is missing: add --out and its value" in said(capsys)
    assert main(["export", "csv", str(photos), "--out"]) == 2
    assert "--out requires an argument" in said(capsys), "a flag without its value was called missing"


def test_arguments_in_the_wrong_order_are_named(photos: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("labels.csv").write_text("path,label\n")
    assert main(["init", str(photos)]) == 0
    said(capsys)
    assert main(["import", str(photos), "labels.csv"]) == 1
    assert f"the labels come first. swither import labels.csv {photos}" in said(capsys)
    assert main(["export", str(photos), "--out", "x.csv"]) == 1
    assert "Known: csv, folders, jsonl" in said(capsys)


def test_a_project_may_lie_elsewhere(photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", str(photos), "--project", "elsewhere"]) == 0
    assert f"swither label {tmp_path}/elsewhere" in said(capsys)
    assert not (photos / ".swither").exists()
    assert main(["import", str(photos), "elsewhere"]) == 0
    assert main(["status", "elsewhere"]) == 0
