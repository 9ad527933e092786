"""A whole cycle with baal: its data set of labelled images and pool, its wrapper around a network, its entropy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from _cycle_task import Plan, Task, answer, most_dispersed, optimiser
from _tiny_network import TinyNetwork
from _transforms import transform
from baal.active.dataset import ActiveLearningDataset
from baal.active.heuristics import Entropy
from baal.modelwrapper import ModelWrapper, TrainingArgs
from PIL import Image
from torch import Tensor, nn
from torch.utils.data import Dataset, TensorDataset

Arrays = Mapping[str, Any]


class Images(Dataset[tuple[Tensor, int]]):
    """Pillow images, as torchvision's CIFAR-10 gives them."""

    def __init__(self, pixels: Any, labels: Any, prepare: Any) -> None:
        self.pixels, self.labels, self.transform = pixels, labels, prepare

    def __len__(self) -> int:
        return len(self.pixels)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        return self.transform(Image.fromarray(self.pixels[index])), int(self.labels[index])


def cycle(inputs: Arrays, *, tensors: bool = False, **settings: Any) -> Callable[[], Arrays]:
    """As its documentation shows a research loop; `tensors` keeps all images as normalised tensors, not augmented."""
    plan, task = Plan(**settings), Task.of(inputs)
    torch.set_num_threads(plan.threads)
    pixels = np.concatenate([task.pixels, task.pool])
    labels = np.concatenate([task.labels, np.zeros(len(task.pool), dtype=np.int64)])
    first = np.arange(len(pixels)) < len(task.pixels)
    stacked = torch.from_numpy(task.floats(pixels)) if tensors else None

    def prepare(*, augmented: bool) -> Any:
        return transform(task.mean, task.deviation, plan.crop_padding, augmented=augmented)

    def work() -> Arrays:
        torch.manual_seed(plan.seed)
        if stacked is not None:
            images = ActiveLearningDataset(TensorDataset(stacked, torch.from_numpy(labels)), labelled=first)
        else:
            specifics = {"transform": prepare(augmented=False)}
            kept = Images(pixels, labels, prepare(augmented=True))
            images = ActiveLearningDataset(kept, labelled=first, pool_specifics=specifics)
        network = TinyNetwork(task.weights)
        wrapper = ModelWrapper(
            network,
            TrainingArgs(
                optimizer=optimiser(network, plan),
                criterion=nn.CrossEntropyLoss(),
                batch_size=plan.batch_size,
                epoch=1 if plan.record else plan.epochs,
                use_cuda=False,
                workers=0,
            ),
        )

        def logits(pool: Any) -> Any:
            wrapper.args.batch_size = plan.looked_at
            predicted = wrapper.predict_on_dataset(pool, iterations=1, verbose=False)
            wrapper.args.batch_size = plan.batch_size
            return predicted

        if plan.record:
            history, pool = [], images.pool
            for _ in range(plan.epochs):
                wrapper.train_on_dataset(images)
                history.append(logits(pool).mean(-1).argmax(1))
            chosen = most_dispersed(history, plan.budget)
        else:
            wrapper.train_on_dataset(images)
            chosen = Entropy()(logits(images.pool))[: plan.budget]
        return answer(network, chosen)

    return work
