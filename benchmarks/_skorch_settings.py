"""How skorch trains the network of a cycle, for the libraries that work through it."""

from __future__ import annotations

from typing import Any

import torch
from _cycle_task import Plan, Task


def skorch_settings(task: Task, plan: Plan) -> dict[str, Any]:
    """Settings by name: the same optimiser, epochs and batches as everywhere; no validation, no printing."""
    return {
        "module__weights": task.weights,
        "optimizer": torch.optim.SGD,
        "optimizer__momentum": plan.momentum,
        "optimizer__nesterov": True,
        "optimizer__weight_decay": plan.weight_decay,
        "lr": plan.learning_rate,
        "max_epochs": plan.epochs,
        "batch_size": plan.batch_size,
        "iterator_train__shuffle": True,
        "iterator_valid__batch_size": plan.looked_at,
        "train_split": None,
        "verbose": 0,
        "device": "cpu",
    }
