"""What a network did while it learned: histories, their measures, and the recorder. NumPy only.

Two records, both epochs x samples: `LabelHistory` holds the label that the network predicts for each sample
after each epoch; `TrainingHistory` holds what it made of each labelled sample while training on it. Measures
turn a history into one number per sample. `Recorder` joins a history to any training loop in three lines:

Example:
    >>> from swither.dynamics import LabelHistory, Recorder, dispersion
    >>> history = LabelHistory.create(["a", "b"], classes=3)
    >>> recorder = Recorder(history, lambda: [0, 2])  # your network's predicted labels, in the order of the ids
    >>> for epoch in range(4):
    ...     recorder.after_epoch()  # where your training loop ends an epoch
    >>> dispersion(history).tolist()
    [0.0, 0.0]
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from swither.extras import lazy

if TYPE_CHECKING:
    from swither.dynamics.aum import aum as aum
    from swither.dynamics.cartography import Cartography as Cartography
    from swither.dynamics.cartography import cartography as cartography
    from swither.dynamics.coarse import CoarseScores as CoarseScores
    from swither.dynamics.coarse import warn_if_coarse as warn_if_coarse
    from swither.dynamics.dispersion import dispersion as dispersion
    from swither.dynamics.forgetting_events import forgetting_events as forgetting_events
    from swither.dynamics.label_entropy import label_entropy as label_entropy
    from swither.dynamics.label_history import LabelHistory as LabelHistory
    from swither.dynamics.largest_class_share import largest_class_share as largest_class_share
    from swither.dynamics.recorder import Recorder as Recorder
    from swither.dynamics.running_counts import RunningCounts as RunningCounts
    from swither.dynamics.switches import switches as switches
    from swither.dynamics.training_history import TrainingHistory as TrainingHistory
    from swither.dynamics.wrong_labels import WrongLabels as WrongLabels
    from swither.dynamics.wrong_labels import wrong_labels as wrong_labels

__all__ = lazy(
    __name__,
    {
        "Cartography": "swither.dynamics.cartography",
        "CoarseScores": "swither.dynamics.coarse",
        "LabelHistory": "swither.dynamics.label_history",
        "Recorder": "swither.dynamics.recorder",
        "RunningCounts": "swither.dynamics.running_counts",
        "TrainingHistory": "swither.dynamics.training_history",
        "WrongLabels": "swither.dynamics.wrong_labels",
        "aum": "swither.dynamics.aum",
        "cartography": "swither.dynamics.cartography",
        "dispersion": "swither.dynamics.dispersion",
        "forgetting_events": "swither.dynamics.forgetting_events",
        "label_entropy": "swither.dynamics.label_entropy",
        "largest_class_share": "swither.dynamics.largest_class_share",
        "switches": "swither.dynamics.switches",
        "warn_if_coarse": "swither.dynamics.coarse",
        "wrong_labels": "swither.dynamics.wrong_labels",
    },
)
