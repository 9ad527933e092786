"""A whole cycle with modAL: its learner around skorch's classifier, its entropy sampling; fed arrays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from _cycle_task import Plan, Task, answer
from _skorch_settings import skorch_settings
from _tiny_network import TinyNetwork
from modAL.models import ActiveLearner
from modAL.uncertainty import entropy_sampling
from skorch import NeuralNetClassifier
from torch import nn

Arrays = Mapping[str, Any]


def cycle(inputs: Arrays, **settings: Any) -> Callable[[], Arrays]:
    """As its documentation shows it for PyTorch."""
    plan, task = Plan(**settings), Task.of(inputs)
    torch.set_num_threads(plan.threads)
    images, pool = task.floats(task.pixels), task.floats(task.pool)

    def work() -> Arrays:
        torch.manual_seed(plan.seed)
        network = NeuralNetClassifier(TinyNetwork, criterion=nn.CrossEntropyLoss, **skorch_settings(task, plan))
        learner = ActiveLearner(network, query_strategy=entropy_sampling, X_training=images, y_training=task.labels)
        chosen = learner.query(pool, n_instances=plan.budget)[0]
        return answer(learner.estimator.module_, chosen)

    return work
