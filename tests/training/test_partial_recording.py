from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from swither.data.augmentation import Normalisation
from swither.data.features import Features
from swither.data.image_set import ImageSet
from swither.dynamics import LabelHistory
from swither.dynamics.deferred import DeferredSearch
from swither.dynamics.sure import surely_most_dispersed
from swither.errors import DamagedState, NotEnoughSpace
from swither.models import ModelSettings, Network, build_model
from swither.training import PoolRecorder, Recipe, fit, predict, use_threads
from swither.training import partial_recording as partial_module
from swither.training.clean_pass import predict_logits
from swither.training.partial_recording import (
    DeferredLooks,
    OnlineRecorder,
    WeightKeeper,
    record_deferred,
    require_room,
    weights_after,
)
from swither.training.recording import labels_through

MakeImages = Callable[..., ImageSet]

RECIPE = Recipe(epochs=8, least_steps=0)
CPU = torch.device("cpu")
NOTHING = Normalisation(mean=(0.0,), deviation=(1.0,))


def network(images: ImageSet, name: str = "tiny") -> Network:
    model = build_model(ModelSettings(name, width=4), images.image_shape, images.classes, seed=1)
    assert isinstance(model, Network)
    return model


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("side", [8, 32])
@pytest.mark.parametrize("name", ["tiny", "resnet8", "resnet18"])
def test_a_part_of_a_pool_is_predicted_to_the_last_bit_as_within_the_whole(
    make_images: MakeImages, name: str, side: int, threads: int
) -> None:
    images = make_images(300, side=side, channels=3, seed=3)
    normalisation = Normalisation.of(images)
    model = network(images, name)
    fit(model, images.take(np.arange(60)), Recipe(epochs=1, least_steps=0), seed=2, normalisation=normalisation)
    draw = np.random.default_rng(0)
    with use_threads(threads):
        whole = predict(model, images, normalisation)
        for size in (1, 7, 128, 129, 299):
            rows = draw.permutation(300)[:size]
            part = predict(model, images.take(rows), normalisation)
            assert np.array_equal(part.logits, whole.logits[rows])
            assert np.array_equal(part.embeddings, whole.embeddings[rows])


@pytest.mark.parametrize("hidden", [None, 16])
def test_a_part_of_a_pool_is_predicted_by_a_head_to_the_last_bit_as_within_the_whole(
    make_images: MakeImages, hidden: int | None
) -> None:
    images = make_images(700)
    values = np.random.default_rng(0).normal(size=(700, 1280)).astype(np.float16)
    images = replace(images, features=Features(values, np.arange(700), "key", "made up"))
    head = build_model(ModelSettings("features", width=hidden), images.image_shape, images.classes, 0, 1280)
    whole = predict_logits(head, images, NOTHING)
    for size in (1, 255, 257, 699):
        rows = np.random.default_rng(size).permutation(700)[:size]
        assert np.array_equal(predict_logits(head, images.take(rows), NOTHING), whole[rows])


