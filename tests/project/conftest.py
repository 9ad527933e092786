"""A project with synthetic embeddings, and somebody who labels in it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from swither.data.embedding_file import EmbeddingFile
from swither.data.identity import content_id
from swither.files import make_folder
from swither.project.clock import now
from swither.project.embeddings import NOTE, embedding_folder
from swither.project.notes import WALKED
from swither.project.project import Project
from swither.project.records import Cycle, ImageFile, ProjectEvent

CLASSES = ("ant", "bee", "cat")


@dataclass
class Labelled:
    """A project, what its images truly show, and a person who labels.

    Attributes:
        project: with a folder of files that are no images, whose contents and embeddings are made up.
        truth: image -> class id; a class's id is its name.
    """

    project: Project
    truth: dict[str, str]
    _numbers: Any = field(default_factory=lambda: itertools.count(1))

    def say(self, kind: str, **what: Any) -> ProjectEvent:
        """Append one event."""
        event = ProjectEvent(f"e{next(self._numbers)}-{kind}", kind, now(), by=what.pop("by", "ann"), **what)  # type: ignore[arg-type]
        self.project.store.append([event], now())
        return event

    def add_classes(self, names: tuple[str, ...] = CLASSES) -> None:
        for name in names:
            self.say("class_added", class_id=name, text=name)

    def label(self, image: str, class_id: str | None = None, **what: Any) -> ProjectEvent:
        """Label an image, with what it shows if nothing else is said."""
        return self.say("labelled", image=image, class_id=class_id or self.truth[image], **what)

    def embed(self, ids: list[str], width: int = 8) -> None:
        """Give images an embedding each, all the same."""
        embed(self.project, ids, np.zeros((len(ids), width), "f2"))

    def label_some(self, count: int) -> list[str]:
        """Label images that do not test, in the order of their ids, as if they had been imported."""
        left = [i for i in sorted(self.truth) if i not in self.project.store.held_out()]
        left = [i for i in left if self.project.ledger().label_of(i) is None][:count]
        for image in left:
            self.label(image)
        return left


MakeLabelled = Callable[..., Labelled]


@pytest.fixture
def make_labelled(tmp_path: Path) -> MakeLabelled:
    """Make a project of `count` images of three classes, `width` numbers each; `embedded` of them have embeddings."""

    def make(
        count: int = 120, width: int = 8, embedded: int | None = None, name: str = "images", **settings: Any
    ) -> Labelled:
        folder = tmp_path / name
        folder.mkdir()
        draw = np.random.default_rng(settings.get("seed", 0))
        shown = draw.integers(len(CLASSES), size=count)
        values = (draw.standard_normal((len(CLASSES), width))[shown] * 2 + draw.standard_normal((count, width))).astype(
            "f2"
        )
        ids = [f"{n:04x}{draw.integers(1 << 60):028x}" for n in range(count)]
        for n in range(count):
            (folder / f"{n:05}.jpg").write_bytes(b"")
        project = Project.create(folder, **settings)
        project.store.put_files(ImageFile(f"{n:05}.jpg", 0, 0, ids[n], 8, 8) for n in range(count))
        project.store.set_note(WALKED, now())
        embed(project, ids[: count if embedded is None else embedded], values)
        return Labelled(project, {i: CLASSES[c] for i, c in zip(ids, shown, strict=True)})

    return make


def embed(project: Project, ids: list[str], values: Any) -> None:
    """Put embeddings where the indexing would."""
    key, width = "made-up", values.shape[1]
    make_folder(embedding_folder(project, key))
    if ids:
        EmbeddingFile(embedding_folder(project, key), width).append(ids, values[: len(ids)])
    project.store.set_note(NOTE, {"used": {"key": key, "width": width, "description": "made-up numbers"}})


@pytest.fixture
def labelled(make_labelled: MakeLabelled) -> Labelled:
    """A project with classes and nothing labelled."""
    made = make_labelled()
    made.add_classes()
    return made


@pytest.fixture
def publish() -> Callable[..., None]:
    """A finished cycle that chose some images, without the work: `publish(project, ids, batch, **facts)`."""

    def publish(project: Project, ids: list[str], batch: int = 1, **facts: Any) -> None:
        job = project.store.request_job("cycle", now())
        assert project.store.take_job("test", now(), now(60)) is not None
        known = {"source": "batch", **facts}
        cycle = Cycle(job.number, batch, project.ledger().sequence, 0, (), tuple(ids), None, known, now())
        assert project.store.publish(cycle, "test")

    return publish


@pytest.fixture
def picture_folder(tmp_path: Path) -> Callable[..., Path]:
    """Make a folder of real, small pictures, no two alike."""

    def make(count: int, name: str = "pictures") -> Path:
        folder = tmp_path / name
        folder.mkdir()
        draw = np.random.default_rng(7)
        for n in range(count):
            pixels = draw.integers(0, 256, (12, 16, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / f"{n:04}.png")
        return folder

    return make


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trainings of few epochs, and no rehearsal of them."""
    from swither.project import cycle
    from swither.project.budget import Pace
    from swither.training import Recipe

    recipe = Recipe(epochs=20, least_steps=0, least_steps_per_epoch=1)
    monkeypatch.setattr(cycle, "recipe_for", lambda _: recipe)
    monkeypatch.setattr(cycle, "pace_of", lambda *_: Pace(1e-4, 1e-3, 1e-7, 0.1, "made up"))


@pytest.fixture
def no_indexing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker does jobs only: the files of these projects are no images."""
    from swither.project.worker import Worker

    monkeypatch.setattr(Worker, "_index", lambda _: False)


@pytest.fixture
def write_photographs() -> Callable[[Path, list[str]], dict[str, str]]:
    """Write small images under these names in a folder, each like no other; name -> id."""

    def write(folder: Path, names: list[str], start: int = 0) -> dict[str, str]:
        ids = {}
        for seed, name in enumerate(names, start):
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(np.random.default_rng(seed).integers(0, 255, (24, 32, 3), dtype=np.uint8)).save(path)
            ids[name] = content_id(path.read_bytes())
        return ids

    return write
