"""Where a project stands and what to do next, from the store alone: nothing is read, trained or embedded for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from swither.errors import plural
from swither.project.clock import now
from swither.project.ledger import LabelClass
from swither.project.left import images_left, not_shown
from swither.project.news import news_since
from swither.project.notes import WALKED
from swither.project.records import Cycle, Job

if TYPE_CHECKING:
    from swither.project.project import Project


@dataclass(frozen=True)
class Status:
    """Where a project stands.

    Attributes:
        files: image files that are there.
        images: different contents among them; a file that was not read yet counts as one.
        unread: files that were not read yet.
        problems: files that cannot be shown.
        labelled: images with a label, of both parts.
        tests: of them, those that are never trained on.
        declined: images that left the pool without a label.
        left: images that can be shown and have no answer.
        classes: those that stand for themselves, in the order of adding.
        job: the latest job; None where there was none.
        cycle: the latest finished cycle; None where there was none.
        accuracy: of the latest cycle on the test images that are labelled by now; None where there is none.
        trainings: how many there were.
        new: answers since the latest training, changed and taken back ones too, that change what would be trained on.
        walked: whether the folder was ever walked to its end.
        outdated: which of the new were changed or taken back, in words; "" where none was.
    """

    files: int
    images: int
    unread: int
    problems: int
    labelled: int
    tests: int
    declined: int
    left: int
    classes: tuple[LabelClass, ...]
    job: Job | None
    cycle: Cycle | None
    accuracy: Mapping[str, Any] | None
    trainings: int
    new: int
    walked: bool
    outdated: str = ""


def status_of(project: Project) -> Status:
    """Where a project stands now.

    Args:
        project: which.
    """
    store, ledger = project.store, project.ledger()
    files = store.files()
    present = [file for file in files if file.present]
    read = {file.image for file in present if file.image is not None and file.problem is None}
    unread = sum(file.image is None and file.problem is None for file in present)
    held = store.held_out()
    jobs, cycles = store.jobs(1), store.cycles()
    cycle = cycles[-1] if cycles else None
    since = news_since(project, 0 if cycle is None or cycle.training is None else cycle.events, held)
    return Status(
        files=len(present),
        images=len(read) + unread,
        unread=unread,
        problems=sum(file.problem is not None for file in present),
        labelled=len(ledger.labels),
        tests=len(held & ledger.labels.keys()),
        declined=len(ledger.declined_images),
        left=images_left(len(read) + unread, ledger, not_shown(files)),
        classes=ledger.active_classes(),
        job=jobs[0] if jobs else None,
        cycle=cycle,
        accuracy=None if cycle is None else _accuracy_by_now(project, cycle),
        trainings=sum(one.training is not None for one in cycles),
        new=since.all,
        outdated=since.outdated() if cycle is not None and cycle.training is not None else "",
        walked=store.note(WALKED) is not None,
    )


def where_it_stands(project: Project, status: Status) -> tuple[str, ...]:
    """The status in words, a line for each thing.

    Args:
        project: which.
        status: as `status_of` gives it.
    """
    lines = [f"{project.settings.name}: {project.images}"]
    if not status.walked and not status.files:
        lines.append("Images: the folder has not been looked through yet")
    else:
        words = [plural(status.images, "image")]
        if status.files != status.images + status.problems:
            words.append(f"in {plural(status.files - status.problems, 'file')}")
        unread = f", {status.unread:,} not read yet" if status.unread else ""
        problems = f"; {plural(status.problems, 'more file')} cannot be shown" if status.problems else ""
        lines.append(f"Images: {' '.join(words)}{unread}{problems}")
    if status.labelled or status.declined:
        declined = f"; {status.declined:,} declined" if status.declined else ""
        lines.append(f"Labels: {status.labelled:,}, of which {status.tests:,} test and are never trained on{declined}")
    else:
        lines.append("Labels: none yet")
    if status.classes:
        named = ", ".join(f"{one.name} {one.labels:,}" for one in status.classes[:12])
        more_classes = f", and {len(status.classes) - 12} more" if len(status.classes) > 12 else ""
        lines.append(f"Classes: {named}{more_classes}")
    else:
        lines.append("Classes: none yet")
    if status.cycle is not None:
        lines.append(f"Model: {_trained(status, status.cycle)}")
    if status.job is not None and (said := _job(status.job)):
        lines.append(f"Background: {said}")
    return tuple(lines)


def what_next(project: Project, status: Status) -> str:
    """What to do next, in a sentence or two.

    Args:
        project: which.
        status: as `status_of` gives it.
    """
    label = f"swither label {project.folder if not _beside(project) else project.images}"
    if status.walked and not status.files:
        return f"There are no images in {project.images}. Put some there; then: {label}"
    if status.job is not None and status.job.state == "failed":
        return f"The last training failed. Labels are safe. Start the page, which can train again: {label}"
    used = [one for one in status.classes if one.labels]
    if not status.labelled:
        return f"Label the first images; classes are named on the page: {label}"
    if len(used) < 2:
        return f"All labels are of one class so far. A model needs two: go on with {label}"
    if status.left <= 0:
        return f"Every image has an answer. Take the labels out: swither export csv {project.images} --out labels.csv"
    if not status.trainings:
        lacking = project.settings.retrain_after - status.new
        many = f" after {plural(lacking, 'more label')}" if lacking > 0 else ""
        return f"The first training begins{many} while the page runs: {label}"
    return f"{plural(status.left, 'image')} without an answer. Go on: {label}"


def _beside(project: Project) -> bool:
    """Whether the project lies where it is looked for in its folder of images."""
    from swither.project.project import FOLDER

    return project.folder == project.images / FOLDER


def _trained(status: Status, cycle: Cycle) -> str:
    words = f"{plural(status.trainings, 'training')}, the last on {plural(cycle.labelled, 'label')}"
    if cycle.training is None:
        words = "nothing could be trained yet"
    if status.accuracy and status.accuracy.get("counted"):
        words += f"; {_accuracy(status.accuracy)}"
    elif cycle.training is not None and status.tests:
        words += "; no accuracy yet: test images count in the order in which the page asks for them"
    if status.new and cycle.training is not None:
        words += f"; {plural(status.new, 'answer')} since{f', {status.outdated} among them' if status.outdated else ''}"
    return words


def _accuracy_by_now(project: Project, cycle: Cycle) -> Mapping[str, Any] | None:
    if cycle.training is None:
        return None
    from swither.project.accuracy import accuracy_by_now  # loads NumPy and SciPy, needless before a training

    return accuracy_by_now(project, cycle)


def _accuracy(accuracy: Mapping[str, Any]) -> str:
    right, counted = accuracy["right"], accuracy["counted"]
    words = f"right on {right:,} of {counted:,} test images ({right / counted:.0%}"
    if "low" in accuracy and "high" in accuracy:
        words += f"; between {accuracy['low']:.0%} and {accuracy['high']:.0%} with 95 % confidence"
    return words + ")"


def _job(job: Job) -> str:
    if job.state == "waiting":
        return "a training waits for the worker; it runs while the page does"
    if job.state == "failed":
        return f"the last training failed: {job.error}"
    if job.state == "running" and job.lease_until > now():
        what = str(job.progress.get("what") or "training")
        done, of = job.progress.get("done"), job.progress.get("of")
        return f"{what}, {done:,} of {of:,}" if isinstance(done, int) and isinstance(of, int) and of else what
    if job.state == "running":
        return "a training was interrupted; it goes on when the page runs"
    return ""
