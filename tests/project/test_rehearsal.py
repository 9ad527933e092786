"""The rehearsal: figures of this machine, and those of the last cycle where there is one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from swither.project.budget import Pace
from swither.project.clock import now
from swither.project.cycle import learner_settings
from swither.project.embeddings import image_set
from swither.project.records import Cycle
from swither.project.rehearsal import kind_of, pace_of


def test_parts_of_a_cycle_take_time_and_leave_nothing_behind(labelled: Any) -> None:
    images = image_set(labelled.project, ["ant", "bee", "cat"])
    pace = pace_of(labelled.project, images, learner_settings(labelled.project), 1)
    assert pace.measured == "as rehearsed on this machine"
    assert 0 < pace.step < 1
    assert 0 < pace.recording + pace.image * len(images) < 1
    assert not list((labelled.project.folder / "derived").glob("tmp*"))
    few = pace_of(labelled.project, images.take([0, 1, 2]), learner_settings(labelled.project), 1)  # type: ignore[arg-type]
    assert few.image == 0 < few.recording


def test_what_the_last_cycle_of_the_kind_took_goes_before(labelled: Any, monkeypatch: Any) -> None:
    project = labelled.project
    images, settings = image_set(project, ["ant", "bee"]), learner_settings(project)
    took = {"kind": kind_of(images, settings, 1), "step": 0.5, "recording": 0.25, "image": 0.125, "rest": 3.0}
    cycle = Cycle(1, 1, 1, 2, (), (), "key", {"pace": took}, now())
    monkeypatch.setattr(type(project.store), "cycles", lambda _: (cycle,))
    assert pace_of(project, images, settings, 1) == Pace(0.5, 0.25, 0.125, 3.0, "as measured in the last cycle")
    other = replace(cycle, facts={"pace": {**took, "kind": ["other embeddings", "features", 1]}})
    monkeypatch.setattr(type(project.store), "cycles", lambda _: (other,))
    assert "rehearsed" in pace_of(project, images, settings, 1).measured
