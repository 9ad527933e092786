"""The plan of a cycle: what it takes from the store, fixed when it is begun, so that it can be gone on with.

A cycle that was killed is planned already: whoever goes on with it trains on the same labels, of the same images,
recorded as often, and so finds the checkpoint that the first attempt left. What was said meanwhile waits for the
next cycle.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

from swither.errors import DamagedState
from swither.files import read_json, write_json
from swither.project.records import ProjectEvent, Question

if TYPE_CHECKING:
    from swither.project.contract import Store
    from swither.project.project import Project

_KIND, _VERSION = "swither plan of a cycle", 1


@dataclass(frozen=True)
class Plan:
    """What one cycle works on.

    Attributes:
        job: its number.
        events: sequence of the last event that it knows.
        held_out: image -> the last event before it was held out, of all that are never trained on.
        classes: ids of the classes with labels to train on, in the order of adding: the network's outputs.
        ids: images that the learner is given, labelled ones and candidates.
        beside: images that are recorded beside the pool: test images without a label.
        record_every: epochs between two recordings.
        recordings: how many there will be.
        pool: images without a label that there are, whether or not all are candidates.
        count: images to choose.
        words: of the budget, for people.
    """

    job: int
    events: int
    held_out: dict[str, int]
    classes: list[str]
    ids: list[str]
    beside: list[str]
    record_every: int
    recordings: int
    pool: int
    count: int
    words: str

    def write(self, path: Path) -> None:
        """Keep it; on return it is on disk."""
        write_json(path, _KIND, _VERSION, asdict(self))

    @classmethod
    def read(cls, path: Path) -> Plan | None:
        """The plan as it was written; None where there is none that reads back."""
        try:
            value = read_json(path, _KIND, _VERSION)
            return cls(**{field.name: value[field.name] for field in fields(cls)})
        except (OSError, DamagedState, KeyError):
            return None


def plan_path(project: Project, job: int) -> Path:
    """Where the plan of a job lies while it is worked on."""
    return project.derived("learner") / f"plan-{job}.json"


class StoreUntil:
    """A store as it was after one of its events, for whoever reads label events.

    Args:
        store: as it is now.
        plan: what was known.
    """

    def __init__(self, store: Store, plan: Plan) -> None:
        self._store, self._plan = store, plan

    def events(self, after: int = 0) -> tuple[ProjectEvent, ...]:
        """The events up to the plan's last one."""
        return tuple(event for event in self._store.events(after) if event.sequence <= self._plan.events)

    def held_out_after(self) -> dict[str, int]:
        """The images that were held out then."""
        return dict(self._plan.held_out)

    def questions(self, tokens: Sequence[str]) -> dict[str, Question]:
        """Those of `tokens` that are known."""
        return self._store.questions(tokens)