@pytest.mark.parametrize("every", [1, 3])
@pytest.mark.parametrize("budget", [1, 6, 50])
def test_online_and_deferred_find_what_a_full_recording_selects(
    make_images: MakeImages, tmp_path: Path, every: int, budget: int
) -> None:
    images, pool = make_images(20), make_images(50, seed=1)
    normalisation = Normalisation.of(images)
    looks = labels_through(normalisation, CPU)
    full = LabelHistory.create(pool.ids, 3)
    online = LabelHistory.create(pool.ids, 3)
    keeper = WeightKeeper(tmp_path, recordings=8 // every, every=every)
    observers = [
        PoolRecorder(full, pool, normalisation, "cpu", every=every),
        OnlineRecorder(online, pool, looks, recordings=8 // every, every=every, budget=budget),
        keeper,
    ]
    model = fit(network(images), images, RECIPE, seed=2, observers=observers).model
    deferred = LabelHistory.create(pool.ids, 3)
    asked = DeferredLooks(tmp_path, model, pool, looks, recordings=8 // every, checkpoint_seconds=0.0)
    record_deferred(asked, DeferredSearch(8 // every, 50, 3, budget), deferred)
    expected = surely_most_dispersed(full, budget).tolist()
    for history in (online, deferred):
        assert surely_most_dispersed(history, budget).tolist() == expected
        seen = history.labels != history.not_recorded
        assert np.array_equal(history.labels[seen], full.labels[seen])


def test_an_online_recording_goes_on_from_any_epoch_of_its_history(make_images: MakeImages) -> None:
    images, pool = make_images(20), make_images(50, seed=1)
    looks = labels_through(Normalisation.of(images), CPU)
    history = LabelHistory.create(pool.ids, 3)
    fit(
        network(images),
        images,
        RECIPE,
        seed=2,
        observers=[OnlineRecorder(history, pool, looks, recordings=8, every=1, budget=4)],
    )
    rows = np.array(history.labels)
    for kept in (7, 4, 0):
        recorder = OnlineRecorder(history, pool, looks, recordings=8, every=1, budget=4)
        recorder.resume(kept)
        assert np.array_equal(history.labels, rows[:kept])
        with pytest.raises(DamagedState, match=f"holds {kept} of 8"):
            recorder.resume(8)


def test_a_history_of_another_budget_is_not_gone_on_with(make_images: MakeImages) -> None:
    pool = make_images(5)
    labels = [[0, 0, 0, 0, 0], [0, 0, 1, 1, 1], [-1, 0, 0, 0, 0]]
    history = LabelHistory.from_labels(pool.ids, 3, labels)
    looks = labels_through(Normalisation.of(pool), CPU)
    with pytest.raises(DamagedState, match="other images than were looked at"):
        OnlineRecorder(history, pool, looks, recordings=4, every=1, budget=5).resume(3)


def test_kept_weights_are_taken_back_to_an_epoch_and_a_gap_is_seen(make_images: MakeImages, tmp_path: Path) -> None:
    images = make_images(20)
    keeper = WeightKeeper(tmp_path, recordings=4, every=2)
    fit(network(images), images, RECIPE, seed=2, observers=[keeper])
    assert sorted(path.name for path in tmp_path.iterdir()) == [weights_after(tmp_path, n).name for n in range(1, 5)]
    (tmp_path / "seen.safetensors").write_bytes(b"of these weights")
    keeper.resume(5)
    assert sorted(path.name for path in tmp_path.iterdir()) == [weights_after(tmp_path, n).name for n in (1, 2)]
    weights_after(tmp_path, 1).unlink()
    with pytest.raises(DamagedState, match=r"00001.safetensors is missing"):
        keeper.resume(4)


def test_weights_that_would_fill_the_disk_are_refused_but_for_those_that_lie_there(
    make_images: MakeImages, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partial_module.shutil, "disk_usage", lambda path: SimpleNamespace(free=270_000_000))
    with pytest.raises(NotEnoughSpace, match=r"after 4 epochs.*4 MB in.*270 MB are free.*--record online"):
        require_room(tmp_path / "not" / "there", 4, 1_000_000)
    keeper = WeightKeeper(tmp_path, recordings=4, every=1)
    keeper.after_epoch(1, network(make_images(20)))
    require_room(tmp_path, 2, 1_000_000)
    with pytest.raises(NotEnoughSpace, match="after 3 epochs"):
        require_room(tmp_path, 4, 1_000_000)
    require_room(tmp_path, 1, 10**12)


def test_what_was_seen_before_an_interruption_is_not_looked_at_again(make_images: MakeImages, tmp_path: Path) -> None:
    pool = make_images(40)
    model = network(pool)
    keeper = WeightKeeper(tmp_path, recordings=2, every=1)
    for epoch in (1, 2):
        keeper.after_epoch(epoch, model)
    counted: list[int] = []
    looks = labels_through(Normalisation.of(pool), CPU)

    def counting(model: torch.nn.Module, images: ImageSet) -> object:
        counted.append(len(images))
        return looks(model, images)

    def begin() -> DeferredLooks:
        return DeferredLooks(tmp_path, model, pool, counting, recordings=2, checkpoint_seconds=0.0)  # type: ignore[arg-type]

    first = begin()(1, np.arange(30))
    assert counted == [30]
    again = begin()
    assert np.array_equal(again(1, np.arange(10, 40))[:20], first[10:])
    assert counted == [30, 10]
    assert again.seconds > 0


def test_labels_that_were_seen_are_kept_in_the_smallest_type(make_images: MakeImages, tmp_path: Path) -> None:
    def looks(model: torch.nn.Module, images: ImageSet) -> object:
        return np.full(len(images), images.classes - 1)

    names = tuple(f"c{number:03}" for number in range(300))
    for classes, size in ((3, 1), (300, 2)):
        pool = replace(make_images(40), class_names=names[:classes])
        folder = tmp_path / str(classes)
        model = network(pool)
        WeightKeeper(folder, recordings=1, every=1).after_epoch(1, model)
        for _ in range(2):  # the second reads what the first wrote
            asked = DeferredLooks(folder, model, pool, looks, recordings=1, checkpoint_seconds=0.0)  # type: ignore[arg-type]
            answer = asked(0, np.arange(40))
            assert answer.tolist() == [classes - 1] * 40
            assert answer.dtype.itemsize == size
