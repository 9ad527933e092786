"""Every format writes the labels as they stand, whole or not at all, and other readers understand it."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from swither.data import open_dataset
from swither.data.identity import content_id
from swither.errors import InputError, NotEnoughSpace, UnknownName
from swither.project import accuracy
from swither.project.discovery import Discovery
from swither.project.exporting import hub
from swither.project.exporting.class_folders import folder_names
from swither.project.exporting.formats import FORMATS, export
from swither.project.exporting.label_studio import labelling_config
from swither.project.exporting.rows import answers_of
from swither.project.importing import import_labels
from swither.project.matching import read_ids
from swither.project.project import Project
from swither.project.records import ProjectEvent

AT = "2026-03-01T12:30:00.000000Z"
NAMES = ["1.png", "b/1.png", "b/2, odd.png", "b/3.png", "b/4.png", "c/5.png", "c/6.png"]
ODD = '=1+1, "cat"/..'
Write = Callable[..., dict[str, str]]


@pytest.fixture
def ids(tmp_path: Path, write_photographs: Write) -> dict[str, str]:
    return write_photographs(tmp_path / "photos", NAMES)


@pytest.fixture
def project(tmp_path: Path, ids: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    """Five labelled images, two of them for testing, one with a copy; one declined, one without an answer."""
    monkeypatch.setattr(accuracy, "counted_images", lambda _: (ids["b/3.png"], ids["b/4.png"]))
    with Project.create(tmp_path / "photos", test_limit=0) as project:
        (project.images / "c" / "copy.png").write_bytes((project.images / "1.png").read_bytes())
        Discovery(project).run()
        read_ids(project)
        project.store.hold_out([ids["b/3.png"], ids["b/4.png"]])
        said = [("1.png", "odd"), ("b/1.png", "dog"), ("b/2, odd.png", "dog"), ("b/3.png", "dog"), ("b/4.png", "odd")]
        project.store.append(
            [
                ProjectEvent("c1", "class_added", AT, class_id="odd", text=ODD),
                ProjectEvent("c2", "class_added", AT, class_id="dog", text="Dog"),
                ProjectEvent("c3", "class_added", AT, class_id="gone", text="Hound"),
                ProjectEvent("c4", "class_merged", AT, class_id="gone", into="dog"),
                *(
                    ProjectEvent(f"e{n}", "labelled", AT, "ann", image=ids[path], class_id=label, seconds=1.5)
                    for n, (path, label) in enumerate(said)
                ),
                ProjectEvent("e9", "declined", AT, "bob", image=ids["c/5.png"], text="cannot tell"),
            ],
            AT,
        )
        yield project


EXPECTED = [
    ("1.png", ODD, "train", ""),
    ("c/copy.png", ODD, "train", ""),
    ("b/1.png", "Dog", "train", ""),
    ("b/2, odd.png", "Dog", "train", ""),
    ("b/3.png", "Dog", "test", ""),
    ("b/4.png", ODD, "test", ""),
    ("c/5.png", "", "neither", "cannot tell"),
]


def test_csv_lists_every_file_with_its_label_as_it_stands(
    project: Project, tmp_path: Path, ids: dict[str, str]
) -> None:
    done = export(project, "csv", tmp_path / "labels.csv")
    assert (done.train, done.test, done.declined, done.left_out) == (3, 2, 1, ())
    with (tmp_path / "labels.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["path"], row["label"], row["part"], row["declined"]) for row in rows] == EXPECTED
    assert rows[2] == {
        "path": "b/1.png",
        "label": "Dog",
        "part": "train",
        "declined": "",
        "image": ids["b/1.png"],
        "by": "ann",
        "at": AT,
        "seconds": "1.5",
    }


@pytest.mark.parametrize("why", ["a near copy is trained on", "it was not drawn"])
def test_what_is_no_fair_test_image_is_of_neither_part(
    project: Project, tmp_path: Path, ids: dict[str, str], monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    spoilt = ids["b/3.png"]
    if why == "it was not drawn":
        monkeypatch.setattr(accuracy, "counted_images", lambda _: (ids["b/4.png"],))
    else:
        monkeypatch.setattr(accuracy, "near_copies", lambda _: {spoilt: "group", ids["1.png"]: "group"})
    done = export(project, "csv", tmp_path / "labels.csv")
    assert (done.train, done.test, done.neither) == (3, 1, 1)
    with (tmp_path / "labels.csv").open(encoding="utf-8", newline="") as file:
        assert {row["path"] for row in csv.DictReader(file) if row["part"] == "neither"} == {"b/3.png", "c/5.png"}
    for name in ("parquet", "folders"):
        done = export(project, name, tmp_path / name)
        assert (done.train, done.test) == (3, 1)
        assert any(line.startswith("b/3.png: never trained on, and not counted") for line in done.left_out)
    assert not list((tmp_path / "folders").glob("*/*/3.png"))


def test_json_lines_say_the_same_with_null(project: Project, tmp_path: Path) -> None:
    export(project, "jsonl", tmp_path / "labels.jsonl")
    rows = [json.loads(line) for line in (tmp_path / "labels.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [(r["path"], r["label"] or "", r["part"], r["declined"] or "") for r in rows] == EXPECTED
    assert rows[-1]["label"] is None


@pytest.mark.parametrize("name", ["csv", "jsonl"])
def test_what_was_exported_comes_back_as_it_was(name: str, project: Project, tmp_path: Path) -> None:
    export(project, name, tmp_path / f"labels.{name}")
    before = project.store.events()
    done = import_labels(project, tmp_path / f"labels.{name}")
    assert (done.labelled, done.conflicts, done.unknown) == (0, (), ())
    assert project.store.events() == before
    with Project.create(project.images, tmp_path / "other") as other:
        import_labels(other, tmp_path / f"labels.{name}")
        assert [(r.paths, r.label) for r in answers_of(other).labelled] == [
            (r.paths, r.label) for r in answers_of(project).labelled
        ]


def test_the_hubs_layout_is_read_by_swither_with_both_parts(
    project: Project, tmp_path: Path, ids: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    done = export(project, "parquet", tmp_path / "hub")
    assert (done.train, done.test) == (3, 2)
    assert done.left_out == ("c/5.png: declined (cannot tell)",)
    assert sorted(path.name for path in (tmp_path / "hub").rglob("*") if path.is_file()) == [
        "README.md",
        "test-00000-of-00001.parquet",
        "train-00000-of-00001.parquet",
    ]
    table = pq.read_table(tmp_path / "hub" / "data" / "train-00000-of-00001.parquet")
    features = json.loads(table.schema.metadata[b"huggingface"])["info"]["features"]
    assert features["image"] == {"_type": "Image"}
    assert features["label"] == {"names": [ODD, "Dog"], "_type": "ClassLabel"}
    assert set(features) == set(table.column_names)
    rows = {row["path"]: row for row in table.to_pylist()}
    assert rows["b/1.png"]["label"] == 1
    assert rows["b/1.png"]["image"]["path"] == "1.png"
    assert all(content_id(row["image"]["bytes"]) == row["id"] == ids[path] for path, row in rows.items())
    monkeypatch.setenv("SWITHER_CACHE", str(tmp_path / "cache"))
    dataset = open_dataset(str(tmp_path / "hub"))
    assert dataset.train.class_names == (ODD, "Dog")
    assert sorted(dataset.train.ids) == sorted(ids[p] for p in ("1.png", "b/1.png", "b/2, odd.png"))
    assert sorted(dataset.test.ids) == sorted(ids[p] for p in ("b/3.png", "b/4.png"))


def test_the_card_of_a_hub_folder_is_yaml_whatever_classes_are_called(project: Project, tmp_path: Path) -> None:
    import yaml

    export(project, "parquet", tmp_path / "hub")
    head = yaml.safe_load((tmp_path / "hub" / "README.md").read_text().split("---\n")[1])
    assert head["dataset_info"]["features"][1]["dtype"]["class_label"]["names"] == {"0": ODD, "1": "Dog"}
    assert [one["split"] for one in head["configs"][0]["data_files"]] == ["train", "test"]


@pytest.mark.parametrize("shard_bytes", [1, 5000, 1 << 30])
def test_no_image_is_lost_between_the_files_of_a_part(project: Project, tmp_path: Path, shard_bytes: int) -> None:
    done = hub.write_hub(project, tmp_path / "hub", shard_bytes=shard_bytes)
    files = sorted((tmp_path / "hub" / "data").glob("train-*"))
    found = [row["path"] for file in files for row in pq.read_table(file).to_pylist()]
    assert found == ["1.png", "b/1.png", "b/2, odd.png"]
    assert done.train == 3
    assert len(files) == (3 if shard_bytes == 1 else len(files))
    assert [file.name for file in files] == [f"train-{n:05d}-of-{len(files):05d}.parquet" for n in range(len(files))]


@pytest.mark.parametrize("links", [False, True])
def test_folders_by_class_are_read_by_swither_with_both_parts(
    links: bool, project: Project, tmp_path: Path, ids: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    done = export(project, "folders", tmp_path / "sorted", links=links)
    assert (done.train, done.test) == (3, 2)
    files = [path for path in (tmp_path / "sorted").rglob("*") if path.is_file()]
    assert all(path.is_symlink() == links for path in files)
    odd = folder_names([ODD])[ODD]
    assert sorted(path.relative_to(tmp_path / "sorted").as_posix() for path in files) == sorted(
        [f"train/{odd}/1.png", "train/Dog/1.png", "train/Dog/2, odd.png", "test/Dog/3.png", f"test/{odd}/4.png"]
    )
    monkeypatch.setenv("SWITHER_CACHE", str(tmp_path / "cache"))
    dataset = open_dataset(str(tmp_path / "sorted"))
    assert sorted(dataset.test.ids) == sorted(ids[p] for p in ("b/3.png", "b/4.png"))


def test_files_of_one_name_lie_side_by_side(project: Project, tmp_path: Path, ids: dict[str, str]) -> None:
    project.store.append([ProjectEvent("more", "labelled", AT, image=ids["1.png"], class_id="dog")], AT)
    export(project, "folders", tmp_path / "sorted")
    names = sorted(path.name for path in (tmp_path / "sorted" / "train" / "Dog").iterdir())
    assert names == sorted(["1.png", f"1-{ids['b/1.png']}.png", "2, odd.png"])


@pytest.mark.parametrize(
    "names",
    [
        ["a", "A", "a-2"],
        ["..", ".", "...", ""],
        ["con", "CON.txt", "x" * 300, "x" * 299],
        ["a/b", "a\\b", "a_b", "\x00"],
    ],
)
def test_no_name_of_a_class_leaves_its_folder_or_meets_another(names: list[str]) -> None:
    folders = folder_names(names)
    assert list(folders) == names
    assert len({folder.casefold() for folder in folders.values()}) == len(names)
    for folder in folders.values():
        assert folder == os.path.basename(folder)
        assert folder not in ("", ".", "..")
        assert not folder.startswith(".")
        assert len(folder.encode()) < 255


def test_label_studio_gets_tasks_with_annotations(project: Project, tmp_path: Path) -> None:
    export(project, "label-studio", tmp_path / "tasks.json")
    tasks = json.loads((tmp_path / "tasks.json").read_text())
    assert [task["data"]["path"] for task in tasks] == [row[0] for row in EXPECTED if row[0] != "c/copy.png"]
    odd = tasks[2]
    assert odd["data"]["image"] == "/data/local-files/?d=b/2%2C%20odd.png"
    assert odd["annotations"][0]["result"][0] == {
        "from_name": "label",
        "to_name": "image",
        "type": "choices",
        "value": {"choices": ["Dog"]},
    }
    assert odd["annotations"][0]["lead_time"] == 1.5
    assert [task["annotations"][0]["was_cancelled"] for task in tasks] == [False] * 5 + [True]
    assert [task["data"]["part"] for task in tasks] == ["train", "train", "train", "test", "test", "neither"]
    export(project, "label-studio", tmp_path / "s3.json", prefix="s3://bucket/")
    assert json.loads((tmp_path / "s3.json").read_text())[0]["data"]["image"] == "s3://bucket/1.png"
    assert '<Choice value="Dog"/>' in labelling_config(project)


@pytest.mark.parametrize("name", FORMATS)
def test_images_whose_files_are_gone_or_changed_are_never_exported_as_others(
    name: str, project: Project, tmp_path: Path, write_photographs: Write
) -> None:
    (project.images / "b" / "3.png").unlink()
    write_photographs(project.images, ["b/4.png"], start=55)
    done = export(project, name, tmp_path / "out")
    if name in ("parquet", "folders"):
        assert (done.train, done.test) == (3, 0)
        assert "b/3.png: its file is gone" in done.left_out
        assert "b/4.png: the file was changed since it was labelled" in done.left_out
    else:
        assert done.test == 2, "the labels themselves are all there"


def test_a_test_image_whose_file_is_gone_is_left_out_for_that_reason(
    project: Project, tmp_path: Path, ids: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accuracy, "counted_images", lambda _: (ids["b/4.png"],))  # what is gone is not drawn
    (project.images / "b" / "3.png").unlink()
    Discovery(project).run()
    done = export(project, "folders", tmp_path / "out")
    assert [line for line in done.left_out if line.startswith("b/3.png")] == ["b/3.png: its file is gone"]


@pytest.mark.parametrize("name", FORMATS)
def test_nothing_that_is_there_is_overwritten(name: str, project: Project, tmp_path: Path) -> None:
    out = tmp_path / "out"
    export(project, name, out)
    with pytest.raises(InputError, match="there already"):
        export(project, name, out)
    if out.is_file():
        out.write_text("old")
        export(project, name, out, overwrite=True)
        assert out.stat().st_size > 10


@pytest.mark.parametrize("name", FORMATS)
def test_an_export_that_fails_leaves_nothing_behind(
    name: str, project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    (tmp_path / "place").mkdir()
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(NotEnoughSpace):
        export(project, name, tmp_path / "place" / "out")
    assert list((tmp_path / "place").iterdir()) == []


def test_a_file_named_by_its_folder_alone_is_called_labels(project: Project, tmp_path: Path) -> None:
    assert export(project, "csv", tmp_path).out == tmp_path / "labels.csv"


def test_exports_are_not_mixed_with_the_images(project: Project) -> None:
    for name in ("folders", "parquet"):
        with pytest.raises(InputError, match="folder of images"):
            export(project, name, project.images / "sorted")


def test_what_cannot_be_exported_is_told(project: Project, tmp_path: Path, write_photographs: Write) -> None:
    with pytest.raises(UnknownName, match="Known: csv"):
        export(project, "excel", tmp_path / "x")
    with pytest.raises(InputError, match="one of folders"):
        export(project, "csv", tmp_path / "x.csv", links=True)
    write_photographs(tmp_path / "new", ["1.png"])
    with Project.create(tmp_path / "new") as empty, pytest.raises(InputError, match="no labels"):
        export(empty, "csv", tmp_path / "x.csv")


def test_two_classes_of_one_name_stay_two(project: Project, tmp_path: Path) -> None:
    project.store.append([ProjectEvent("r", "class_renamed", AT, class_id="odd", text="Dog")], AT)
    assert answers_of(project).class_names == ("Dog", "Dog (2)")
