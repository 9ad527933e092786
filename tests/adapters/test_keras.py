from __future__ import annotations

import contextlib
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from swither.dynamics import LabelHistory
from swither.errors import DamagedState, InputError

keras = pytest.importorskip("keras", reason="pip install 'swither[keras]'")
pytestmark = pytest.mark.filterwarnings("ignore")  # Keras' own


def small_model(rate: float = 0.3) -> Any:
    keras.utils.set_random_seed(2)
    layers = keras.layers
    model = keras.Sequential(
        [layers.Input((64,)), layers.Dense(32), layers.BatchNormalization(), layers.ReLU(), layers.Dropout(rate),
         layers.Dense(10)]
    )  # fmt: skip
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(0.1), loss, jit_compile=False)
    return model


def fit(digits: Any, callbacks: list[Any], model: Any = None, *, epochs: int = 4, begin: int = 0) -> Any:
    model = small_model() if model is None else model
    images, labels = digits.images[: digits.labelled].numpy(), digits.labels[: digits.labelled].numpy()
    how = {"epochs": epochs, "initial_epoch": begin, "batch_size": 16, "verbose": 0, "shuffle": False}
    model.fit(images, labels, callbacks=callbacks, **how)
    return model


def recorder_of(digits: Any, pool: LabelHistory, **settings: Any) -> Any:
    from swither.adapters import KerasRecorder

    return KerasRecorder(pool, lambda model: model(digits.pool.numpy(), training=False), **settings)


def empty(digits: Any, folder: Path | None = None) -> LabelHistory:
    return LabelHistory.create(digits.pool_ids, 10, folder=folder)


def test_every_epoch_is_recorded_and_the_training_is_not_changed(digits: Any) -> None:
    pool = empty(digits)
    watched, alone = fit(digits, [recorder_of(digits, pool)]), fit(digits, [])
    assert all(np.array_equal(a, b) for a, b in zip(watched.get_weights(), alone.get_weights(), strict=True))
    last = watched.predict(digits.pool.numpy(), verbose=0).argmax(axis=1)
    assert pool.epochs == 4
    assert np.array_equal(pool.labels[-1], last)


def test_batches_are_counted_over_epochs(digits: Any) -> None:
    pool = empty(digits)
    fit(digits, [recorder_of(digits, pool, every_steps=5)])
    assert pool.epochs == 2  # 4 epochs of 3 batches


def test_batches_that_keras_runs_together_are_counted_as_one(digits: Any) -> None:
    by_steps, by_epochs = recorder_of(digits, empty(digits), every_steps=8), recorder_of(digits, empty(digits))
    for recorder in (by_steps, by_epochs):
        recorder.set_model(SimpleNamespace(steps_per_execution=4))
    with pytest.raises(InputError, match="steps_per_execution=4"):
        by_steps.on_train_begin()
    by_epochs.on_train_begin()


class Killer(keras.callbacks.Callback):  # type: ignore[misc]
    """Ends the process, as it were, in the third epoch."""

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        if epoch == 2:
            raise KeyError("killed")


@pytest.mark.parametrize("every_steps", [None, 2])
def test_a_killed_training_goes_on_with_the_same_history(digits: Any, tmp_path: Path, every_steps: int | None) -> None:
    def restored() -> Any:
        return keras.callbacks.BackupAndRestore(tmp_path / "backup", delete_checkpoint=False)

    whole = empty(digits)
    fit(digits, [recorder_of(digits, whole, every_steps=every_steps)], small_model(0.0))
    first = recorder_of(digits, empty(digits, tmp_path / "pool"), every_steps=every_steps)
    with contextlib.suppress(KeyError):
        fit(digits, [first, restored(), Killer()], small_model(0.0))
    pool = LabelHistory.open(tmp_path / "pool")
    assert 0 < pool.epochs < whole.epochs
    fit(digits, [recorder_of(digits, pool, every_steps=every_steps), restored()], small_model(0.0))
    assert np.array_equal(pool.labels, whole.labels)


def test_going_on_without_the_history_and_starting_anew_with_it_are_refused(digits: Any) -> None:
    pool = empty(digits)
    model = fit(digits, [recorder_of(digits, pool)])
    with pytest.raises(InputError, match=r"history.truncate\(0\)"):
        fit(digits, [recorder_of(digits, pool)])
    with pytest.raises(DamagedState, match="holds 0 of the 4"):
        fit(digits, [recorder_of(digits, empty(digits))], model, epochs=6, begin=4)
    fit(digits, [recorder_of(digits, pool)], model, epochs=6, begin=4)
    assert pool.epochs == 6


def test_several_devices_are_refused(digits: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    mesh = SimpleNamespace(device_mesh=SimpleNamespace(devices=np.zeros(2)))
    monkeypatch.setattr(keras.distribution, "distribution", lambda: mesh)
    with pytest.raises(InputError, match="one process on one device"):
        recorder_of(digits, empty(digits)).on_train_begin()


def test_a_backend_that_is_not_installed_is_named_with_the_way_to_another() -> None:
    code = (
        "import os, sys; os.environ['KERAS_BACKEND'] = 'tensorflow'; sys.modules['tensorflow'] = None\n"
        "import swither.adapters; swither.adapters.KerasRecorder"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "KERAS_BACKEND=torch" in done.stderr.splitlines()[-1]
