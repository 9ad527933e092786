"""Networks of the real timm are built without a download, take weights whole, and are prepared as timm says."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from swither.data.image_set import ImageSet
from swither.errors import DownloadFailed, InputError, MissingExtra
from swither.models import timm_network
from swither.models.backbone import Backbone, load_backbone
from swither.models.backbone_settings import BackboneSettings
from swither.training.embedding import embedded, prepared

NAME = "resnet10t.c3_in1k"


APART = Path(sys.prefix) / "apart" / "timm"  # where scripts/environment.sh puts timm, and torchvision, for tests


@pytest.fixture(scope="module")
def timm() -> Any:
    if find_spec("timm") is None:
        if not APART.is_dir():
            pytest.skip("timm is not installed")
        sys.path.append(str(APART))
    return timm_network.timm()


@pytest.fixture(scope="module")
def weights(timm: Any, tmp_path_factory: pytest.TempPathFactory) -> str:
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("weights") / "own.safetensors"
    save_file(timm.create_model(NAME, num_classes=3).state_dict(), path)
    return str(path)


def test_weights_of_a_file_give_the_embeddings_that_timm_gives(timm: Any, weights: str) -> None:
    backbone = load_backbone(BackboneSettings(f"timm:{NAME}", weights))
    torch.manual_seed(0)
    theirs = timm.create_model(NAME, num_classes=3).eval()
    images = torch.rand(2, 3, 64, 64)
    with torch.inference_mode():
        expected = theirs.forward_head(theirs.forward_features(images), pre_logits=True)
        assert torch.equal(backbone.network(images), expected)
    assert backbone.width == theirs.num_features == expected.shape[1]
    assert backbone.name == f"timm:{NAME} with own.safetensors"


def test_images_are_prepared_as_timm_prepares_them(timm: Any, weights: str) -> None:
    settings = BackboneSettings(f"timm:{NAME}", weights)
    says = timm.data.resolve_model_data_config(timm.create_model(NAME))
    backbone = load_backbone(settings)
    assert (backbone.mean, backbone.deviation, backbone.interpolation) == (
        says["mean"],
        says["std"],
        says["interpolation"],
    )
    assert settings.size() == says["input_size"][1]
    assert BackboneSettings(f"timm:{NAME}", weights, embedding_size=64).size() == 64
    from PIL import Image

    pixels = torch.randint(40, 200, (1, 40, 40, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))
    transform = timm.data.create_transform(**{**says, "crop_pct": 1.0, "input_size": (3, 176, 176)})
    theirs = transform(Image.fromarray(pixels[0].numpy()))
    ours = prepared(pixels, 176, backbone)[0]
    assert float((ours - theirs).abs().max()) < 0.06  # they round to whole grey levels, twice, of 0.017 each


def test_the_cache_tells_weights_and_networks_apart(timm: Any, weights: str, tmp_path: Path) -> None:
    one = load_backbone(BackboneSettings(f"timm:{NAME}", weights))
    again = load_backbone(BackboneSettings(f"timm:{NAME}", weights))
    save_file(timm.create_model(NAME).state_dict(), tmp_path / "other.safetensors")
    other = load_backbone(BackboneSettings(f"timm:{NAME}", str(tmp_path / "other.safetensors")))
    unnamed = load_backbone(BackboneSettings("timm:resnet10t", weights))  # the same layers, maybe another preparation
    assert one.checksum == again.checksum
    assert len({one.checksum, other.checksum, unnamed.checksum}) == 3


def test_a_set_of_images_is_embedded_by_a_network_of_timms(timm: Any, weights: str, tmp_path: Path) -> None:
    settings = BackboneSettings(f"timm:{NAME}", weights, embedding_size=32)
    pixels = np.random.default_rng(0).integers(256, size=(20, 16, 16, 1), dtype=np.uint8)
    ids = np.array([f"{number:02}" for number in range(20)])
    grey = ImageSet(pixels, np.arange(20), ids, np.zeros(20, dtype=np.int64), ("a", "b"), ids)
    images = embedded(grey, settings, cache=str(tmp_path))
    assert images.features is not None
    assert images.features.width == 512
    assert images.features.description == f"timm:{NAME} with own.safetensors at 32 pixels"
    assert len(set(images.inputs(slice(None))[:, 0].tolist())) > 10


def test_weights_that_do_not_fit_are_refused(timm: Any, tmp_path: Path) -> None:
    state = timm.create_model(NAME).state_dict()
    state.pop("bn1.weight") if "bn1.weight" in state else state.pop(next(iter(state)))
    save_file(state, tmp_path / "w.safetensors")
    with pytest.raises(InputError, match=r"do not fit timm's resnet10t"):
        load_backbone(BackboneSettings(f"timm:{NAME}", str(tmp_path / "w.safetensors")))


def test_an_unknown_network_is_answered_with_near_names(timm: Any) -> None:
    with pytest.raises(InputError, match=r"no network 'resnet19'.*resnet18"):
        load_backbone(BackboneSettings("timm:resnet19"))


def test_a_network_of_one_size_refuses_another_and_gets_squares(timm: Any) -> None:
    says = timm_network.preparation("vit_tiny_patch16_224")
    assert says["fixed"]
    with pytest.raises(InputError, match="takes images of 224 pixels only"):
        timm_network.build("vit_tiny_patch16_224", 128, {}, print)
    bicubic = Backbone("x", torch.nn.Identity(), 3, (0.5,) * 3, (0.5,) * 3, "", "bicubic")
    assert prepared(torch.zeros(1, 20, 40, 3, dtype=torch.uint8), 32, bicubic).shape == (1, 3, 32, 32)
    assert prepared(torch.full((1, 20, 40, 3), 255, dtype=torch.uint8), 32, bicubic).max() <= 1


def test_what_is_downloaded_is_said_before_and_a_failure_says_what_to_do(
    timm: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    create = timm.create_model

    def without_a_network(name: str, *, pretrained: bool, num_classes: int) -> Any:
        if pretrained:
            assert said
            raise OSError("Name or service not known\nand more")
        return create(name, pretrained=False, num_classes=num_classes)

    monkeypatch.setattr(timm, "create_model", without_a_network)
    with pytest.raises(DownloadFailed, match=r"Name or service not known\).*--weights FILE") as failed:
        load_backbone(BackboneSettings(f"timm:{NAME}"), said.append)
    assert "and more" not in str(failed.value)
    assert f"timm/{NAME}" in said[0]
    assert "MB are downloaded" in said[0]


def test_weights_that_are_there_already_are_announced_as_a_download(
    timm: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    hub = pytest.importorskip("huggingface_hub")
    said: list[str] = []
    create = timm.create_model
    monkeypatch.setattr(
        timm, "create_model", lambda name, pretrained, num_classes: create(name, num_classes=num_classes)
    )
    look_up = hub.try_to_load_from_cache
    monkeypatch.setattr(hub, "try_to_load_from_cache", lambda *a, **k: look_up(*a, **k, cache_dir=tmp_path))
    load_backbone(BackboneSettings(f"timm:{NAME}"), said.append)
    assert "MB are downloaded now" in said[0]
    repository = tmp_path / f"models--timm--{NAME}"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text("abc")
    (repository / "snapshots" / "abc").mkdir(parents=True)
    (repository / "snapshots" / "abc" / "model.safetensors").write_bytes(b"weights")
    said.clear()
    load_backbone(BackboneSettings(f"timm:{NAME}"), said.append)
    assert said == []


def test_published_weights_are_taken_where_timm_gets_them(timm: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    create = timm.create_model
    torch.manual_seed(3)
    published = create(NAME, pretrained=False, num_classes=0)
    monkeypatch.setattr(
        timm,
        "create_model",
        lambda name, *, pretrained, num_classes: published if pretrained else create(name, num_classes=num_classes),
    )
    backbone = load_backbone(BackboneSettings(f"timm:{NAME}"))
    assert backbone.network is published
    assert not backbone.network.training
    assert not any(weight.requires_grad for weight in backbone.network.parameters())


def test_a_network_without_published_weights_asks_for_a_file(timm: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    says = timm_network.preparation(NAME)
    monkeypatch.setattr(timm_network, "preparation", lambda name: {**says, "source": ""})
    with pytest.raises(InputError, match=r"no published weights.*--weights FILE"):
        timm_network.build(NAME, 64, None, print)


def test_without_timm_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("swither.models.timm_network.find_spec", lambda name: None)
    monkeypatch.setitem(sys.modules, "timm", None)
    with pytest.raises(MissingExtra, match=r"pip install 'swither\[timm\]'"):
        BackboneSettings(f"timm:{NAME}").size()
