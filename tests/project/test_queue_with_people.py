"""People who label, skip, undo and add classes at random: everything is answered, and nothing asked twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from swither.project import queue
from swither.project.clock import now
from swither.project.queue import next_questions
from swither.project.records import ProjectEvent, Question

Publish = Callable[..., None]


class Annotator:
    """Labels, skips, declines, undoes and adds classes at random; answers what is on the page in its order."""

    def __init__(self, made: Any, name: str, draw: np.random.Generator, clock: list[float]) -> None:
        self.made, self.name, self.draw, self.clock = made, name, draw, clock
        self.page: list[Question] = []
        self.last: ProjectEvent | None = None
        self.asked: Counter[str] = Counter()
        self.needed: Counter[str] = Counter()

    def step(self) -> bool:
        made, project = self.made, self.made.project
        if len(self.page) < 3:
            new = next_questions(project, self.name, int(self.draw.integers(1, 6)), [q.token for q in self.page])
            self.page += [q for q in new if q.token not in {one.token for one in self.page}]
        if not self.page:
            return False
        act = self.draw.random()
        if act < 0.06 and self.last is not None:
            made.say("undone", undoes=self.last.event, by=self.name)
            if self.last.image is not None:
                self.needed[self.last.image] += 1
            self.last = None
            return True
        question = self.page.pop(0)
        self.asked[question.image] += 1
        what = {"image": question.image, "query": question.token, "by": self.name}
        if act < 0.16:
            self.last = made.say("skipped", **what)
            self.needed[question.image] += 1
        elif act < 0.2:
            self.last = made.say("declined", text="cannot tell", **what)
        elif act < 0.24:
            name = f"new-{made.project.ledger().sequence}"
            made.say("class_added", class_id=name, text=name, by=self.name)
            self.last = made.say("labelled", class_id=name, **what)
        else:
            self.last = made.say("labelled", class_id=made.truth[question.image], **what)
        return True


@pytest.mark.parametrize("seed", range(12))
def test_random_people_end_with_everything_answered_and_nothing_asked_twice(
    make_labelled: Any, monkeypatch: pytest.MonkeyPatch, seed: int, publish: Publish
) -> None:
    draw = np.random.default_rng(seed)
    made = make_labelled(50, width=2, test_every=4, test_limit=9)
    made.add_classes()
    ids = sorted(made.truth)
    groups = {image: str(n // 2) for n, image in enumerate(ids[:16])}
    monkeypatch.setattr(queue, "near_copies", lambda _: groups)
    clock = [0.0]
    monkeypatch.setattr(queue, "now", lambda later=0.0: now(clock[0] + later))
    people = [Annotator(made, name, draw, clock) for name in ("ann", "bob")]
    idle = 0
    for turn in range(2000):
        if turn % 15 == 14:
            free = [i for i in ids if i not in made.project.store.held_out()]
            publish(made.project, list(draw.permutation(free)[:12]), turn)
        person = people[int(draw.integers(len(people)))]
        before = [q.image for other in people if other is not person for q in other.page]
        worked = person.step()
        mine = [q.image for q in person.page]
        assert not set(mine) & set(before), "one image is before two people"
        assert len(mine) == len(set(mine))
        idle = 0 if worked else idle + 1
        if idle > 3 and not any(one.page for one in people):  # else leases of what is before somebody would run out too
            clock[0] += 400.0  # leases of images that were skipped run out
            if idle > 12:
                break
    ledger = made.project.ledger()
    assert all(ledger.label_of(i) is not None or ledger.declined(i) is not None for i in ids)
    asked, needed = sum((p.asked for p in people), Counter()), sum((p.needed for p in people), Counter())
    assert all(asked[image] <= 1 + needed[image] for image in ids), "asked again without need"
