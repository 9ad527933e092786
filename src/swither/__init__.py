"""swither tells which images to label next, by watching what your network keeps changing its mind about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from swither._version import __version__ as __version__
from swither.extras import lazy

if TYPE_CHECKING:
    from swither.data import ImageSet as ImageSet
    from swither.data import open_dataset as open_dataset
    from swither.dynamics import LabelHistory as LabelHistory
    from swither.dynamics import Recorder as Recorder
    from swither.dynamics import TrainingHistory as TrainingHistory
    from swither.experiment import compare as compare
    from swither.loop import Learner as Learner
    from swither.loop import LearnerSettings as LearnerSettings


__all__ = lazy(
    __name__,
    {
        "ImageSet": "swither.data",
        "LabelHistory": "swither.dynamics",
        "Learner": "swither.loop",
        "LearnerSettings": "swither.loop",
        "Recorder": "swither.dynamics",
        "TrainingHistory": "swither.dynamics",
        "compare": "swither.experiment",
        "open_dataset": "swither.data",
    },
)
