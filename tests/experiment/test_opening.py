"""A comparison of heads works as every other: all kinds of methods, resumed, asked for opinions, shown in a report."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from swither.data import DataSettings, open_dataset
from swither.errors import InputError, SettingsDiffer
from swither.experiment import compare, opinions
from swither.experiment.contents import report_data
from swither.experiment.opening import opened
from swither.experiment.results import results_table, selected_table
from swither.experiment.settings import CompareSettings
from swither.models import BackboneSettings, ModelSettings
from swither.report.comparison import Comparison
from swither.report.manuscript.protocol import as_text
from swither.training import Recipe


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> CompareSettings:
    """Heads on embeddings alone, from a file, as quick as can be."""
    folder = tmp_path_factory.mktemp("own")
    draw = np.random.default_rng(0)
    labels = np.arange(150) % 3
    values = draw.normal(size=(3, 6))[labels] + draw.normal(size=(150, 6))
    np.savez(folder / "own.npz", embeddings=values.astype(np.float16), labels=labels)
    return CompareSettings(
        DataSettings(str(folder / "own.npz"), cache=str(folder / "cache")),
        acquisitions=("margin", "bald", "dispersion"),
        seeds=1,
        reference=False,
        initial="9",
        step="6",
        cycles=1,
        model=ModelSettings("features"),
        recipe=Recipe(epochs=4, least_steps=4),
        features=BackboneSettings(embeddings=str(folder / "own.npz")),
        device="cpu",
        jobs=1,
    )


@pytest.fixture(scope="module")
def done(own: CompareSettings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("results") / "out"
    compare(own, out)
    return out


def test_heads_are_compared_and_the_report_does_without_pictures(done: Path, own: CompareSettings) -> None:
    table = compare(own, done)  # nothing is left to do
    assert table.column("labelled").to_pylist() == [9, 15] * 3
    assert len(set(table.column("accuracy").to_pylist()[::2])) == 1  # the first training is everybody's
    assert (done / "report.html").exists()
    assert not list(done.rglob("montage.npz"))


def test_a_finished_folder_is_asked_for_opinions_by_its_name_alone(done: Path) -> None:
    rows = opinions(done, methods=("entropy", "badge", "kcenter", "bald"))[0]["rows"]
    assert [row["method"] for row in rows] == ["entropy", "bald", "kcenter", "badge"]


def test_what_a_manuscript_says_of_a_finished_folder_of_heads_is_true(done: Path) -> None:
    said = as_text(Comparison(report_data(done, results_table(done), selected_table(done))))
    assert "120 training embeddings of 3 classes (6 numbers each), and 30 test embeddings" in said
    assert "The embeddings were made beforehand and read from the file own.npz." in said
    assert "squared mean deviation" in said
    assert not [word for word in ("crops", "normalised", "is features", str(done.parent)) if word in said]


def test_other_embeddings_are_another_protocol(done: Path, own: CompareSettings, tmp_path: Path) -> None:
    path = Path(own.data.source)
    with np.load(path) as file:
        np.savez(tmp_path / "own.npz", embeddings=file["embeddings"], labels=file["labels"], paths=np.arange(150))
    other = replace(
        own,
        data=replace(own.data, source=str(tmp_path / "own.npz")),
        features=BackboneSettings(embeddings=str(tmp_path / "own.npz")),
    )
    with pytest.raises(SettingsDiffer, match=r"data\.embeddings"):
        compare(other, done)


def test_what_needs_pixels_is_refused_where_there_are_none(own: CompareSettings, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="vaal learns to draw the images"):
        compare(replace(own, acquisitions=("random", "vaal")), tmp_path / "out")
    with pytest.raises(InputError, match="cropped and flipped"):
        compare(replace(own, acquisitions=("dispersion:augmented=true",)), tmp_path / "out")


def test_a_backbone_that_nothing_uses_is_refused(own: CompareSettings) -> None:
    with pytest.raises(InputError, match="for --model features, but the model is tiny"):
        opened(replace(own, model=ModelSettings("tiny")), None, lambda *_: None)


def test_embeddings_of_images_join_them_and_go_where_pixels_are_wanted_again(tmp_path: Path) -> None:
    data = open_dataset(DataSettings("digits"))
    ids = np.concatenate([data.train.ids, data.test.ids])
    values = np.random.default_rng(0).normal(size=(len(ids), 3)).astype(np.float16)
    np.savez(tmp_path / "own.npz", embeddings=values, ids=ids)
    features = BackboneSettings(embeddings=str(tmp_path / "own.npz"))
    settings = CompareSettings(
        DataSettings("digits", cache=str(tmp_path)), model=ModelSettings("features"), features=features
    )
    joined = opened(settings, data, lambda *_: None)
    assert np.array_equal(joined.test.inputs(slice(None)), values[len(data.train) :])
    assert opened(settings, joined, lambda *_: None) is joined
    plain = opened(CompareSettings(DataSettings("digits"), model=ModelSettings("tiny")), joined, lambda *_: None)
    assert plain.train.features is None
