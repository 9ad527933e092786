"""The whole loop with somebody who answers at once: five lines on top of ask and tell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from swither.loop.annotator import SimulatedAnnotator
from swither.loop.events import Standing
from swither.loop.learner import Learner


def run(learner: Learner, annotator: SimulatedAnnotator, counts: Sequence[int]) -> Iterator[Standing]:
    """Ask and tell, batch after batch; yield how the labels stand after each, for training and testing.

    Started again after it was killed, it goes through what is on disk and then goes on: batches that were
    published are not chosen again, and telling what was told has no effect.

    Args:
        learner: who asks.
        annotator: who answers.
        counts: images in the initial batch and in each batch after it.
    """
    for number, count in enumerate(counts):
        learner.tell(annotator.answer(learner.batch(number, count)))
        yield learner.standing(number)
