from __future__ import annotations

import hashlib
from collections import Counter, defaultdict

import numpy as np
import pytest

from swither.data.identity import array_id, content_id, copy_groups, number_copies


def test_an_id_is_the_blake2b_of_the_bytes_that_the_source_holds() -> None:
    assert content_id(b"image") == hashlib.blake2b(b"image", digest_size=16).hexdigest()


def test_equal_bytes_in_another_shape_are_another_image() -> None:
    pixels = np.arange(12, dtype=np.uint8)
    ids = {array_id(pixels.reshape(shape)) for shape in ((2, 6, 1), (6, 2, 1), (2, 2, 3), (12, 1, 1))}
    assert len(ids) == 4


def test_memory_layout_does_not_change_an_id() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (5, 4, 3), dtype=np.uint8)
    assert array_id(pixels) == array_id(np.asfortranarray(pixels))
    assert array_id(pixels) == array_id(np.ascontiguousarray(pixels.transpose(2, 0, 1)).transpose(1, 2, 0))


@pytest.mark.parametrize("seed", range(20))
def test_numbering_of_copies_does_not_depend_on_the_order_of_the_source(seed: int) -> None:
    random = np.random.default_rng(seed)
    rows = [
        (f"{random.integers(5):032x}", str(random.integers(3)), f"{n:03}.png", ["train", "test"][random.integers(2)])
        for n in range(30)
    ]
    ids = number_copies(*zip(*rows, strict=True))
    order = random.permutation(30)
    shuffled = number_copies(*zip(*[rows[i] for i in order], strict=True))
    assert shuffled.tolist() == ids[order].tolist()
    assert len(set(ids.tolist())) == 30


@pytest.mark.parametrize("seed", range(10))
def test_copies_are_numbered_by_part_then_label_then_path(seed: int) -> None:
    random = np.random.default_rng(seed)
    contents = [f"{n:032x}" for n in random.integers(0, 4, 20)]
    labels = [str(n) for n in random.integers(0, 2, 20)]
    paths = [f"{n:02}" for n in random.permutation(20)]
    parts = [("train", "test")[n] for n in random.integers(0, 2, 20)]
    wanted, seen = {}, Counter()
    for _, _, path, content in sorted(zip([part == "test" for part in parts], labels, paths, contents, strict=True)):
        seen[content] += 1
        wanted[path] = content if seen[content] == 1 else f"{content}-{seen[content]}"
    ids = number_copies(contents, labels, paths, parts)
    assert dict(zip(paths, ids.tolist(), strict=True)) == wanted


@pytest.mark.parametrize("seed", range(10))
def test_copy_groups_agree_with_counting(seed: int) -> None:
    random = np.random.default_rng(seed)
    contents = [f"{n:032x}" for n in random.integers(0, 12, 20)]
    labels = ["" if n == 0 else f"class {n}" for n in random.integers(0, 3, 20)]
    ids = number_copies(contents, labels, [str(n) for n in range(20)])
    groups = copy_groups(ids, labels)
    plain = defaultdict(list)
    for content, label in zip(contents, labels, strict=True):
        plain[content].append(label)
    repeated = {content: names for content, names in plain.items() if len(names) > 1}
    assert [sorted(group.labels) for group in groups] == [sorted(repeated[content]) for content in sorted(repeated)]
    assert [group.conflicting for group in groups] == [
        len({name for name in repeated[content] if name}) > 1 for content in sorted(repeated)
    ]
