"""Folding the standardisation into the weights changes nothing but time."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from swither.errors import InputError
from swither.models import ModelSettings, build_model
from swither.models.feature_head import FeatureHead


@pytest.fixture
def embeddings() -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(0).normal(3, 2, (50, 6)).astype(np.float32))


@pytest.mark.parametrize("hidden", [0, 5])
def test_logits_equal_standardising_first_and_the_head_on_its_embeddings(embeddings: torch.Tensor, hidden: int) -> None:
    head = build_model(ModelSettings("features", width=hidden or None), (8, 8, 3), 4, seed=1, features=6).eval()
    assert isinstance(head, FeatureHead)
    head.standardise_by(embeddings)
    deviation = embeddings.std(0, correction=0)
    plain = ((embeddings - embeddings.mean(0)) / (deviation**2 + deviation.mean() ** 2).sqrt()).double()
    if head.hidden is not None:
        plain = torch.relu(plain @ head.hidden.weight.double().T + head.hidden.bias)
    last = head.head[1]
    expected = plain @ last.weight.double().T + last.bias
    logits, inputs = head(embeddings)
    torch.testing.assert_close(logits.double(), expected, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(inputs.double(), plain, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(head.head(inputs), logits, rtol=1e-4, atol=1e-5)
    assert torch.equal(head.logits(embeddings), logits)


def test_a_number_that_never_changes_becomes_zero_and_not_infinite(embeddings: torch.Tensor) -> None:
    embeddings[:, 2] = 7
    head = FeatureHead(6, 0, 3, 0.0).eval()
    head.standardise_by(embeddings)
    _, inputs = head(embeddings)
    assert torch.equal(inputs[:, 2], torch.zeros(50))
    assert torch.isfinite(head(embeddings + 100)[0]).all()


def test_a_number_that_hardly_varies_among_few_images_does_not_outweigh_all_others() -> None:
    draws = torch.Generator().manual_seed(0)
    labelled, pool = torch.randn(6, 40, generator=draws), torch.randn(500, 40, generator=draws)
    labelled[:, 3] = 1 + torch.arange(6) * 1e-4
    head = FeatureHead(40, 0, 3, 0.0).eval()
    head.standardise_by(labelled)
    _, inputs = head(pool)
    share = inputs[:, 3].square() / inputs.square().sum(dim=1)
    assert share.mean() < 3 / 40


@pytest.mark.parametrize(("centre", "spread"), [(1000.0, 0.01), (-100.0, 0.001), (0.0, 1.0)])
def test_a_large_offset_of_the_embeddings_does_not_blur_the_logits(centre: float, spread: float) -> None:
    values = np.random.default_rng(0).normal(0, spread, (200, 64)) + centre
    embeddings = torch.from_numpy(values.astype(np.float32))
    head = FeatureHead(64, 0, 5, 0.0).eval()
    head.standardise_by(embeddings)
    exact = head.head[1].double()((embeddings.double() - head.mean.double()) * head.scale.double())
    head.head[1].float()
    torch.testing.assert_close(head.logits(embeddings).double(), exact, rtol=1e-4, atol=1e-4)


def test_embeddings_that_are_all_alike_become_zero() -> None:
    head = FeatureHead(4, 0, 3, 0.0).eval()
    head.standardise_by(torch.full((5, 4), 2.5))
    assert torch.equal(head(torch.full((2, 4), 2.5))[1], torch.zeros(2, 4))


def test_dropout_acts_before_the_last_layer_while_training_only(embeddings: torch.Tensor) -> None:
    head = FeatureHead(6, 0, 3, dropout=0.9)
    torch.manual_seed(0)
    assert not torch.equal(head.train()(embeddings)[0], head(embeddings)[0])
    assert torch.equal(head.eval()(embeddings)[0], head(embeddings)[0])


def test_a_head_needs_embeddings_and_other_networks_take_none() -> None:
    with pytest.raises(InputError, match="Embed them first"):
        build_model(ModelSettings("features"), (8, 8, 3), 4, seed=0)
    with pytest.raises(InputError, match="tiny is trained on pixels"):
        build_model(ModelSettings("tiny"), (8, 8, 3), 4, seed=0, features=6)


def test_the_seed_decides_the_initial_weights() -> None:
    def made(seed: int) -> torch.Tensor:
        return build_model(ModelSettings("features"), (8, 8, 3), 4, seed, features=6).state_dict()["head.1.weight"]

    assert torch.equal(made(1), made(1))
    assert not torch.equal(made(1), made(2))
