from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from swither.arrays import ByteArray, FloatArray
from swither.data.identity import content_id
from swither.data.intake import cores
from swither.files import locked
from swither.project import indexing, reading
from swither.project.embedders import SimpleEmbedder
from swither.project.embeddings import image_set, pool_features
from swither.project.indexing import NOTE, Indexer
from swither.project.near_copies import FingerprintFile, fingerprint_path, near_copies
from swither.project.previews import THUMBNAIL, pictures
from swither.project.project import Project


def draw_images(folder: Path, count: int, first: int = 0) -> None:
    folder.mkdir(exist_ok=True)
    for number in range(first, first + count):
        pixels = np.random.default_rng(number).integers(0, 256, (6, 8, 3), dtype=np.uint8)
        large = Image.fromarray(pixels).resize((320, 240), Image.Resampling.BICUBIC)
        large.save(folder / f"{number:04}.jpg")


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    draw_images(tmp_path / "images", 40)
    with Project.create(tmp_path / "images") as made:
        yield made


def simple(project: Project) -> Indexer:
    return Indexer(project, embedder=SimpleEmbedder())


def index(project: Project) -> None:
    indexer = simple(project)
    while indexer.step(0.01):
        pass


def contents(project: Project) -> set[str]:
    return {content_id(path.read_bytes()) for path in project.images.rglob("*.jpg") if ".swither" not in path.parts}


def assert_complete(project: Project) -> None:
    """Everything that can be read has all that belongs to it, and once."""
    wanted = contents(project)
    files = [file for file in project.store.files() if file.present]
    assert {file.image for file in files} == wanted
    assert all((file.width, file.height) == (320, 240) for file in files)
    pool = pool_features(project)
    assert pool is not None
    assert pool.ids.tolist() == sorted(wanted)
    prints = FingerprintFile(fingerprint_path(project)).read()[0]
    assert sorted(prints) == sorted(wanted)
    assert all(image in pictures(project, THUMBNAIL) for image in wanted)


def test_everything_is_known_in_the_end_and_said(project: Project) -> None:
    index(project)
    assert_complete(project)
    note = project.store.note(NOTE)
    assert {name: note[name] for name in ("what", "done", "of", "problems", "running")} == {
        "what": "done",
        "done": 40,
        "of": 40,
        "problems": 0,
        "running": False,
    }
    assert near_copies(project) == {}


def test_a_folder_of_nothing_but_links_that_lead_out_says_so(tmp_path: Path) -> None:
    draw_images(tmp_path / "elsewhere", 3)
    (tmp_path / "links").mkdir()
    for path in (tmp_path / "elsewhere").iterdir():
        os.symlink(path, tmp_path / "links" / path.name)
    with Project.create(tmp_path / "links") as project:
        index(project)
        note = project.store.note(NOTE)
        assert (note["of"], note["running"]) == (0, False)
        assert note["found"].startswith("0 image files. Passed by: link that leads out of the folder (3)")


