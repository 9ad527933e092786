"""The active learner: label events, ask, tell, and what is derived from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from swither.extras import lazy

if TYPE_CHECKING:
    from swither.loop.annotator import SimulatedAnnotator as SimulatedAnnotator
    from swither.loop.batches import Batch as Batch
    from swither.loop.events import EventFile as EventFile
    from swither.loop.events import EventLog as EventLog
    from swither.loop.events import LabelEvent as LabelEvent
    from swither.loop.events import Standing as Standing
    from swither.loop.label_check import LabelCheck as LabelCheck
    from swither.loop.label_check import check_labels as check_labels
    from swither.loop.learner import Learner as Learner
    from swither.loop.run import run as run
    from swither.loop.settings import Execution as Execution
    from swither.loop.settings import LearnerSettings as LearnerSettings
    from swither.loop.trainings import Trainings as Trainings

__all__ = lazy(
    __name__,
    {
        "Batch": "swither.loop.batches",
        "EventFile": "swither.loop.events",
        "EventLog": "swither.loop.events",
        "Execution": "swither.loop.settings",
        "LabelCheck": "swither.loop.label_check",
        "LabelEvent": "swither.loop.events",
        "Learner": "swither.loop.learner",
        "LearnerSettings": "swither.loop.settings",
        "SimulatedAnnotator": "swither.loop.annotator",
        "Standing": "swither.loop.events",
        "Trainings": "swither.loop.trainings",
        "check_labels": "swither.loop.label_check",
        "run": "swither.loop.run",
    },
)
