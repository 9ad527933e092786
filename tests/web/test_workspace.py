"""What the server remembers of a project is what is stored, and work behind answers stops nothing."""

from __future__ import annotations

import threading

import pytest

from swither.project.records import ImageFile
from swither.web.workspace import Workspace, alike


def test_files_and_images_are_counted_as_people_count(workspace: Workspace) -> None:
    workspace.project.store.put_files(
        [
            ImageFile("a.jpg", 1, 1, "a" * 32),
            ImageFile("copy of a.jpg", 1, 1, "a" * 32),
            ImageFile("unread.jpg", 1, 1),
            ImageFile("unread too.jpg", 1, 1),
            ImageFile("broken.jpg", 1, 1, problem="damaged"),
            ImageFile("gone.jpg", 1, 1, "b" * 32, present=False),
        ]
    )
    assert workspace.files_and_images() == (5, 3)


def test_near_copies_are_named_beside_each_other() -> None:
    assert alike({"a": "g", "b": "h", "c": "g", "d": "g"}) == {"a": ["c", "d"], "c": ["a", "d"], "d": ["a", "c"]}


def test_what_fails_behind_an_answer_is_logged_and_the_next_is_done(
    workspace: Workspace, caplog: pytest.LogCaptureFixture
) -> None:
    done = threading.Event()
    workspace.later(lambda: 1 / 0)
    workspace.later(done.set)
    assert done.wait(10)
    assert "division" in caplog.text


def test_closing_waits_for_what_is_being_done(workspace: Workspace) -> None:
    done: list[int] = []
    begun = threading.Event()

    def work() -> None:
        begun.set()
        threading.Event().wait(0.2)
        done.append(workspace.project.store.changes())

    workspace.later(work)
    begun.wait(10)
    workspace.close()
    assert done
    workspace.later(lambda: done.append(0))
    assert len(done) == 1