def test_a_second_start_reads_nothing_again(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    index(project)

    def never(*what: object) -> None:
        raise AssertionError("an image was read again")

    monkeypatch.setattr(indexing, "look", never)
    writes = project.store.changes()
    index(project)
    assert project.store.changes() - writes <= 2  # notes at most


def test_renamed_and_moved_files_are_what_they_were(project: Project) -> None:
    index(project)
    before = {file.path: file.image for file in project.store.files()}
    (project.images / "moved").mkdir()
    os.rename(project.images / "0000.jpg", project.images / "moved" / "elsewhere.jpg")
    index(project)
    after = {file.path: (file.image, file.present) for file in project.store.files()}
    assert after["moved/elsewhere.jpg"] == (before["0000.jpg"], True)
    assert after["0000.jpg"] == (before["0000.jpg"], False)
    assert_complete(project)


def test_a_disk_that_fails_for_a_while_costs_images_or_what_is_known_of_them(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    index(project)
    draw_images(project.images, 3, first=100)
    shutil.rmtree(project.derived("near_copies"))  # so that all are to be looked at again

    def fail(*_: object) -> int:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as failing:
        failing.setattr(reading, "os", SimpleNamespace(**{**vars(os), "open": fail}))
        index(project)
    files = project.store.files()
    assert sum(file.image is not None for file in files) == 40
    assert all(file.problem is None for file in files)
    assert project.store.note(NOTE)["problems"] == 43
    assert "Input/output error" in project.store.note(NOTE)["named"][0]["words"]
    index(project)
    assert_complete(project)
    assert project.store.note(NOTE)["problems"] == 0


def test_exact_copies_are_one_image(project: Project) -> None:
    for number in range(5):
        shutil.copy(project.images / "0001.jpg", project.images / f"copy{number}.jpg")
    index(project)
    assert_complete(project)
    assert len(project.store.files_of(content_id((project.images / "0001.jpg").read_bytes()))) == 6
    pool = pool_features(project)
    assert pool is not None
    assert len(pool.ids) == 40


def test_near_copies_are_found(project: Project) -> None:
    with Image.open(project.images / "0002.jpg") as image:
        image.resize((200, 150)).save(project.images / "small.png")
    index(project)
    pair = {content_id((project.images / name).read_bytes()) for name in ("0002.jpg", "small.png")}
    assert dict(near_copies(project)) == dict.fromkeys(pair, min(pair))


def test_unreadable_files_are_named_and_stop_nothing(project: Project) -> None:
    for number in range(3):
        (project.images / f"bad{number}.png").write_bytes(b"\x89PNG but not really")
    index(project)
    note = project.store.note(NOTE)
    assert (note["done"], note["of"], note["problems"], note["running"]) == (43, 43, 3, False)
    assert [one["path"] for one in note["named"]] == ["bad0.png", "bad1.png", "bad2.png"]
    assert all("damaged" in one["words"] for one in note["named"])
    assert len(image_set(project, ["a"])) == 40
    Image.new("RGB", (320, 240)).save(project.images / "bad0.png")  # mended
    index(project)
    assert project.store.note(NOTE)["problems"] == 2


def test_all_derived_files_can_be_deleted(project: Project) -> None:
    index(project)
    shutil.rmtree(project.folder / "derived")
    assert pool_features(project) is None
    index(project)
    assert_complete(project)


def test_a_step_is_short_and_says_that_there_is_more(project: Project) -> None:
    draw_images(project.images, 30 * cores() + 40, first=40)
    indexer = simple(project)
    started = time.monotonic()
    assert indexer.step(0.0)
    assert time.monotonic() - started < 30
    read = [file for file in project.store.files() if file.image is not None]
    assert len(read) <= indexing.AT_ONCE * cores()
    assert project.store.note(NOTE)["running"]


def test_what_is_embedded_first_is_no_part_of_one_folder(project: Project) -> None:
    draw_images(project.images, 30 * cores() + 40, first=40)
    indexer = simple(project)
    while len(read := [file.path for file in project.store.files() if file.image is not None]) == 0:
        indexer.step(0.0)
    paths = sorted(file.path for file in project.store.files())
    first = sum(path in paths[: len(paths) // 2] for path in read) / len(read)
    assert 0.2 < first < 0.8  # about half, not the first ones


def test_stopping_is_obeyed_between_batches(project: Project) -> None:
    draw_images(project.images, 30 * cores() + 40, first=40)
    stopped = False
    indexer = Indexer(project, lambda: stopped, embedder=SimpleEmbedder())
    indexer.step(0.0)
    stopped = True
    done = sum(file.image is not None for file in project.store.files())
    assert indexer.step(10.0)
    assert sum(file.image is not None for file in project.store.files()) == done


def test_two_indexers_do_not_work_at_once(project: Project) -> None:
    with locked(project.derived("indexing") / "lock"):
        assert not simple(project).step(1.0)
    assert project.store.files() == ()


class Better(SimpleEmbedder):
    """Stands for a backbone that is installed later."""

    def __init__(self) -> None:
        super().__init__()
        self.key, self.description, self.width = "better", "better features", 5

    def embed(self, squares: Sequence[ByteArray]) -> FloatArray:
        return super().embed(squares)[:, :5]


def test_better_embeddings_take_over_only_when_all_are_made(project: Project) -> None:
    index(project)
    indexer = Indexer(project, embedder=Better())
    assert indexer.step(0.0)
    assert (pool := pool_features(project)) is not None
    assert len(pool.ids) == 40
    assert pool.features.width == 768
    while indexer.step(0.1):
        pass
    assert (pool := pool_features(project)) is not None
    assert len(pool.ids) == 40
    assert pool.features.key == "better"
    assert sorted(FingerprintFile(fingerprint_path(project)).read()[0]) == sorted(contents(project))


INDEX = """
import sys
from swither.project.project import Project
from swither.project.indexing import Indexer
from swither.project.embedders import SimpleEmbedder
from swither.project import indexing
indexing.AT_ONCE = 2
indexer = Indexer(Project.open(sys.argv[1]), embedder=SimpleEmbedder())
print("ready", flush=True)
while indexer.step(0.01):
    pass
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs kill")
def test_killed_at_any_moment_nothing_is_lost_and_nothing_twice(project: Project) -> None:
    draw_images(project.images, 60, first=40)
    waits = random.Random()
    for _ in range(6):
        process = subprocess.Popen(
            [sys.executable, "-c", INDEX, str(project.images)], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(waits.uniform(0.0, 0.4))
        process.kill()
        process.communicate()
        pool = pool_features(project)
        read = {file.image for file in project.store.files() if file.image is not None}
        assert read <= set(pool.ids.tolist() if pool is not None else [])  # what counts as read has its embedding
    index(project)
    assert_complete(project)
