"""Embeddings go along with their images wherever these are taken, and to other processes as a place on disk."""

from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from swither.data.augmentation import Normalisation
from swither.data.features import Features
from swither.data.image_set import ImageSet
from swither.errors import DamagedState


def images(values: np.ndarray) -> ImageSet:
    count = len(values)
    ids = np.array([f"{number:02}" for number in range(count)])
    pixels = np.zeros((count, 4, 4, 1), np.uint8)
    features = Features(values, np.arange(count)[::-1], "key", "made up")
    labels = np.zeros(count, np.int64)
    return ImageSet(pixels, np.arange(count), ids, labels, ("a", "b"), ids, features=features)


def test_a_part_of_a_set_has_its_own_embeddings() -> None:
    values = np.arange(12, dtype=np.float16).reshape(6, 2)
    whole = images(values)
    part = whole.take(np.array([4, 0])).labelled(["00", "04"], [1, 0])
    assert part.inputs(slice(None)).tolist() == [values[5].tolist(), values[1].tolist()]
    assert part.features is not None
    assert part.features.values is values
    assert whole.without_labels().features is not None


def test_pixels_are_what_a_network_is_given_where_there_are_no_embeddings() -> None:
    whole = replace(images(np.zeros((3, 2), np.float16)), features=None)
    assert whole.inputs(slice(None)).shape == (3, 4, 4, 1)
    assert whole.stored is whole.pixels


def test_mapped_embeddings_reach_another_process_as_a_place_on_disk(tmp_path: Path) -> None:
    np.save(tmp_path / "e.npy", np.random.default_rng(0).random((4000, 8), np.float32))
    whole = images(np.load(tmp_path / "e.npy", mmap_mode="r"))
    sent = pickle.dumps(whole)
    copied = images(np.array(np.load(tmp_path / "e.npy")))
    assert len(pickle.dumps(copied)) - len(sent) > 4000 * 8 * 4 - 1000
    there = pickle.loads(sent)
    assert isinstance(there.features.values, np.memmap)
    assert np.array_equal(there.inputs(slice(None)), whole.inputs(slice(None)))


def test_a_mapped_file_that_was_cut_off_on_the_way_is_named(tmp_path: Path) -> None:
    np.save(tmp_path / "e.npy", np.zeros((40, 8), np.float32))
    sent = pickle.dumps(images(np.load(tmp_path / "e.npy", mmap_mode="r")).features)
    (tmp_path / "e.npy").write_bytes((tmp_path / "e.npy").read_bytes()[:500])
    with pytest.raises(DamagedState, match=r"e\.npy was cut off: expected 1,408 bytes or more, got 500"):
        pickle.loads(sent)


def test_nothing_is_normalised_outside_the_head() -> None:
    assert Normalisation.of(images(np.zeros((3, 2), np.float16))) == Normalisation((), ())


def test_a_set_of_embeddings_alone_says_that_there_is_nothing_to_see() -> None:
    whole = images(np.zeros((3, 2), np.float16))
    assert whole.has_pixels
    assert not replace(whole, pixels=np.zeros((3, 0, 0, 1), np.uint8)).has_pixels


def test_gathered_embeddings_are_the_same_in_the_same_order(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(0).random((3000, 3)).astype(np.float16)
    features = Features(values, np.random.default_rng(1).permutation(3000)[:2500], "key", "made up")
    gathered = features.gathered()
    assert gathered.key == features.key
    for positions in (slice(None), slice(10, 40), slice(2400, 2600), np.array([7, 3, 3])):
        assert gathered.of(positions).dtype == np.float16
        assert np.array_equal(gathered.of(positions), features.of(positions))
    assert np.array_equal(gathered.take(np.array([5, 2])).of(slice(None)), features.of(np.array([5, 2])))
    assert np.shares_memory(gathered.of(slice(10, 40)), gathered.values)
    monkeypatch.setattr("swither.data.features.GATHERED_BYTES", 2500 * 3 * 2 - 1)
    assert features.gathered() is features


def test_read_only_embeddings_are_copied_because_a_tensor_would_share_them() -> None:
    values = np.zeros((4, 2), np.float16)
    values.flags.writeable = False
    assert not np.shares_memory(Features(values, np.arange(4), "key", "made up").of(slice(0, 2)), values)
