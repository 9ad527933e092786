from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from swither.data.sources.contents import Content, Contents, Found, joined
from swither.errors import InputError


def contents(*parts: str, name: str = "data", classes: tuple[str, ...] = ("a", "b")) -> Contents:
    images = [Found(f"{name}{n}", 0, 0, classes[n % len(classes)], part) for n, part in enumerate(parts)]

    def read(positions: Sequence[int]) -> Iterator[tuple[int, Content]]:
        assert list(positions) == sorted(positions)
        for position in reversed(positions):
            yield position, f"{name}{position}".encode()

    return Contents(name, images, classes, read, origin=name)


def all_read(source: Contents) -> list[str]:
    return [content.decode() for _, content in sorted(source.read(range(len(source))))]  # type: ignore[union-attr]


def test_a_choice_of_images_reads_just_these() -> None:
    source = contents("train", "test", "train", "test").only([3, 0, 2])
    assert [image.path for image in source.images] == all_read(source) == ["data3", "data0", "data2"]
    assert dict(source.read([1, 2])) == {1: b"data0", 2: b"data2"}


def test_validation_images_test_only_where_there_are_no_test_images() -> None:
    stands_in = contents("train", "validation").settled()
    assert [image.part for image in stands_in.images] == ["train", "test"]
    assert "1 validation image took their place" in stands_in.notes[0]
    left_out = contents("train", "validation", "test").settled()
    assert [image.part for image in left_out.images] == ["train", "test"]
    assert all_read(left_out) == ["data0", "data2"]
    assert "left out" in left_out.notes[0]


def test_a_single_part_is_a_set_of_its_own() -> None:
    assert [image.part for image in contents("test", "test").settled().images] == ["train", "train"]


def test_joined_sources_keep_their_images_and_their_sides() -> None:
    both = joined(contents("train", "train"), contents("train", name="other"))
    assert [image.part for image in both.images] == ["train", "train", "test"]
    assert all_read(both) == ["data0", "data1", "other0"]
    assert dict(both.read([1, 2])) == {1: b"data1", 2: b"other0"}
    assert len({image.path for image in joined(contents("train"), contents("train")).images}) == 2


def test_test_images_of_an_unknown_class_are_refused() -> None:
    with pytest.raises(InputError, match=r"1 class that the training images lack: c"):
        joined(contents("train"), contents("train", classes=("a", "c")))
