from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from swither.data.augmentation import Normalisation
from swither.data.image_set import ImageSet
from swither.errors import InputError, UnknownName
from swither.models import ModelSettings, build_model
from swither.training import Recipe, fit, predict, sampled_logits
from swither.training.precision import ALLOW_SLOW, autocast, choose_precision, is_native


@pytest.fixture
def slow_bfloat16(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ALLOW_SLOW, "1")


def test_a_cpu_computes_in_float32_unless_told_otherwise() -> None:
    assert choose_precision(None, "cpu") == "float32"
    assert choose_precision("float32", "cpu") == "float32"


def test_an_unknown_precision_is_answered_with_those_that_are_there() -> None:
    with pytest.raises(UnknownName, match="bfloat16"):
        choose_precision("float8", "cpu")


def test_slow_bfloat16_is_refused_rather_than_endured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ALLOW_SLOW, raising=False)
    monkeypatch.setattr("swither.training.precision.is_native", lambda device: False)
    with pytest.raises(InputError, match="40 to 100 times slower"):
        choose_precision("bfloat16", "cpu")
    monkeypatch.setenv(ALLOW_SLOW, "1")
    assert choose_precision("bfloat16", "cpu") == "bfloat16"


def test_whether_a_device_has_units_for_bfloat16_can_always_be_asked() -> None:
    assert is_native("cpu") in (True, False)
    assert is_native("mps") is False


@pytest.mark.usefixtures("slow_bfloat16")
def test_the_trunk_computes_in_bfloat16_and_everything_after_it_in_float32() -> None:
    network = build_model(ModelSettings("tiny", width=4), (8, 8, 1), 3, seed=0).eval()
    seen: dict[str, torch.dtype] = {}
    network.trunk.register_forward_hook(lambda module, given, answer: seen.update(trunk=answer.dtype))
    network.head.register_forward_hook(lambda module, given, answer: seen.update(head=answer.dtype))
    with autocast("bfloat16", "cpu"):
        logits, embeddings = network(torch.rand(4, 1, 8, 8))
    assert seen == {"trunk": torch.bfloat16, "head": torch.float32}
    assert (logits.dtype, embeddings.dtype) == (torch.float32, torch.float32)
    assert torch.equal(network.head(embeddings), logits)


@pytest.mark.usefixtures("slow_bfloat16")
def test_weights_and_momentum_stay_float32_and_labels_stay_close(make_images: Callable[..., ImageSet]) -> None:
    images = make_images(96)
    models = {}
    for precision in ("float32", "bfloat16"):
        network = build_model(ModelSettings("tiny", width=8), images.image_shape, 3, seed=0)
        fitted = fit(network, images, Recipe(epochs=3, least_steps=1), seed=1, precision=precision)
        assert all(weight.dtype == torch.float32 for weight in network.parameters())
        models[precision] = fitted
    ours = predict(models["bfloat16"].model, images, models["bfloat16"].normalisation, precision="bfloat16")
    theirs = predict(models["float32"].model, images, models["float32"].normalisation)
    assert not np.array_equal(ours.logits, theirs.logits), "bfloat16 computed nothing in bfloat16"
    assert np.abs(ours.logits - theirs.logits).max() < 1.0


@pytest.mark.usefixtures("slow_bfloat16")
def test_sampled_passes_use_the_precision_they_are_told(make_images: Callable[..., ImageSet]) -> None:
    images = make_images(20)
    network = build_model(ModelSettings("tiny", width=4), images.image_shape, 3, seed=0)
    normalisation = Normalisation.of(images)
    full = sampled_logits(network, images, normalisation, 2, seed=0)[1]
    half = sampled_logits(network, images, normalisation, 2, seed=0, precision="bfloat16")[1]
    assert not np.array_equal(full, half)
    assert np.abs(full - half).max() < 0.1


@pytest.mark.usefixtures("slow_bfloat16")
def test_a_checkpoint_of_another_precision_is_another_training(make_images: Callable[..., ImageSet], tmp_path) -> None:
    images, file = make_images(40), tmp_path / "checkpoint.safetensors"
    settings = {"seed": 0, "checkpoint": file, "checkpoint_seconds": 0.0}
    recipe = Recipe(epochs=1, least_steps=1)
    fit(build_model(ModelSettings("tiny", width=4), (8, 8, 1), 3, seed=0), images, recipe, **settings)
    with pytest.warns(UserWarning, match="another training"):
        fit(
            build_model(ModelSettings("tiny", width=4), (8, 8, 1), 3, seed=0),
            images,
            recipe,
            precision="bfloat16",
            **settings,
        )
