from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from swither.data.image_set import ImageSet
from swither.errors import InputError
from swither.training.vaal import FittedVaal, fit_vaal
from swither.training.vaal_scoring import labelled_likelihood
from swither.training.vaal_settings import VaalSettings
from swither.training.weights import tensors_digest

MakeImages = Callable[..., ImageSet]

CORRECTED, RELEASED = (VaalSettings(width=2, iterations=8, quirks=quirks) for quirks in ("corrected", "released"))


@pytest.fixture
def fitted(make_images: MakeImages) -> FittedVaal:
    return fit_vaal(make_images(20, channels=3), make_images(60, channels=3, seed=1), CORRECTED, seed=0)


def test_the_likelihood_is_the_discriminators_of_the_code_in_evaluation_mode(
    fitted: FittedVaal, make_images: MakeImages
) -> None:
    pool = make_images(150, channels=3, seed=1)
    expected = []
    fitted.autoencoder.eval()
    with torch.no_grad():
        for image in pool.images(slice(None)):
            pixels = torch.from_numpy(image).permute(2, 0, 1)[None].float() / 127.5 - 1
            mean, _ = fitted.autoencoder.encode(pixels)
            expected.append(torch.sigmoid(fitted.discriminator(mean)).item())
    fitted.autoencoder.train()
    np.testing.assert_allclose(labelled_likelihood(fitted, pool, CORRECTED, seed=0), expected, rtol=1e-4)


def test_corrected_likelihoods_depend_on_no_other_image_and_no_seed(
    fitted: FittedVaal, make_images: MakeImages
) -> None:
    pool = make_images(150, channels=3, seed=1)
    whole = labelled_likelihood(fitted, pool, CORRECTED, seed=0)
    order = np.random.default_rng(0).permutation(150)[:70]
    assert np.array_equal(labelled_likelihood(fitted, pool.take(order), CORRECTED, seed=9), whole[order])


def test_released_likelihoods_depend_on_the_images_beside_and_on_chance(
    fitted: FittedVaal, make_images: MakeImages
) -> None:
    pool = make_images(150, channels=3, seed=1)
    whole = labelled_likelihood(fitted, pool, RELEASED, seed=0)
    assert np.array_equal(whole, labelled_likelihood(fitted, pool, RELEASED, seed=0))
    assert not np.allclose(whole, labelled_likelihood(fitted, pool, RELEASED, seed=1))
    assert not np.allclose(whole[:70], labelled_likelihood(fitted, pool.take(np.arange(70)), RELEASED, seed=0))
    assert not np.allclose(whole, labelled_likelihood(fitted, pool, CORRECTED, seed=0))


@pytest.mark.parametrize("count", [1, 127, 128, 129, 257])
@pytest.mark.parametrize("settings", [CORRECTED, RELEASED], ids=["corrected", "released"])
def test_every_image_gets_its_likelihood_and_the_networks_stay_as_they_were(
    fitted: FittedVaal, make_images: MakeImages, settings: VaalSettings, count: int
) -> None:
    networks = (fitted.autoencoder, fitted.discriminator)
    before = [(tensors_digest(network.state_dict()), network.training) for network in networks]
    state = torch.random.get_rng_state()
    likelihood = labelled_likelihood(
        fitted, make_images(max(count, 3), channels=3).take(np.arange(count)), settings, seed=0
    )
    assert likelihood.shape == (count,)
    assert ((likelihood > 0) & (likelihood < 1)).all()
    assert before == [(tensors_digest(network.state_dict()), network.training) for network in networks]
    assert torch.equal(state, torch.random.get_rng_state())


def test_a_discriminator_that_is_sure_still_ranks(fitted: FittedVaal, make_images: MakeImages) -> None:
    with torch.no_grad():
        fitted.discriminator.layers[-1].weight *= 200
        fitted.discriminator.layers[-1].bias -= 150
    likelihood = labelled_likelihood(fitted, make_images(60, channels=3, seed=1), CORRECTED, seed=0)
    assert 0 < likelihood.min() < 1e-50
    assert len(set(likelihood.tolist())) == 60


def test_networks_that_answer_nan_are_refused(fitted: FittedVaal, make_images: MakeImages) -> None:
    with torch.no_grad():
        fitted.discriminator.layers[-1].bias.fill_(float("nan"))
    with pytest.raises(InputError, match="NaN"):
        labelled_likelihood(fitted, make_images(5, channels=3), CORRECTED, seed=0)
