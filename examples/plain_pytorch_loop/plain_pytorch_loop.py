"""A training loop of your own, with the recorder added in three lines (marked below).

The network is an ordinary ``nn.Sequential``, the data are tensors, the loop is plain PyTorch; of swither it knows
the label history only, which needs NumPy and SciPy. Run it with ``python plain_pytorch_loop.py``: a few seconds.
"""

from __future__ import annotations

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.nn import functional

from swither.dynamics import LabelHistory, dispersion


def train_and_record(epochs: int = 40, labelled: int = 60, seed: int = 0) -> dict[str, object]:
    """Train on a few labelled digits, record what the network makes of the others, say which to label next."""
    digits = load_digits()
    images = torch.tensor(digits.images / 16, dtype=torch.float32)[:, None]  # (samples, 1, 8, 8)
    labels = torch.tensor(digits.target)  # (samples,)
    order = np.random.default_rng(seed).permutation(len(images))
    known, pool = order[:labelled], order[labelled:]

    torch.manual_seed(seed)
    network = nn.Sequential(
        nn.Conv2d(1, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(),
        nn.Conv2d(32, 64, 3, stride=2, padding=1), nn.BatchNorm2d(64), nn.ReLU(),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.5), nn.Linear(64, 10),
    )  # fmt: skip
    optimiser = torch.optim.SGD(network.parameters(), lr=0.02, momentum=0.9)

    history = LabelHistory.create(ids=pool, classes=10)  # 1: before the loop
    for epoch in range(epochs):
        network.train()
        for batch in np.array_split(np.random.default_rng((seed, epoch)).permutation(known), 6):
            optimiser.zero_grad()
            functional.cross_entropy(network(images[batch]), labels[batch]).backward()
            optimiser.step()
        history.record(pool, predict(network, images[pool]))  # 2: after each epoch
        history.close_epoch()  # 3: every image of the pool has its label

    in_two_minds = dispersion(history)  # (pool,) higher: label this sooner
    wrong = history.labels[-1] != digits.target[pool]
    chosen = np.argsort(-in_two_minds, kind="stable")[:100]
    return {
        "label next": pool[chosen],
        "accuracy on the pool": 1 - wrong.mean(),
        "wrong among the 100 most dispersed": wrong[chosen].mean(),
    }


def predict(network: nn.Module, images: torch.Tensor) -> torch.Tensor:
    """Logits in evaluation mode and without gradients, so that recording does not change the training."""
    network.eval()
    with torch.inference_mode():
        return torch.cat([network(chunk) for chunk in images.split(256)])


if __name__ == "__main__":
    for what, value in train_and_record().items():
        print(f"{what}: {value[:10] if isinstance(value, np.ndarray) else f'{value:.1%}'}")
