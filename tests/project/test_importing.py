"""Labels that exist already reach a project once, whole, and replace nothing by themselves."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from swither.errors import InputError
from swither.project.discovery import Discovery
from swither.project.identify import identify
from swither.project.importing import import_labels
from swither.project.label_tables import Columns
from swither.project.project import Project
from swither.project.records import ProjectEvent

AT = "2026-03-01T12:30:00.000000Z"
NAMES = ["cats/1.png", "cats/deep/2.png", "dogs/3.png", "dogs/4.png", "loose.png"]

Write = Callable[..., dict[str, str]]


@pytest.fixture
def ids(tmp_path: Path, write_photographs: Write) -> dict[str, str]:
    return write_photographs(tmp_path / "photos", NAMES)


@pytest.fixture
def project(tmp_path: Path, ids: dict[str, str]) -> Iterator[Project]:
    with Project.create(tmp_path / "photos", test_limit=0) as project:
        yield project


def labels(project: Project) -> dict[str, str]:
    """Path -> name of the class."""
    names = {one.id: one.name for one in project.ledger().classes}
    paths = {file.image: file.path for file in project.store.files()}
    return {paths[image]: names[label] for image, label in project.ledger().labels.items()}


def written(tmp_path: Path, name: str, text: str) -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


FROM_FOLDERS = {"cats/1.png": "cats", "cats/deep/2.png": "cats", "dogs/3.png": "dogs", "dogs/4.png": "dogs"}


def test_sub_folders_are_classes_and_importing_again_changes_nothing(project: Project) -> None:
    done = import_labels(project, project.images)
    assert labels(project) == FROM_FOLDERS
    assert (done.labelled, done.added, done.without, done.unknown) == (4, ("cats", "dogs"), 1, ())
    before = project.store.events()
    again = import_labels(project, project.images)
    assert project.store.events() == before
    assert (again.labelled, again.same, again.added) == (0, 4, ())


def test_copies_of_the_images_in_another_folder_are_known_by_their_content(project: Project, tmp_path: Path) -> None:
    sorted_ = tmp_path / "sorted"
    for name, label in (("loose.png", "owl"), ("dogs/3.png", "owl")):
        (sorted_ / label).mkdir(parents=True, exist_ok=True)
        shutil.copy(project.images / name, sorted_ / label / name.replace("/", "-"))
    (sorted_ / "owl" / "stranger.png").write_bytes(b"no image of the project")
    done = import_labels(project, sorted_)
    assert labels(project) == {"loose.png": "owl", "dogs/3.png": "owl"}
    assert done.unknown == ("owl/stranger.png",)


TABLES = {
    "labels.csv": "path,label\ncats/1.png,Cat\nloose.png,\ndogs/3.png,Dog\n",
    "semicolons.csv": '﻿label;file_name;note\nCat;cats/1.png;"a;b"\n;loose.png;\nDog;dogs/3.png;\n',
    "labels.tsv": "filename\tclass\n1.png\tCat\nloose.png\t\n3.png\tDog\n",
    "windows.csv": "image,label\r\n.\\cats\\1.png,Cat\r\nloose.png,\r\nphotos\\dogs\\3.png,Dog\r\n\r\n",
    "labels.jsonl": '{"path": "cats/1.png", "label": "Cat"}\n\n{"path": "loose.png", "label": null}\n'
    '{"path": "/home/bob/photos/dogs/3.png", "label": "Dog", "more": [1]}\n',
}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_read_whatever_its_form(name: str, project: Project, tmp_path: Path) -> None:
    done = import_labels(project, written(tmp_path, name, TABLES[name]))
    assert labels(project) == {"cats/1.png": "Cat", "dogs/3.png": "Dog"}
    assert (done.labelled, done.without, done.unknown, done.conflicts) == (2, 1, (), ())
    assert "column" in done.note


def test_absolute_paths_and_ids_are_found(project: Project, tmp_path: Path, ids: dict[str, str]) -> None:
    absolute = f"path,label\n{project.images}/cats/1.png,Cat\n"
    import_labels(project, written(tmp_path, "absolute.csv", absolute))
    by_id = f"id,label\n{ids['loose.png']},Owl\n{'f' * 32},Owl\n"
    done = import_labels(project, written(tmp_path, "ids.csv", by_id))
    assert labels(project) == {"cats/1.png": "Cat", "loose.png": "Owl"}
    assert done.unknown == (f"line 3: {'f' * 32}",)


def test_columns_may_be_named(project: Project, tmp_path: Path) -> None:
    table = written(tmp_path, "odd.csv", "where,species,label\nloose.png,Owl,wrong\n")
    with pytest.raises(InputError, match="--path-column"):
        import_labels(project, table)
    import_labels(project, table, columns=Columns(path="where", label="species"))
    assert labels(project) == {"loose.png": "Owl"}
    with pytest.raises(InputError, match="Known: label, species, where"):
        import_labels(project, table, columns=Columns(path="nowhere"))
    with pytest.raises(InputError, match="no columns"):
        import_labels(project, project.images, columns=Columns(label="species"))


def test_parquet_with_paths_and_with_the_images_themselves(
    project: Project, tmp_path: Path, ids: dict[str, str]
) -> None:
    pq.write_table(pa.table({"file": ["loose.png", "1.png"], "y": [10, 2]}), tmp_path / "plain.parquet")
    import_labels(project, tmp_path / "plain.parquet")
    assert labels(project) == {"loose.png": "10", "cats/1.png": "2"}
    features = {"image": {"_type": "Image"}, "label": {"names": ["ant", "bee"], "_type": "ClassLabel"}}
    cells = [{"bytes": (project.images / name).read_bytes(), "path": "x.png"} for name in ("dogs/3.png", "dogs/4.png")]
    hub = pa.table({"image": cells, "label": [1, -1]}).replace_schema_metadata(
        {"huggingface": json.dumps({"info": {"features": features}})}
    )
    pq.write_table(hub, tmp_path / "hub.parquet")
    done = import_labels(project, tmp_path / "hub.parquet")
    assert labels(project)["dogs/3.png"] == "bee"
    assert (done.labelled, done.without) == (1, 1)


MALFORMED = {
    "short.csv": ("path,label\ncats/1.png,Cat\ndogs/3.png\n", "line 3: expected 2 values"),
    "twice.csv": ("path,path,label\n", "distinct names"),
    "quote.csv": ('path,label\n"cats/1.png,Cat\n', "no CSV"),
    "nothing.csv": ("", "distinct names"),
    "columns.csv": ("a,b\n1,2\n", "Expected a column with a path"),
    "label.csv": ("path,b\n1,2\n", "with a label"),
    "nameless.csv": ("path,label\ncats/1.png,Cat\n,Dog\n", "line 3: a label, but nothing"),
    "cut.jsonl": ('{"path": "cats/1.png", "label": "Cat"}\n{"path": "do', "line 2: no JSON"),
    "list.jsonl": ("[1]\n", "expected an object"),
    "nested.jsonl": ('{"path": "cats/1.png", "label": ["Cat"]}\n', "line 1: expected a text"),
    "fake.parquet": ("no parquet", "cannot be read as Parquet"),
    "labels.xlsx": ("", "ends in"),
    "strangers.csv": ("path,label\nelsewhere.png,Cat\n", "none of them is in"),
    "empty.csv": ("path,label\ncats/1.png,\n", "holds no labels"),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_file_is_refused_whole(name: str, project: Project, tmp_path: Path) -> None:
    text, words = MALFORMED[name]
    with pytest.raises(InputError, match=words):
        import_labels(project, written(tmp_path, name, text))
    assert project.store.events() == ()


def test_text_that_is_no_utf8_is_told(project: Project, tmp_path: Path) -> None:
    (tmp_path / "latin.csv").write_bytes("path,label\ncats/1.png,Bär\n".encode("latin-1"))
    with pytest.raises(InputError, match="UTF-8"):
        import_labels(project, tmp_path / "latin.csv")


def test_unknown_and_ambiguous_paths_are_listed_and_the_rest_is_taken(
    project: Project, tmp_path: Path, write_photographs: Write
) -> None:
    write_photographs(project.images, ["dogs/1.png"], start=77)
    table = written(tmp_path, "labels.csv", "path,label\n1.png,Cat\nno.png,Cat\nloose.png,Cat\n")
    done = import_labels(project, table)
    assert done.unknown == ("line 2: 1.png", "line 3: no.png")
    assert labels(project) == {"loose.png": "Cat"}


def test_a_label_that_stands_is_replaced_only_when_asked_and_then_once(project: Project, tmp_path: Path) -> None:
    import_labels(project, project.images)
    table = written(tmp_path, "labels.csv", "path,label\ncats/1.png,Lynx\ndogs/3.png,DOGS\n")
    kept = import_labels(project, table)
    assert kept.conflicts == ("line 2: 'Lynx' there, 'cats' here",)
    assert (kept.labelled, kept.same) == (0, 1)
    assert labels(project) == FROM_FOLDERS
    done = import_labels(project, table, correct=True)
    assert (done.corrected, done.conflicts) == (1, ())
    assert labels(project) == FROM_FOLDERS | {"cats/1.png": "Lynx"}
    before = project.store.events()
    import_labels(project, table, correct=True)
    assert project.store.events() == before
    assert [event.kind for event in before].count("labelled") == 5, "the first label is kept"


def test_what_a_person_took_back_does_not_return_by_itself(
    project: Project, tmp_path: Path, ids: dict[str, str]
) -> None:
    table = written(tmp_path, "labels.csv", "path,label\nloose.png,Owl\ncats/1.png,Cat\n")
    import_labels(project, table)
    label = project.ledger().of_image(ids["loose.png"])[-1].event
    project.store.append([ProjectEvent("undo", "undone", AT, undoes=label)], AT)
    assert import_labels(project, table).conflicts == ("line 2: 'Owl' there, taken back here",)
    assert labels(project) == {"cats/1.png": "Cat"}
    import_labels(project, table, correct=True)
    assert labels(project) == {"cats/1.png": "Cat", "loose.png": "Owl"}


def test_a_class_that_was_merged_since_takes_its_labels_along(project: Project, tmp_path: Path) -> None:
    import_labels(project, project.images)
    ids = {one.name: one.id for one in project.ledger().classes}
    merge = ProjectEvent("m", "class_merged", AT, class_id=ids["cats"], into=ids["dogs"])
    project.store.append([merge], AT)
    done = import_labels(project, project.images)
    assert (done.same, done.added) == (4, ())
    import_labels(project, written(tmp_path, "more.csv", "path,label\nloose.png,CATS\n"))
    assert labels(project)["loose.png"] == "dogs"


def test_a_source_that_contradicts_itself_gives_no_label(project: Project, tmp_path: Path) -> None:
    shutil.copy(project.images / "cats/1.png", project.images / "dogs" / "copy.png")
    done = import_labels(project, project.images)
    assert len(done.conflicts) == 1
    assert "same image" in done.conflicts[0]
    assert "cats/1.png" not in labels(project)
    assert len(labels(project)) == 3


def test_files_that_cannot_be_read_stop_nothing(project: Project, tmp_path: Path) -> None:
    (project.images / "cats" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    (project.images / "cats" / "empty.jpg").write_bytes(b"")
    done = import_labels(project, project.images)
    assert done.labelled == 4
    assert done.unknown == ()
    assert [line.partition(": ")[0] for line in done.unreadable] == ["cats/broken.png", "cats/empty.jpg"]


def test_a_file_that_the_page_found_unreadable_gets_no_label(project: Project, tmp_path: Path) -> None:
    (project.images / "cats" / "broken.jpg").write_bytes(b"nope")
    Discovery(project).run()
    assert identify(project, "cats/broken.jpg") is None
    broken = next(file.image for file in project.store.files() if file.path == "cats/broken.jpg")
    assert broken is not None
    done = import_labels(project, project.images)
    assert (done.labelled, done.unknown, len(done.unreadable)) == (4, (), 1)
    assert done.unreadable[0].startswith("cats/broken.jpg: ")
    table = written(tmp_path, "t.csv", f"id,label\n{broken},cats\n")
    with pytest.raises(InputError, match="none of them can be read"):
        import_labels(project, table)
    assert broken not in project.ledger().labels


def test_numbers_become_classes_in_their_order(project: Project, tmp_path: Path) -> None:
    import_labels(project, written(tmp_path, "n.csv", "path,label\n1.png,10\n2.png,9\n3.png,1\n"))
    assert [one.name for one in project.ledger().classes] == ["1", "9", "10"]


def test_imported_images_that_were_drawn_for_testing_test(tmp_path: Path, write_photographs: Write) -> None:
    names = [f"{label}/{n}.png" for label in ("a", "b") for n in range(20)]
    write_photographs(tmp_path / "many", names)
    with Project.create(tmp_path / "many") as project:
        import_labels(project, project.images)
        assert 2 <= len(project.store.held_out()) <= 16, "one in five of 40, each for itself"
        assert len(labels(project)) == 40
