"""Published batches: what a learner asked for, kept so that asking again gives the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from swither.journal import Journal


@dataclass(frozen=True)
class Batch:
    """Images that a learner asked for, in the order of choice.

    Attributes:
        number: 0 for the initial batch; n for the one chosen by the training of cycle n - 1.
        ids: in order of choice.
        count: how many were asked for; more than there are ids where some were answered while it was chosen.
        standing: key of what it follows from: the labels as they stood, the learner's settings, the images.
        training: key of the training whose evidence ranked it; None where no evidence was needed.
        acquisition: name of the function that chose it.
        diagnostics: what the acquisition function reports of this query.
        seconds: what choosing took, with the training of networks that only choose (VAAL's); that of the network
            which learns the labels, and recording, apart.
    """

    number: int
    ids: tuple[str, ...]
    count: int
    standing: str
    training: str | None
    acquisition: str
    diagnostics: Mapping[str, Any] = field(default_factory=dict)
    seconds: float = 0.0


class BatchFile:
    """The published batches of one learner, in a checksummed JSON-lines file."""

    def __init__(self, path: Path) -> None:
        self._journal = Journal(path, "batch")

    def publish(self, batch: Batch) -> None:
        """Add a batch; on return it is on disk, and only then may it be shown to anyone."""
        self._journal.append([asdict(batch)])

    def read(self) -> tuple[Batch, ...]:
        """All batches in the order of publishing."""
        return tuple(Batch(**(record | {"ids": tuple(record["ids"])})) for record in self._journal.read())

    def following(self, standing: str, count: int) -> Batch | None:
        """The batch of at least `count` images that follows from the same, if there is one."""
        fitting = [batch for batch in self.read() if batch.standing == standing and batch.count >= count]
        return fitting[-1] if fitting else None
