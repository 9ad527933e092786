"""The queue: every image once, nothing of two people at once, test images at places that nobody can guess."""

from __future__ import annotations

import itertools
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from swither.files import locked
from swither.project import queue
from swither.project.clock import now
from swither.project.identify import identify
from swither.project.project import Project
from swither.project.queue import SKIPPED_FOR, next_questions
from swither.project.records import Question

Publish = Callable[..., None]


def test_about_every_fifth_place_tests(make_labelled: Any) -> None:
    made = make_labelled(1500, width=2, test_limit=250)
    asked = next_questions(made.project, "ann", 600)
    share = sum(q.source == "test" for q in asked) / len(asked)
    assert abs(share - 0.2) < 4 * np.sqrt(0.2 * 0.8 / 600)


def test_places_of_test_images_have_no_rhythm(make_labelled: Any) -> None:
    made = make_labelled(1500, width=2)
    tested = [n for n, q in enumerate(next_questions(made.project, "ann", 500)) if q.source == "test"]
    gaps = Counter(b - a for a, b in itertools.pairwise(tested))
    assert max(gaps.values()) < 0.5 * len(tested)
    assert len(gaps) > 6


def test_test_images_end_at_the_limit(make_labelled: Any) -> None:
    made = make_labelled(200, width=2, test_limit=7)
    made.add_classes()
    asked = []
    while some := next_questions(made.project, "ann", 10):
        for question in some:
            made.label(question.image, query=question.token)
        asked += some
    before = asked[: 1 + max(n for n, q in enumerate(asked) if q.source != "test")]
    assert sum(q.source == "test" for q in before) == 7
    assert len({q.image for q in asked}) == len(asked) == 200


def test_the_latest_batch_is_asked_in_its_order(
    labelled: Any,
    publish: Publish,
) -> None:
    held = set()
    next_questions(labelled.project, "bob", 1)
    held = labelled.project.store.held_out()
    shown = {q.image for q in labelled.project.store.open_questions(now())}
    batch = [i for i in sorted(labelled.truth, reverse=True) if i not in held | shown][:10]
    publish(labelled.project, batch, 3)
    asked = [q for q in next_questions(labelled.project, "ann", 14) if q.source != "test"]
    assert [q.image for q in asked[:10]] == batch[: len(asked[:10])]
    assert {q.batch for q in asked if q.source == "batch"} == {3}


def test_a_new_batch_takes_over_without_what_was_answered(
    labelled: Any,
    publish: Publish,
) -> None:
    first = next_questions(labelled.project, "ann", 6)
    for question in first[:3]:
        labelled.label(question.image, query=question.token)
    held = labelled.project.store.held_out()
    other = [i for i in sorted(labelled.truth) if i not in held and i not in {q.image for q in first}][:5]
    publish(labelled.project, [*(q.image for q in first if q.source != "test"), *other], 1)
    after = [
        q.image for q in next_questions(labelled.project, "ann", 6, [q.token for q in first[3:]]) if q.source == "batch"
    ]
    assert after == other[: len(after)]


def test_images_are_skipped_for_a_while_and_then_come_back(make_labelled: Any) -> None:
    made = make_labelled(SKIPPED_FOR + 12, width=2, test_limit=0)
    made.add_classes()
    skipped = next_questions(made.project, "ann", 1)[0]
    made.say("skipped", image=skipped.image, query=skipped.token)
    seen = []
    for _ in range(SKIPPED_FOR + 8):
        question = next_questions(made.project, "ann", 1)[0]
        seen.append(question.image)
        made.label(question.image, query=question.token)
        if question.image == skipped.image:
            break
    assert skipped.image not in seen[: SKIPPED_FOR - 1]
    while some := next_questions(made.project, "ann", 4):
        for question in some:
            seen.append(question.image)
            made.label(question.image, query=question.token)
    assert skipped.image in seen


def test_a_skipped_image_comes_back_because_others_were_skipped_or_classes_added(
    make_labelled: Any, publish: Publish
) -> None:
    made = make_labelled(150, width=2, test_limit=0)
    made.add_classes()
    skipped = [next_questions(made.project, "ann", 1)[0] for _ in range(3)]
    for question in skipped:
        made.say("skipped", image=question.image, query=question.token)
    for n in range(60):
        made.say("class_added", class_id=f"more{n}", text=f"more {n}")
    images = {question.image for question in skipped}
    publish(made.project, sorted(images))  # the learner wants them most
    asked = []
    for _ in range(SKIPPED_FOR + 3):
        question = next_questions(made.project, "ann", 1)[0]
        asked.append(question.image)
        made.label(question.image, query=question.token)
    assert not images & set(asked[:SKIPPED_FOR])
    assert images == set(asked[SKIPPED_FOR:])


