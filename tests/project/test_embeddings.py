from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from swither.data.embedding_file import EmbeddingFile
from swither.errors import InputError
from swither.files import make_folder
from swither.project.embeddings import NOTE, embedding_folder, image_set, look_again, pool_features
from swither.project.project import Project
from swither.project.records import ImageFile, ProjectEvent

IDS = [f"{number:02x}" * 16 for number in (5, 3, 9, 1)]
VALUES = np.arange(12, dtype=np.float16).reshape(4, 3)
AT = "2026-03-01T12:00:00.000000Z"


def embed(project: Project, key: str, ids: list[str], values: np.ndarray) -> None:
    make_folder(embedding_folder(project, key))
    EmbeddingFile(embedding_folder(project, key), values.shape[1]).append(ids, values)


def about(key: str, width: int = 3) -> dict[str, object]:
    return {"key": key, "width": width, "description": f"made by {key}", "problem": ""}


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    (tmp_path / "images").mkdir()
    with Project.create(tmp_path / "images") as made:
        made.store.put_files(ImageFile(f"{image[:2]}.jpg", 1, 1, image, 8, 8) for image in IDS)
        embed(made, "one", IDS, VALUES)
        made.store.set_note(NOTE, {"used": about("one"), "making": None})
        yield made


def vanish(project: Project, image: str) -> None:
    project.store.put_files(replace(file, present=False) for file in project.store.files_of(image))
    look_again(project)


def test_every_image_has_its_own_embedding_in_the_order_of_ids(project: Project) -> None:
    pool = pool_features(project)
    assert pool is not None
    assert pool.ids.tolist() == sorted(IDS)
    for position, image in enumerate(pool.ids.tolist()):
        assert np.array_equal(pool.features.of(np.array([position]))[0], VALUES[IDS.index(image)])
    assert pool.description == pool.features.description == "made by one"


def test_a_learner_is_given_features_without_pixels_or_labels(project: Project) -> None:
    images = image_set(project, ["c1", "c2"], exclude=[IDS[0]])
    assert images.ids.tolist() == sorted(IDS[1:])
    assert images.class_names == ("c1", "c2")
    assert (images.labels == -1).all()
    assert not images.has_pixels
    assert images.paths.tolist() == [f"{image[:2]}.jpg" for image in sorted(IDS[1:])]
    assert np.array_equal(images.inputs(np.array([0]))[0], VALUES[IDS.index(min(IDS[1:]))])


def test_without_embeddings_there_is_no_pool(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with Project.create(tmp_path / "empty") as project:
        assert pool_features(project) is None
        with pytest.raises(InputError, match="No image of this project has been embedded"):
            image_set(project, ["a"])


def test_what_is_embedded_later_joins_the_pool(project: Project) -> None:
    assert pool_features(project) is pool_features(project)
    embed(project, "one", ["ff" * 16], np.ones((1, 3), np.float16))
    project.store.put_files([ImageFile("ff.jpg", 1, 1, "ff" * 16, 8, 8)])
    pool = pool_features(project)
    assert pool is not None
    assert len(pool.ids) == 5


def test_an_image_whose_files_are_gone_leaves_the_pool_unless_it_is_labelled(project: Project) -> None:
    project.store.append(
        [
            ProjectEvent("e1", "class_added", AT, class_id="c1", text="one"),
            ProjectEvent("e2", "labelled", AT, image=IDS[1], class_id="c1"),
            ProjectEvent("e3", "declined", AT, image=IDS[2], text="cannot tell"),
        ],
        AT,
    )
    for image in IDS[:3]:
        vanish(project, image)
    pool = pool_features(project)
    assert pool is not None
    assert pool.ids.tolist() == [IDS[3]]
    assert image_set(project, ["c1"]).ids.tolist() == sorted(IDS[1:])


def test_an_image_with_a_copy_left_stays_in_the_pool(project: Project) -> None:
    project.store.put_files([ImageFile("copy.jpg", 1, 1, IDS[0], 8, 8)])
    project.store.put_files([replace(project.store.files_of(IDS[0])[0], present=False)])
    look_again(project)
    pool = pool_features(project)
    assert pool is not None
    assert IDS[0] in pool.ids


def test_better_embeddings_are_used_only_when_they_are_said_to_be(project: Project) -> None:
    embed(project, "two", IDS[:2], VALUES[:2, :2])
    project.store.set_note(NOTE, {"used": about("one"), "making": about("two", 2)})
    assert len(image_set(project, ["a"])) == 4
    assert image_set(project, ["a"]).features.key == "one"  # type: ignore[union-attr]
    project.store.set_note(NOTE, {"used": about("two", 2), "making": None})
    assert image_set(project, ["a"]).features.key == "two"  # type: ignore[union-attr]


def test_deleted_embeddings_are_none(project: Project) -> None:
    assert pool_features(project) is not None
    shutil.rmtree(embedding_folder(project, "one"))
    assert pool_features(project) is None
