from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn

from swither.data.augmentation import Normalisation
from swither.data.image_set import ImageSet
from swither.errors import DamagedState, InputError, NewerFormat
from swither.models import ModelSettings, build_model
from swither.training import load_weights, predict, save_weights
from swither.training.weights import read_tensors, tensors_digest

MakeImages = Callable[..., ImageSet]


def tiny(seed: int, classes: int = 3) -> nn.Module:
    return build_model(ModelSettings("tiny", width=4), (8, 8, 1), classes, seed)


def test_weights_and_metadata_come_back_bit_for_bit(tmp_path: Path) -> None:
    one, other = tiny(1).to(memory_format=torch.channels_last), tiny(2)
    save_weights(tmp_path / "weights.safetensors", one, {"classes": "Katze, Hund, Maus é"})
    assert load_weights(tmp_path / "weights.safetensors", other) == {"classes": "Katze, Hund, Maus é"}
    theirs = other.state_dict()
    assert all(torch.equal(tensor, theirs[name]) for name, tensor in one.state_dict().items())


def test_loaded_weights_predict_the_same_bits(tmp_path: Path, make_images: MakeImages) -> None:
    images = make_images(30)
    normalisation = Normalisation.of(images)
    one, other = tiny(1).to(memory_format=torch.channels_last), tiny(2)
    save_weights(tmp_path / "weights.safetensors", one)
    load_weights(tmp_path / "weights.safetensors", other)
    assert (predict(one, images, normalisation).logits == predict(other, images, normalisation).logits).all()


def test_any_changed_byte_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    save_weights(path, tiny(1), {"note": "a"})
    whole = path.read_bytes()
    for place in [*range(8, 400, 7), len(whole) // 2, len(whole) - 1]:
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(DamagedState):
            load_weights(path, tiny(2))
    path.write_bytes(whole[:-20])
    with pytest.raises(DamagedState):
        load_weights(path, tiny(2))


def test_equal_weights_give_equal_files(tmp_path: Path) -> None:
    words = {name: name * 3 for name in "abcdefgh"}
    for name in ("one", "other"):
        save_weights(tmp_path / name, tiny(1), words)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


def test_a_file_of_a_newer_version_is_refused_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as newer:
        newer.setattr("swither.training.weights._VERSION", 2)
        save_weights(tmp_path / "weights.safetensors", tiny(1))
    with pytest.raises(NewerFormat, match="version 2"):
        load_weights(tmp_path / "weights.safetensors", tiny(1))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DamagedState, match=r"absent\.safetensors"):
        read_tensors(tmp_path / "absent.safetensors")


def test_weights_of_another_network_are_refused_with_the_difference(tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    save_weights(path, tiny(1, classes=3))
    network = tiny(1, classes=4)
    before = tensors_digest(network.state_dict())
    with pytest.raises(InputError, match=r"head\.1\.bias has shape \(3,\), not \(4,\)"):
        load_weights(path, network)
    with pytest.raises(InputError, match="is left over"):
        load_weights(path, nn.Linear(2, 2))
    assert tensors_digest(network.state_dict()) == before


def test_the_digest_depends_on_values_names_and_shapes_and_on_nothing_else() -> None:
    values = torch.rand(2, 3, 4, 4)
    digest = tensors_digest({"a": values, "b": torch.zeros(2)})
    again = {"b": torch.zeros(2), "a": values.clone().to(memory_format=torch.channels_last)}
    assert tensors_digest(again) == digest
    assert tensors_digest({"a": values, "c": torch.zeros(2)}) != digest
    assert tensors_digest({"a": values.reshape(3, 2, 4, 4), "b": torch.zeros(2)}) != digest
    assert tensors_digest({"a": values.nextafter(torch.tensor(2.0)), "b": torch.zeros(2)}) != digest
