"""A training that was interrupted anywhere goes on as if nothing had happened."""

from __future__ import annotations

import dataclasses
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from swither.arrays import IntArray, StrArray
from swither.data.augmentation import Normalisation
from swither.data.image_set import ImageSet
from swither.dynamics import LabelHistory, TrainingHistory
from swither.models import ModelSettings, Network, build_model
from swither.training import Fitted, Observer, PoolRecorder, Recipe, TrainingRecorder, fit, use_threads
from swither.training.checkpoint import CheckpointWarning
from swither.training.weights import tensors_digest

MakeImages = Callable[..., ImageSet]

RECIPE = Recipe(epochs=6, least_steps=0, learning_rate=0.05)


class Interrupted(Exception):
    """The power cut of these tests."""


class Interrupts:
    """Interrupts in the middle of an epoch, or at its end."""

    def __init__(self, epoch: int, at_end: bool) -> None:
        self.epoch, self.at_end, self.done = epoch, at_end, 0

    def after_batch(self, ids: StrArray, labels: IntArray, logits: Tensor) -> None:
        if self.done + 1 == self.epoch and not self.at_end:
            raise Interrupted

    def after_epoch(self, epoch: int, model: nn.Module) -> None:
        self.done = epoch
        if epoch == self.epoch:
            raise Interrupted

    def resume(self, epochs: int) -> None:
        self.done = epochs


def tiny(images: ImageSet) -> Network:
    return build_model(ModelSettings("tiny", width=4), images.image_shape, images.classes, seed=1)


def digest(fitted: Fitted) -> str:
    return tensors_digest(fitted.model.state_dict())


def recorders(images: ImageSet, pool: ImageSet, folder: Path) -> tuple[LabelHistory, TrainingHistory, list[Observer]]:
    if (folder / "pool").exists():
        history, training = LabelHistory.open(folder / "pool"), TrainingHistory.open(folder / "training")
    else:
        history = LabelHistory.create(pool.ids, 3, folder=folder / "pool", confidence=True)
        training = TrainingHistory.create(images.ids, 3, images.labels, folder=folder / "training")
    pool_recorder = PoolRecorder(history, pool, Normalisation.of(images), "cpu")
    return history, training, [pool_recorder, TrainingRecorder(training)]


def test_interrupted_at_any_epoch_gives_the_same_weights_and_rows(tmp_path: Path, make_images: MakeImages) -> None:
    images, pool = make_images(40), make_images(60, seed=1)
    history, training, observers = recorders(images, pool, tmp_path / "whole")
    whole = fit(tiny(images), images, RECIPE, seed=5, observers=observers)
    for epoch in range(1, 7):
        for at_end in (False, True):
            folder = tmp_path / f"{epoch}-{at_end}"
            for interruption in ([Interrupts(epoch, at_end)], []):
                again, training_again, observers = recorders(images, pool, folder)
                keep = {"checkpoint": folder / "checkpoint", "checkpoint_seconds": 0.0}
                try:
                    fitted = fit(tiny(images), images, RECIPE, seed=5, observers=[*observers, *interruption], **keep)
                except Interrupted:
                    assert interruption
            assert digest(fitted) == digest(whole), (epoch, at_end)
            assert fitted.epochs == whole.epochs
            assert fitted.steps == whole.steps
            assert np.array_equal(again.labels, history.labels)
            assert np.array_equal(again.confidence, history.confidence)
            assert np.array_equal(training_again.margins, training.margins)
            assert not list(folder.glob("checkpoint.aside*"))


def test_killed_without_warning_gives_the_same_weights_and_rows(tmp_path: Path, make_images: MakeImages) -> None:
    program = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import test_checkpoint
from conftest import squares
class Kills(test_checkpoint.Interrupts):
    def after_batch(self, ids, labels, logits):
        if self.done == 3:
            os.kill(os.getpid(), signal.SIGKILL)
    def after_epoch(self, epoch, model):
        self.done = epoch
folder = Path(sys.argv[2])
images, pool = squares(40), squares(60, seed=1)
_, _, observers = test_checkpoint.recorders(images, pool, folder)
with test_checkpoint.use_threads(1):
    test_checkpoint.fit(
        test_checkpoint.tiny(images), images, test_checkpoint.RECIPE, seed=5, observers=[*observers, Kills(0, False)],
        checkpoint=folder / "checkpoint", checkpoint_seconds=0,
    )
