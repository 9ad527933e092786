"""A whole cycle with scikit-activeml: its classifier around skorch, its uncertainty sampling; fed arrays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from _cycle_task import Plan, Task, answer
from _skorch_settings import skorch_settings
from _tiny_network import CLASSES, TinyNetwork
from skactiveml.classifier import SkorchClassifier
from skactiveml.pool import UncertaintySampling
from torch import nn

Arrays = Mapping[str, Any]


def cycle(inputs: Arrays, **settings: Any) -> Callable[[], Arrays]:
    """As its documentation shows it for networks: fitted once, then asked without fitting again."""
    plan, task = Plan(**settings), Task.of(inputs)
    torch.set_num_threads(plan.threads)
    images = np.concatenate([task.floats(task.pixels), task.floats(task.pool)])
    labels = np.concatenate([task.labels.astype(float), np.full(len(task.pool), np.nan)])

    def work() -> Arrays:
        torch.manual_seed(plan.seed)
        classifier = SkorchClassifier(
            TinyNetwork,
            criterion=nn.CrossEntropyLoss,
            neural_net_param_dict=skorch_settings(task, plan),
            classes=list(range(CLASSES)),
            random_state=plan.seed,
        )
        classifier.fit(images, labels)
        sampling = UncertaintySampling(method="entropy", random_state=plan.seed)
        chosen = sampling.query(images, labels, classifier, fit_clf=False, batch_size=plan.budget)
        return answer(classifier.neural_net_.module_, chosen - len(task.pixels))

    return work
