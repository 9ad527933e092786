"""What the page asked to see itself is nobody's question, or only for a while."""

from __future__ import annotations

from starlette.testclient import TestClient

from swither.project.clock import now, seconds_between
from swither.project.records import ImageFile
from swither.web.items import item, questions_for
from swither.web.workspace import Workspace


def test_each_question_has_a_token_that_says_nothing() -> None:
    questions = questions_for(["a", "b"], "grid", "Ailsa", minutes=5)
    assert len({question.token for question in questions}) == 2
    assert not any("grid" in question.token for question in questions)
    assert all(290 < seconds_between(now(), question.until) <= 300 for question in questions)


def test_a_search_takes_no_image_from_anybody() -> None:
    (question,) = questions_for(["a"], "search", "Ailsa")
    assert question.until <= now()


def test_copies_and_near_copies_are_named_and_vanished_files_are_not(client: TestClient, workspace: Workspace) -> None:
    project, image = workspace.project, "a" * 32
    files = [ImageFile("b.jpg", 1, 1, image, 40, 30), ImageFile("a.jpg", 1, 1, image, 40, 30, present=False)]
    project.store.put_files([*files, ImageFile("c.jpg", 1, 1, image, 40, 30)])
    (question,) = questions_for([image], "search", "Ailsa")
    shown = item(project, project.ledger(), question, {image: ["b" * 32]})
    assert (shown["name"], shown["copies"], shown["near"]) == ("b.jpg", ["c.jpg"], ["b" * 32])
    assert (shown["width"], shown["height"]) == (40, 30)
