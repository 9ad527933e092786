"""Lightning trains, swither watches: which images to label next, and which labels look wrong.

An ordinary ``LightningModule`` over scikit-learn's digits: 150 of them labelled, 15 of these wrongly, the others
without labels. Run it with ``python lightning_loop.py``: well under a minute.
"""

from __future__ import annotations

import lightning.pytorch as pl
import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.nn import functional
from torch.utils.data import DataLoader, TensorDataset

from swither.acquisition import select
from swither.adapters import LightningRecorder
from swither.dynamics import LabelHistory, TrainingHistory, aum, cartography, forgetting_events


class Classifier(pl.LightningModule):
    """Your own module; that ``training_step`` returns ids and logits too is all that it does for swither."""

    def __init__(self) -> None:
        super().__init__()
        self.network = nn.Sequential(
            nn.Conv2d(1, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(),
            nn.Conv2d(32, 64, 3, stride=2, padding=1), nn.BatchNorm2d(64), nn.ReLU(),
            nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Dropout(0.5), nn.Linear(256, 10),
        )  # fmt: skip

    def training_step(self, batch: list[torch.Tensor], batch_idx: int) -> dict[str, torch.Tensor]:  # noqa: ARG002, D102
        ids, images, labels = batch
        logits = self.network(images)
        return {"loss": functional.cross_entropy(logits, labels), "ids": ids, "logits": logits}

    def configure_optimizers(self) -> torch.optim.Optimizer:  # noqa: D102
        return torch.optim.SGD(self.parameters(), lr=0.02, momentum=0.9)


def train_and_record(epochs: int = 30, labelled: int = 150, wrong: int = 15, seed: int = 0) -> dict[str, object]:
    """Train with Lightning, record both histories, and read from them what to do next."""
    pl.seed_everything(seed, verbose=False)
    digits = load_digits()
    images = torch.tensor(digits.images / 16, dtype=torch.float32)[:, None]  # (samples, 1, 8, 8)
    order = np.random.default_rng(seed).permutation(len(images))
    known, pool = order[:labelled], order[labelled:]
    given = digits.target[known].copy()
    given[:wrong] = (given[:wrong] + np.random.default_rng(seed).integers(1, 10, wrong)) % 10

    def predict(module: Classifier) -> torch.Tensor:
        return module.network(images[pool].to(module.device))  # logits, in the order of the history's ids

    history = LabelHistory.create(pool, classes=10)  # with folder=... it survives a crash
    presentations = TrainingHistory.create(known, classes=10, given_labels=given)
    recorder = LightningRecorder(history, predict, labelled=presentations)

    data = TensorDataset(torch.tensor(known), images[known], torch.tensor(given))
    quiet = {"logger": False, "enable_checkpointing": False, "enable_progress_bar": False}
    trainer = pl.Trainer(
        max_epochs=epochs, devices=1, accelerator="cpu", callbacks=[recorder], enable_model_summary=False, **quiet
    )
    module = Classifier()
    trainer.fit(module, DataLoader(data, batch_size=16, shuffle=True))

    module.eval()
    with torch.inference_mode():
        probabilities = predict(module).softmax(dim=1).numpy()  # (pool, 10)
    mistaken = probabilities.argmax(axis=1) != digits.target[pool]
    how = {"samples": len(pool), "generator": np.random.default_rng(seed)}
    dispersed = select("dispersion", {"label_history": history.labels}, 100, **how).positions
    uncertain = select("margin", {"probabilities": probabilities}, 100, **how).positions
    suspects = np.argsort(aum(presentations), kind="stable")[:wrong]  # lowest first: these labels look wrong
    return {
        "label next, by dispersion": pool[dispersed],
        "label next, by margin": pool[uncertain],
        "labels that look wrong": known[suspects],
        "accuracy on the pool": 1 - mistaken.mean(),
        "mistaken among the 100 most dispersed": mistaken[dispersed].mean(),
        "mistaken among the 100 of least margin": mistaken[uncertain].mean(),
        "wrong labels among the suspects": (suspects < wrong).mean(),
        "confidence in wrong labels": cartography(presentations).confidence[:wrong].mean(),
        "confidence in right labels": cartography(presentations).confidence[wrong:].mean(),
        "never learnt or forgotten": (forgetting_events(presentations) > 0).mean(),
    }


if __name__ == "__main__":
    for what, value in train_and_record().items():
        print(f"{what}: {value[:10] if isinstance(value, np.ndarray) else f'{value:.1%}'}")
