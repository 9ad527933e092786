"""When a new cycle is due: enough was said since the last one, or the first choice by embeddings can be made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from swither.project.clock import now
from swither.project.cold_start import ENOUGH_TO_CLUSTER
from swither.project.embeddings import pool_features
from swither.project.held_out import walked
from swither.project.indexing import NOTE as INDEXING
from swither.project.news import news_since
from swither.project.records import Cycle, Job

if TYPE_CHECKING:
    from swither.project.project import Project

GROWTH = 4
"""A choice by embeddings alone is made anew once there are so many times as many of them."""


def request_cycle(project: Project) -> Job:
    """Ask for a cycle now; one that waits already is it."""
    return project.store.request_job("cycle", now())


def request_if_due(project: Project) -> Job | None:
    """Ask for a cycle where one is due and none is waiting or running.

    Returns:
        The job that was asked for; None where nothing is to be done.
    """
    jobs = project.store.jobs(1)
    if jobs and jobs[0].state in ("waiting", "running"):
        return None
    if reason_for_cycle(project) is None:
        return None
    return request_cycle(project)


def reason_for_cycle(project: Project) -> str | None:
    """Why a cycle is due, in words; None where none is.

    With labels of two classes or more: once `retrain_after` images that are trained on were labelled, declined,
    changed or taken back since the last training's events, or classes were merged; the first waits for embeddings
    too. Before: once there are enough
    embeddings to choose typical images, and again when there are many more.
    """
    last = next(iter(reversed(project.store.cycles())), None)
    if _failed_on_the_same(project):
        return None
    ledger, held = project.ledger(), project.store.held_out()
    classes = {label for image, label in ledger.labels.items() if image not in held}
    said = news(project, last.events if last is not None else 0, held)
    if len(classes) >= 2:
        if last is None or last.training is None:
            return _first_training(project, last, said, held)
        if _merged(project, last.events):
            return "classes were merged"
        if said >= project.settings.retrain_after:
            return f"{said} images were answered since"
        return _more_to_train_on(project, last, held)
    if last is not None and last.training is None and said >= project.settings.retrain_after:
        return f"{said} images were answered since"
    pool = pool_features(project)
    embedded = 0 if pool is None else len(pool.ids)
    before = int(last.facts.get("embedded", 0)) if last is not None else 0
    if embedded >= ENOUGH_TO_CLUSTER and embedded >= GROWTH * before:
        return f"{embedded} images are embedded"
    return None


def _first_training(project: Project, last: Cycle | None, said: int, held: frozenset[str]) -> str | None:
    """Enough answers of two classes; while the folder is read, as many of their images embedded.

    Where reading is over and fewer can be embedded, a cycle says so; once, until more was said.
    """
    if lacking(project):
        return None
    labels, embedded = project.ledger().labels, _embedded_labels(project, held)
    if _is_read(project) or len(embedded) >= project.settings.retrain_after:
        if len({labels[image] for image in embedded}) >= 2:
            return f"{len(embedded)} labelled images are embedded"
        if last is None or said >= project.settings.retrain_after:
            return f"{said} images were answered since"
    return None


def _more_to_train_on(project: Project, last: Cycle, held: frozenset[str]) -> str | None:
    """Labels that the last training could not use yet, because their images were not embedded.

    While the folder is read a training is worth its while only for half as many labels again.
    """
    usable = len(_embedded_labels(project, held))
    enough = last.labelled * (1 if _is_read(project) else 1.5) + project.settings.retrain_after
    return f"{usable} labelled images are embedded, {last.labelled} were" if usable >= enough else None


def _embedded_labels(project: Project, held: frozenset[str]) -> set[str]:
    """The labelled images that a training now would learn from."""
    pool = pool_features(project)
    return set() if pool is None else (project.ledger().labels.keys() & set(pool.ids.tolist())) - held


def _is_read(project: Project) -> bool:
    """Whether all images there are were looked at, and embedded where they can be."""
    note = project.store.note(INDEXING)
    return walked(project) and note is not None and not note.get("running", True)


def lacking(project: Project) -> int:
    """How many more images that are trained on have to be answered before the first training."""
    ledger = project.ledger()
    answered = (ledger.labels.keys() | ledger.declined_images.keys()) - project.store.held_out()
    return max(0, project.settings.retrain_after - len(answered))


def news(project: Project, after: int, held: frozenset[str] | None = None) -> int:
    """How many images that are trained on got an answer, got another one or lost theirs since an event."""
    return news_since(project, after, held).all


def _merged(project: Project, after: int) -> bool:
    return any(event.kind == "class_merged" for event in project.store.events(after))


def _failed_on_the_same(project: Project) -> bool:
    """Whether the latest job failed, and nothing was said since: trying again would fail again."""
    jobs = project.store.jobs(1)
    if not jobs or jobs[0].state != "failed":
        return False
    tried = int(project.store.note("failed at event", 0))
    return news(project, tried) < project.settings.retrain_after