def test_a_skipped_image_is_asked_when_nothing_else_is_left(make_labelled: Any) -> None:
    made = make_labelled(3, width=2, test_limit=0)
    made.add_classes()
    for question in next_questions(made.project, "ann", 3):
        made.say("skipped", image=question.image, query=question.token)
    assert len(next_questions(made.project, "ann", 3)) == 3


def test_near_copies_are_not_asked_together(make_labelled: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    made = make_labelled(30, width=2, test_limit=0)
    made.add_classes()
    ids = sorted(made.truth)
    groups = {image: str(n // 3) for n, image in enumerate(ids)}
    monkeypatch.setattr(queue, "near_copies", lambda _: groups)
    asked = next_questions(made.project, "ann", 30)
    assert len(asked) == len({groups[q.image] for q in asked}) == 10
    for question in asked:
        made.label(question.image, query=question.token)
    assert len(next_questions(made.project, "ann", 30)) == 10


def test_what_a_new_batch_wants_most_is_asked_though_the_page_has_just_dropped_it(
    make_labelled: Any, publish: Publish
) -> None:
    made = make_labelled(120, width=2, test_limit=0)
    batch = sorted(made.truth)[:60]
    publish(made.project, batch, 1)
    first = next_questions(made.project, "ann", 40)
    assert [q.image for q in first] == batch[:40]
    wanted = list(reversed(batch))
    publish(made.project, wanted, 2)
    kept = first[:4]
    asked = next_questions(made.project, "ann", 30, [q.token for q in kept])
    assert [q.image for q in asked] == wanted[:30]
    before = {q.image: q.token for q in first}
    assert all(q.token == before[q.image] for q in asked if q.image in before)
    assert not {q.image for q in next_questions(made.project, "ann", 20)} & {q.image for q in [*kept, *asked]}


def test_of_near_copies_in_one_batch_one_is_asked(
    make_labelled: Any, monkeypatch: pytest.MonkeyPatch, publish: Publish
) -> None:
    made = make_labelled(60, width=2, test_limit=0)
    made.add_classes()
    ids = sorted(made.truth)
    monkeypatch.setattr(queue, "near_copies", lambda _: dict.fromkeys(ids[:5], "alike"))
    publish(made.project, ids[:20], 1)
    asked = []
    for _ in range(16):
        (question,) = next_questions(made.project, "ann", 1)
        asked.append(question.image)
        made.label(question.image, query=question.token)
    assert asked == [ids[0], *ids[5:20]]
    publish(made.project, ids[1:3], 2)  # chosen again after that answer is known: wanted all the same
    assert next_questions(made.project, "ann", 1)[0].image == ids[1]


def test_whoever_asks_waits_while_an_image_is_decoded_for_somebody_else(
    picture_folder: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    with Project.create(picture_folder(12), test_limit=0) as project:
        next_questions(project, "cat", 3)
        decoding, go_on = threading.Event(), threading.Event()

        def slowly(*what: Any) -> str | None:
            decoding.set()
            assert go_on.wait(30)
            return identify(*what)

        monkeypatch.setattr(queue, "identify", slowly)
        ours: list[Question] = []
        waiting = threading.Thread(target=lambda: ours.extend(next_questions(project, "ann", 3)))
        waiting.start()
        assert decoding.wait(30)
        monkeypatch.setattr(queue, "identify", identify)
        theirs = next_questions(project, "bob", 3)
        assert len(theirs) == 3
        go_on.set()
        waiting.join()
        assert len({q.image for q in [*ours, *theirs]}) == 6


def test_whoever_asks_waits_while_near_copies_are_looked_up_for_the_first_time(
    labelled: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    free: list[bool] = []

    def look(_: Project) -> dict[str, str]:
        if not free:
            with locked(labelled.project.derived("queue.lock")):  # raises where somebody has it
                free.append(True)
        return {}

    monkeypatch.setattr(queue, "near_copies", look)
    assert len(next_questions(labelled.project, "ann", 2)) == 2
    assert free


def test_a_folder_of_damaged_files_holds_up_a_call(
    picture_folder: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = picture_folder(2)
    for number in range(60):
        (folder / f"bad{number}.png").write_bytes(bytes(str(number), "ascii"))
    monkeypatch.setattr(queue, "MOST_READ", 5)
    with Project.create(folder, test_limit=0) as project:
        asked, calls = [], 0
        while len(asked) < 2:
            read = len([file for file in project.store.files() if file.problem])
            asked += next_questions(project, "ann", 1, [q.token for q in asked])
            assert len([file for file in project.store.files() if file.problem]) <= read + 6
            calls += 1
            assert calls <= 60, "each call reads at least one file more"
        assert len({q.image for q in asked}) == 2


def test_two_people_and_two_pages_are_never_asked_the_same(labelled: Any) -> None:
    ours, theirs = next_questions(labelled.project, "ann", 30), next_questions(labelled.project, "bob", 30)
    again = next_questions(labelled.project, "ann", 30)
    images = [q.image for q in [*ours, *theirs, *again]]
    assert len(images) == len(set(images)) == 90


def test_what_the_same_person_had_is_given_again_when_nothing_else_is_left(make_labelled: Any) -> None:
    made = make_labelled(6, width=2, test_limit=0)
    first = {q.token: q.image for q in next_questions(made.project, "ann", 6)}
    assert next_questions(made.project, "bob", 6) == []
    assert {q.token: q.image for q in next_questions(made.project, "ann", 6)} == first
    assert next_questions(made.project, "ann", 6, first) == []


def test_leases_of_what_a_page_has_are_lengthened(labelled: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    first = next_questions(labelled.project, "ann", 2)
    monkeypatch.setattr(queue, "LEASE_SECONDS", 9000.0)
    next_questions(labelled.project, "ann", 1, [q.token for q in first])
    kept = labelled.project.store.questions([q.token for q in first])
    assert all(kept[q.token].until > now(8000) for q in first)


def test_the_first_image_of_20000_files_comes_within_3_seconds_without_torch(tmp_path: Path) -> None:
    folder = tmp_path / "many"
    picture = _picture()
    for part in range(20):
        (folder / f"{part:02}").mkdir(parents=True)
        for n in range(1000):
            (folder / f"{part:02}" / f"{n:04}.png").write_bytes(picture + bytes(str((part, n)), "ascii"))
    program = (
        "import sys, time; start = time.perf_counter()\n"
        "from pathlib import Path\n"
        "from swither.project.project import Project\n"
        "from swither.project.queue import next_questions\n"
        f"with Project.open_or_create(Path({str(folder)!r})) as project:\n"
        "    asked = next_questions(project, 'ann', 1)\n"
        "    assert len(asked) == 1 and project.path_of(asked[0].image)\n"
        "assert 'torch' not in sys.modules\n"
        "print(time.perf_counter() - start, time.process_time())"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    _, processor = map(float, ended.stdout.split())
    assert processor < 3  # by the clock it is less on a machine that does nothing else


def test_images_listed_before_the_walk_is_whole_leave_the_reserve_alone(
    picture_folder: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = picture_folder(200)
    monkeypatch.setattr("swither.project.discovery._FIRST", 50)
    monkeypatch.setattr(queue, "_FIRST_LOOK", 0.0)
    with Project.create(folder) as project:
        from swither.project.discovery import Discovery
        from swither.project.held_out import reserve_of
        from swither.project.identify import identify
        from swither.project.lots import lots_of

        walk = Discovery(project)
        walk._begin()
        walk._take_block()
        early = next_questions(project, "ann", 20)
        assert {q.source for q in early} == {"random"}
        walk.run()
        for file in project.store.files():
            identify(project, file.path)
        reserve = {lot.image for lot in reserve_of(project, lots_of(project, fresh=True))}
        assert len(reserve) > 20
        assert not reserve & {q.image for q in early}


def _picture() -> bytes:
    import io

    from PIL import Image

    written = io.BytesIO()
    Image.fromarray(np.zeros((8, 8, 3), dtype=np.uint8)).save(written, "PNG")
    return written.getvalue()


def test_asking_stays_quick_with_thousands_of_files(make_labelled: Any) -> None:
    made = make_labelled(3000, width=1)
    next_questions(made.project, "ann", 8)
    start = time.process_time()
    for _ in range(5):
        next_questions(made.project, "ann", 8)
    assert (time.process_time() - start) / 5 < 0.5
