from __future__ import annotations

import numpy as np
import pytest
import torch

from swither.acquisition.gradient_distances import GradientDistances
from swither.arrays import FloatArray


def made(samples: int, classes: int, width: int, seed: int = 0) -> tuple[FloatArray, FloatArray]:
    draw = np.random.default_rng(seed)
    return draw.dirichlet(np.full(classes, 0.3), samples), draw.normal(size=(samples, width)) + 0.5


def test_distances_are_those_between_gradients_of_the_loss() -> None:
    draw = np.random.default_rng(1)
    embeddings = torch.tensor(draw.normal(size=(12, 7)))
    layer = torch.nn.Linear(7, 4).double()
    gradients, probabilities = [], []
    for row in embeddings:
        logits = layer(row)
        loss = torch.nn.functional.cross_entropy(logits[None], logits.argmax()[None])
        gradients.append(torch.autograd.grad(loss, layer.weight)[0].flatten().numpy())
        probabilities.append(torch.softmax(logits.detach(), 0).numpy())
    points = GradientDistances(np.array(probabilities), embeddings.numpy())
    rows = np.arange(12)
    expected = np.square(np.array(gradients)[:, None] - np.array(gradients)[None]).sum(axis=2)
    np.testing.assert_allclose(points.distances(rows, rows) / points.scale**2, expected, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(points.norms / points.scale**2, np.square(gradients).sum(axis=1), rtol=1e-9)


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("classes", [2, 3, 40])
def test_distances_are_those_of_the_outer_products(classes: int, kind: type) -> None:
    for seed in range(5):
        probabilities, embeddings = (values.astype(kind) for values in made(60, classes, 9, seed))
        exactly = probabilities.astype(np.float64)
        residuals = exactly - np.eye(classes)[probabilities.argmax(axis=1)]
        products = np.einsum("nc,nd->ncd", residuals, embeddings.astype(np.float64)).reshape(60, -1)
        rows, others = np.arange(60), np.arange(10, 40)
        expected = np.square(products[:, None] - products[None, 10:40]).sum(axis=2)
        points = GradientDistances(probabilities, embeddings)
        got = points.distances(rows, others) / points.scale**2
        np.testing.assert_allclose(got, expected, rtol=1e-9, atol=1e-9)


def test_of_equally_probable_classes_the_first_is_predicted() -> None:
    points = GradientDistances(np.array([[0.5, 0.5], [0.4, 0.6]]), np.ones((2, 1)))
    between = points.distances(np.array([0]), np.array([1]))[0, 0] / points.scale**2
    assert between == pytest.approx(2 * 0.9**2)  # (-0.5, 0.5) and (0.4, -0.4)


def test_copies_are_at_distance_0_and_certain_predictions_have_no_gradient() -> None:
    probabilities, embeddings = made(20, 5, 300)
    twice = GradientDistances(np.tile(probabilities, (2, 1)), np.tile(embeddings, (2, 1)).astype(np.float32))
    between = twice.distances(np.arange(20), np.arange(20, 40))
    assert (np.diag(between) == 0).all()
    assert (between + np.eye(20) > 0).all()
    assert (GradientDistances(np.eye(5)[[0, 1, 4]], embeddings[:3]).norms == 0).all()
    assert GradientDistances(probabilities, np.zeros((20, 3))).norms.tolist() == [0.0] * 20


@pytest.mark.parametrize("unit", [1e-310, 1e-200, 1e-30, 1e30, 1e140])
def test_the_unit_of_the_embeddings_changes_no_order(unit: float) -> None:
    probabilities, embeddings = made(30, 4, 6)
    rows = np.arange(30)
    plain, scaled = GradientDistances(probabilities, embeddings), GradientDistances(probabilities, embeddings * unit)
    between = scaled.distances(rows, rows)
    assert np.isfinite(between).all()
    assert (scaled.ceilings(slice(0, 30), rows).astype(np.float64) >= between).all()
    np.testing.assert_allclose(
        between / between.max(), plain.distances(rows, rows) / plain.distances(rows, rows).max(), rtol=1e-6, atol=1e-9
    )
