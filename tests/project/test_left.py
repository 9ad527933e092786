"""The page, its report and the status count what is left alike, whatever became of the files."""

from __future__ import annotations

from dataclasses import replace

from swither.project.left import images_left, not_shown
from swither.project.status import status_of, what_next
from swither.web.state import counts_of
from swither.web.workspace import Workspace


def test_labels_of_deleted_and_unreadable_files_take_nothing_from_what_is_left(labelled):
    project, images = labelled.project, sorted(labelled.truth)
    files = {file.image: file for file in project.store.files()}
    for image in images[:5]:
        labelled.label(image)
    labelled.say("declined", image=images[5], text="cannot tell")
    project.store.put_files([replace(files[images[0]], present=False), replace(files[images[1]], problem="damaged")])
    project.store.put_files([replace(files[images[2]], path="copy.jpg", present=False)])
    without_answer = len(images) - 6
    assert not_shown(project.store.files()) == {images[0], images[1]}
    assert images_left(len(images) - 2, project.ledger(), not_shown(project.store.files())) == without_answer
    status, workspace = status_of(project), Workspace(project, "Ailsa")
    counts = counts_of(workspace, project.ledger())
    assert status.left == counts["left"] == without_answer
    assert (status.images, status.labelled, status.declined) == tuple(
        counts[name] for name in ("images", "labelled", "declined")
    )
    assert f"{without_answer} images without an answer" in what_next(project, replace(status, trainings=1))
