from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from swither.dynamics import LabelHistory, TrainingHistory, aum, dispersion
from swither.errors import DamagedState, InputError

pytest.importorskip("lightning", reason="Lightning is not installed: pip install 'swither[lightning]'")
pytestmark = pytest.mark.filterwarnings("ignore")  # Lightning's own: few workers, no logger, short epochs


def small_network() -> nn.Sequential:
    """64 pixels to ten classes; a look at it in training mode, or one that draws, would change what follows."""
    torch.manual_seed(5)
    return nn.Sequential(nn.Linear(64, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Dropout(0.3), nn.Linear(32, 10))


def module_of(package: ModuleType) -> Any:
    class Classifier(package.LightningModule):  # type: ignore[misc,name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.network = small_network()
            self.network[1].eval()  # a module in a mode of its own, which looking must not change

        def forward(self, pixels: torch.Tensor) -> torch.Tensor:
            return self.network(pixels)

        def training_step(self, batch: dict[str, torch.Tensor], batch_idx: int) -> dict[str, torch.Tensor]:
            logits = self(batch["pixels"])
            return {"loss": functional.cross_entropy(logits, batch["labels"]), "ids": batch["id"], "logits": logits}

        def validation_step(self, batch: dict[str, torch.Tensor], batch_idx: int) -> None:
            self.log("val_loss", functional.cross_entropy(self(batch["pixels"]), batch["labels"]))

        def configure_optimizers(self) -> torch.optim.Optimizer:
            return torch.optim.SGD(self.parameters(), lr=0.2, momentum=0.9)

    return Classifier()


def fit(
    digits: Any, folder: Path, callbacks: list[Any], *, package: str = "lightning.pytorch", resume: Any = None,
    validate: bool = False, **settings: Any,
) -> Any:  # fmt: skip
    framework = importlib.import_module(package)
    framework.seed_everything(3, verbose=False)
    module = module_of(framework)
    chosen = {"max_epochs": 4, "logger": False, "enable_checkpointing": False, **settings}
    quiet = {"enable_progress_bar": False, "enable_model_summary": False, "default_root_dir": folder}
    trainer = framework.Trainer(accelerator="cpu", devices=1, callbacks=callbacks, **quiet, **chosen)
    loader = torch.utils.data.DataLoader(digits, batch_size=16, shuffle=True)  # type: ignore[arg-type,var-annotated]
    held_out = torch.utils.data.DataLoader(digits, batch_size=16) if validate else None  # type: ignore[arg-type,var-annotated]
    trainer.fit(module, loader, held_out, ckpt_path=resume)
    return module


def histories(digits: Any, folder: Path | None = None) -> tuple[LabelHistory, TrainingHistory]:
    pool = LabelHistory.create(digits.pool_ids, 10, folder=folder and folder / "pool")
    given = digits.labels[: digits.labelled]
    return pool, TrainingHistory.create(digits.labelled_ids, 10, given, folder=folder and folder / "labelled")


def recorder_of(digits: Any, pool: LabelHistory, labelled: TrainingHistory | None = None, **settings: Any) -> Any:
    from swither.adapters import LightningRecorder

    return LightningRecorder(pool, lambda module: module(digits.pool), labelled=labelled, **settings)


@pytest.mark.parametrize("package", ["lightning.pytorch", "pytorch_lightning"])
def test_both_packages_record_every_epoch_and_every_presentation(digits: Any, tmp_path: Path, package: str) -> None:
    pool, labelled = histories(digits)
    module = fit(digits, tmp_path, [recorder_of(digits, pool, labelled)], package=package)
    assert (pool.epochs, labelled.epochs) == (4, 4)
    assert labelled.recorded.all()
    module.eval()
    assert np.array_equal(pool.labels[-1], module(digits.pool).argmax(dim=1).numpy())
    assert np.isfinite(aum(labelled)).all()
    assert dispersion(pool).max() > 0


def test_recording_does_not_change_the_training(digits: Any, tmp_path: Path, same_weights: Any) -> None:
    pool, labelled = histories(digits)

    def draws(module: Any) -> torch.Tensor:
        torch.rand(3)
        return module(digits.pool)  # type: ignore[no-any-return]

    from swither.adapters import LightningRecorder

    watched = fit(digits, tmp_path, [LightningRecorder(pool, draws, labelled=labelled)])
    alone = fit(digits, tmp_path, [])
    assert same_weights(watched, alone)
    assert not watched.network[1].training


def test_steps_are_counted_as_the_optimiser_takes_them(digits: Any, tmp_path: Path) -> None:
    pool, _ = histories(digits)
    fit(digits, tmp_path, [recorder_of(digits, pool, every_steps=2)])
    assert pool.epochs == 6  # 4 epochs of 3 batches
    pool, _ = histories(digits)
    fit(digits, tmp_path, [recorder_of(digits, pool, every_steps=2)], accumulate_grad_batches=3)
    assert pool.epochs == 2


def killed_at_the_third_epoch(package: Any) -> Any:
    class Killer(package.Callback):  # type: ignore[misc,name-defined]
        def on_train_epoch_start(self, trainer: Any, pl_module: Any) -> None:
            if trainer.current_epoch == 2:
                raise KeyError("killed")

    return Killer()


@pytest.mark.parametrize(
    ("validate", "checkpointing", "every_steps", "name"),
    [
        (False, {"every_n_epochs": 1}, None, "epoch=1-step=6.ckpt"),
        (False, {"every_n_epochs": 1}, None, "epoch=0-step=3.ckpt"),
        (True, {"monitor": "val_loss", "save_top_k": -1}, None, "epoch=1-step=6.ckpt"),
        (True, {"monitor": "val_loss", "save_top_k": -1}, None, "epoch=0-step=3.ckpt"),
        (False, {"every_n_train_steps": 1}, 2, "epoch=1-step=5.ckpt"),
        (False, {"every_n_train_steps": 1}, None, "epoch=1-step=6.ckpt"),
        (True, {"monitor": "val_loss", "save_top_k": -1}, 2, "epoch=1-step=6.ckpt"),
    ],
)
def test_a_killed_training_goes_on_with_the_same_histories(
    digits: Any, tmp_path: Path, validate: bool, checkpointing: Any, every_steps: int | None, name: str
) -> None:
    import lightning.pytorch as framework
    from lightning.pytorch.callbacks import ModelCheckpoint

    whole_pool, whole_labelled = histories(digits)
    whole = [recorder_of(digits, whole_pool, whole_labelled, every_steps=every_steps)]
    fit(digits, tmp_path, whole, validate=validate)

    pool, labelled = histories(digits, tmp_path)
    saving = ModelCheckpoint(tmp_path / "saved", **{"save_top_k": -1, **checkpointing})
    callbacks = [recorder_of(digits, pool, labelled, every_steps=every_steps), saving]
    with pytest.raises(KeyError, match="killed"):
        fit(
            digits,
            tmp_path,
            [*callbacks, killed_at_the_third_epoch(framework)],
            validate=validate,
            enable_checkpointing=True,
        )
    pool, labelled = LabelHistory.open(tmp_path / "pool"), TrainingHistory.open(tmp_path / "labelled")
    again = [recorder_of(digits, pool, labelled, every_steps=every_steps)]
    fit(digits, tmp_path, again, validate=validate, resume=tmp_path / "saved" / name)

    saved = int(name.split("step=")[1].split(".")[0])
    rows = saved // (every_steps or 3)
    assert pool.epochs == whole_pool.epochs
    assert np.array_equal(pool.labels[:rows], whole_pool.labels[:rows])
    assert labelled.epochs == 4
    assert np.array_equal(labelled.labels[: saved // 3], whole_labelled.labels[: saved // 3])
    assert labelled.recorded[[*range(saved // 3), -1]].all()


def test_a_training_that_starts_anew_does_not_overwrite_a_history(digits: Any, tmp_path: Path) -> None:
    pool, _ = histories(digits)
    fit(digits, tmp_path, [recorder_of(digits, pool)])
    with pytest.raises(InputError, match=r"history.truncate\(0\)"):
        fit(digits, tmp_path, [recorder_of(digits, pool)])
    assert pool.epochs == 4


def test_a_history_with_a_gap_is_refused(digits: Any, tmp_path: Path) -> None:
    from lightning.pytorch.callbacks import ModelCheckpoint

    pool, _ = histories(digits)
    saving = ModelCheckpoint(tmp_path, filename="last")
    fit(digits, tmp_path, [recorder_of(digits, pool), saving], enable_checkpointing=True)
    forgotten, _ = histories(digits)
    with pytest.raises(DamagedState, match="holds 0 of the 4 recordings"):
        fit(digits, tmp_path, [recorder_of(digits, forgotten)], resume=tmp_path / "last.ckpt", max_epochs=6)


def test_a_step_that_returns_only_a_loss_is_told_what_to_return(digits: Any) -> None:
    from swither.adapters import LightningRecorder

    _, labelled = histories(digits)
    recorder = LightningRecorder(labelled=labelled)
    with pytest.raises(InputError, match="'ids': ids, 'logits': logits"):
        recorder.on_train_batch_end(SimpleNamespace(global_step=1), None, torch.tensor(0.5), None, 0)


def test_several_devices_are_refused_before_anything_is_trained(digits: Any) -> None:
    pool, _ = histories(digits)
    with pytest.raises(InputError, match="one process on one device, got a training on 4"):
        recorder_of(digits, pool).setup(SimpleNamespace(world_size=4), None, "fit")
