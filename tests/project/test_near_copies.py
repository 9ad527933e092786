from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from swither.project.near_copies import MOST_IN_GROUP, FingerprintFile, NearCopies, fingerprint_path, near_copies
from swither.project.perceptual_hash import FINGERPRINT, alike, fingerprint
from swither.project.project import Project


def scene(seed: int) -> Image.Image:
    """A made-up photograph; another seed, another scene."""
    pixels = np.random.default_rng(seed).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    return Image.fromarray(pixels).resize((320, 240), Image.Resampling.BICUBIC)


def noisy(image: Image.Image, seed: int) -> Image.Image:
    pixels = np.asarray(image, np.int16) + np.random.default_rng(seed).integers(-4, 5, (240, 320, 3))
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def some_id() -> str:
    return secrets.token_hex(16)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    (tmp_path / "images").mkdir()
    with Project.create(tmp_path / "images") as made:
        yield made


def test_fingerprints_come_back_as_they_were(tmp_path: Path) -> None:
    file = FingerprintFile(tmp_path / "deep" / "f.bin")
    assert file.read()[0] == []
    first = {some_id(): fingerprint(scene(n)) for n in range(3)}
    second = {some_id(): fingerprint(scene(n)) for n in range(3, 5)}
    file.append(first)
    ids, values, end = file.read()
    assert ids == list(first)
    assert values.tobytes() == np.array(list(first.values())).tobytes()
    assert values.dtype == FINGERPRINT
    file.append(second)
    assert file.read(end)[0] == list(second)
    assert file.count() == 5


def test_a_record_cut_off_by_a_kill_is_written_over_and_a_damaged_one_left_out(tmp_path: Path) -> None:
    file = FingerprintFile(tmp_path / "f.bin")
    ids = [some_id() for _ in range(3)]
    file.append({ids[0]: fingerprint(scene(0)), ids[1]: fingerprint(scene(1))})
    length = file.path.stat().st_size // 2
    with file.path.open("ab") as opened:
        opened.write(b"half a record")
    assert file.read()[0] == ids[:2]
    file.append({ids[2]: fingerprint(scene(2))})
    assert file.read()[0] == ids
    with file.path.open("r+b") as opened:
        opened.seek(length + 40)
        opened.write(b"\x00\xff\x00")
    assert file.read()[0] == [ids[0], ids[2]]


def by_brute_force(prints: dict[str, np.ndarray]) -> dict[str, str]:
    """Connected components over all pairs that stand both looks."""
    ids = list(prints)
    group = {image: {image} for image in ids}
    for a in ids:
        for b in ids:
            close = (int(prints[a]["hash"]) ^ int(prints[b]["hash"])).bit_count() <= 7
            if a < b and close and alike(np.array([prints[a]]), np.array([prints[b]]))[0]:
                joined = group[a] | group[b]
                for image in joined:
                    group[image] = joined
    return {image: min(together) for image, together in group.items() if len(together) > 1}


def test_groups_are_what_brute_force_makes_of_all_pairs_however_they_are_added(tmp_path: Path) -> None:
    seed = int.from_bytes(os.urandom(3), "big")
    print("seed", seed)
    draw = np.random.default_rng(seed)
    prints = {}
    for number in range(120):
        prints[some_id()] = fingerprint(noisy(scene(seed + int(draw.integers(80))), number))
    path, ids, start = tmp_path / "f.bin", list(prints), 0
    copies, file = NearCopies(path), FingerprintFile(path)
    while start < len(ids):
        end = start + int(draw.integers(1, 30))
        file.append({image: prints[image] for image in ids[start:end]})
        start = end
        copies.groups()
    assert copies.groups() == by_brute_force(prints)
    assert NearCopies(path).groups() == copies.groups()
    assert len(copies.groups()) > 20


def test_many_images_of_one_scene_are_no_copies_and_one_large_group(tmp_path: Path) -> None:
    copies, file = NearCopies(tmp_path / "f.bin"), FingerprintFile(tmp_path / "f.bin")
    file.append({some_id(): fingerprint(noisy(scene(1), n)) for n in range(MOST_IN_GROUP)})
    assert len(copies.groups()) == MOST_IN_GROUP
    assert copies.large_groups() == {}
    frames = set(copies.groups())
    pair = [some_id(), some_id()]
    file.append({some_id(): fingerprint(noisy(scene(1), 99)), **{i: fingerprint(scene(2)) for i in pair}})
    assert set(copies.groups()) == set(pair)
    assert len(copies.large_groups()) == MOST_IN_GROUP + 1
    assert frames < set(copies.large_groups())
    assert set(copies.large_groups().values()) == {min(copies.large_groups())}


def test_a_project_without_fingerprints_has_no_near_copies(project: Project) -> None:
    assert near_copies(project) == {}


def test_what_was_deleted_is_forgotten(project: Project) -> None:
    file = FingerprintFile(fingerprint_path(project))
    file.append({some_id(): fingerprint(scene(1)), some_id(): fingerprint(scene(1))})
    assert len(near_copies(project)) == 2
    file.path.unlink()
    assert near_copies(project) == {}
    other = {some_id(): fingerprint(scene(2)), some_id(): fingerprint(noisy(scene(2), 1))}
    file.append(other)
    assert set(near_copies(project)) == set(other)