"""
    killed = subprocess.run(
        [sys.executable, "-c", program, str(Path(__file__).parent), str(tmp_path / "killed")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    images, pool = make_images(40), make_images(60, seed=1)
    history, _, observers = recorders(images, pool, tmp_path / "whole")
    whole = fit(tiny(images), images, RECIPE, seed=5, observers=observers)
    again, _, observers = recorders(images, pool, tmp_path / "killed")
    assert again.epochs == 3
    checkpoint = tmp_path / "killed" / "checkpoint"
    fitted = fit(tiny(images), images, RECIPE, seed=5, observers=observers, checkpoint=checkpoint)
    assert digest(fitted) == digest(whole)
    assert np.array_equal(again.labels, history.labels)


def test_a_resumed_training_does_not_repeat_finished_epochs(tmp_path: Path, make_images: MakeImages) -> None:
    images = make_images(40)
    keep = {"checkpoint": tmp_path / "checkpoint", "checkpoint_seconds": 0.0}
    with pytest.raises(Interrupted):
        fit(tiny(images), images, RECIPE, seed=5, observers=[Interrupts(5, True)], **keep)
    observer = Interrupts(0, True)
    seen: list[int] = []
    observer.after_epoch = lambda epoch, model: seen.append(epoch)
    fit(tiny(images), images, RECIPE, seed=5, observers=[observer], **keep)
    assert seen == [5, 6]


def test_checkpoints_are_written_no_oftener_than_asked(tmp_path: Path, make_images: MakeImages) -> None:
    images = make_images(40)
    fit(tiny(images), images, RECIPE, seed=5, checkpoint=tmp_path / "checkpoint", checkpoint_seconds=1000)
    assert not (tmp_path / "checkpoint").exists()


@pytest.mark.parametrize("damage", ["cut", "changed", "empty", "foreign"])
def test_a_damaged_checkpoint_is_set_aside_and_training_starts_anew(
    tmp_path: Path, make_images: MakeImages, damage: str
) -> None:
    images, path = make_images(40), tmp_path / "checkpoint"
    whole = fit(tiny(images), images, RECIPE, seed=5, checkpoint=path, checkpoint_seconds=0)
    content = path.read_bytes()
    path.write_bytes(
        {
            "cut": content[: len(content) // 2],
            "changed": content[:-3] + bytes([content[-3] ^ 4]) + content[-2:],
            "empty": b"",
            "foreign": b"something else",
        }[damage]
    )
    with pytest.warns(CheckpointWarning, match=r"damaged-1, and the training starts anew"):
        again = fit(tiny(images), images, RECIPE, seed=5, checkpoint=path, checkpoint_seconds=0)
    assert digest(again) == digest(whole)
    assert (tmp_path / "checkpoint.damaged-1").exists()


def test_a_checkpoint_of_another_training_is_set_aside(tmp_path: Path, make_images: MakeImages) -> None:
    images, path = make_images(40), tmp_path / "checkpoint"
    relabelled = dataclasses.replace(images, labels=(images.labels + 1) % 3)
    others: list[Callable[[], Fitted]] = [
        lambda: fit(tiny(images), images, RECIPE, seed=6, checkpoint=path),
        lambda: fit(tiny(images), images, dataclasses.replace(RECIPE, momentum=0.8), seed=5, checkpoint=path),
        lambda: fit(tiny(images), relabelled, RECIPE, seed=5, checkpoint=path),
        lambda: fit(tiny(images), images.take(np.arange(39)), RECIPE, seed=5, checkpoint=path),
        lambda: fit(build_model(ModelSettings("tiny", 4), (8, 8, 1), 3, 2), images, RECIPE, seed=5, checkpoint=path),
    ]
    for number, other in enumerate(others, 1):
        fit(tiny(images), images, RECIPE, seed=5, checkpoint=path, checkpoint_seconds=0)
        with pytest.warns(CheckpointWarning, match="another training"):
            other()
        assert len(list(tmp_path.glob("checkpoint.damaged-*"))) == number
        assert not path.exists()


def test_a_history_that_was_lost_makes_training_start_anew(tmp_path: Path, make_images: MakeImages) -> None:
    images, pool, path = make_images(40), make_images(60, seed=1), tmp_path / "checkpoint"
    histories = [LabelHistory.create(pool.ids, 3) for _ in range(2)]
    weights = []
    recorder = PoolRecorder(histories[0], pool, Normalisation.of(images))
    stop = Interrupts(4, True)
    with pytest.raises(Interrupted):
        fit(tiny(images), images, RECIPE, seed=5, observers=[recorder, stop], checkpoint=path, checkpoint_seconds=0)
    recorder = PoolRecorder(histories[1], pool, Normalisation.of(images))
    with pytest.warns(CheckpointWarning, match="0 recorded epochs of 3"):
        weights.append(digest(fit(tiny(images), images, RECIPE, seed=5, observers=[recorder], checkpoint=path)))
    weights.append(digest(fit(tiny(images), images, RECIPE, seed=5)))
    assert weights[0] == weights[1]
    assert histories[1].epochs == 6


def test_going_on_with_another_number_of_threads_is_said(tmp_path: Path, make_images: MakeImages) -> None:
    images, path = make_images(40), tmp_path / "checkpoint"
    fit(tiny(images), images, RECIPE, seed=5, checkpoint=path, checkpoint_seconds=0)
    with use_threads(torch.get_num_threads() + 1), pytest.warns(CheckpointWarning, match="last bits"):
        fit(tiny(images), images, RECIPE, seed=5, checkpoint=path)
