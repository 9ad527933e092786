from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from swither.data.batches import batch_positions
from swither.errors import InputError
from swither.training import Recipe, recipe_for
from swither.training.recipe import steps


def test_the_paper_values_are_the_defaults() -> None:
    recipe = Recipe()
    schedule = recipe.schedule(5000)
    rates = [recipe.learning_rate_in(epoch, schedule) for epoch in (1, 60, 61, 80, 81, 100)]
    assert (schedule.epochs, schedule.batch_size, schedule.grown) == (100, 128, False)
    assert rates == pytest.approx([0.02, 0.02, 0.004, 0.004, 0.0008, 0.0008])


@pytest.mark.parametrize("recipe", [Recipe(), Recipe(batch_size=100), Recipe(least_batch_size=5, batch_size=48)])
def test_the_batch_is_the_largest_that_gives_enough_steps(recipe: Recipe) -> None:
    allowed = sorted(
        {recipe.batch_size, recipe.least_batch_size}
        | {2**power for power in range(12) if recipe.least_batch_size <= 2**power < recipe.batch_size}
    )
    for samples in [*range(2, 700), 3839, 3840, 3841, 50_000]:
        enough = [size for size in allowed if steps(samples, size) >= recipe.least_steps_per_epoch]
        expected = max(enough, default=recipe.least_batch_size)
        assert recipe.schedule(samples).batch_size == expected, samples


def test_steps_are_those_that_the_batches_take() -> None:
    for samples in range(2, 60):
        for batch_size in range(2, 20):
            taken = batch_positions(samples, batch_size, join_lone=True)
            assert steps(samples, batch_size) == len(taken)
            assert min(map(len, taken)) > 1


def test_epochs_grow_to_the_least_number_of_steps_and_say_so() -> None:
    for samples in range(2, 300):
        recipe = Recipe(epochs=10, least_steps=170)
        schedule = recipe.schedule(samples)
        assert schedule.steps_per_epoch * schedule.epochs >= 170
        assert schedule.grown == (schedule.epochs > 10)
        if schedule.grown:
            assert schedule.steps_per_epoch * (schedule.epochs - 1) < 170


def test_the_learning_rate_falls_after_the_same_shares_of_any_number_of_epochs() -> None:
    for epochs in (1, 2, 5, 10, 50, 333):
        recipe = Recipe(epochs=epochs, least_steps=0)
        schedule = recipe.schedule(4000)
        rates = np.array([recipe.learning_rate_in(epoch, schedule) for epoch in range(1, epochs + 1)])
        done = np.arange(epochs) / epochs
        clear = (np.abs(done - 0.6) > 1 / epochs) & (np.abs(done - 0.8) > 1 / epochs)  # but for rounding
        expected = 0.02 / 5.0 ** ((done >= 0.6).astype(int) + (done >= 0.8))
        assert np.allclose(rates[clear], expected[clear])
        assert (np.diff(rates) <= 0).all()


def test_grey_images_are_not_mirrored_unless_asked() -> None:
    assert Recipe().augmentation((28, 28, 1)) == (3, False)
    assert Recipe().augmentation((64, 48, 3)) == (6, True)
    assert Recipe(crop_padding=0, flip=True).augmentation((28, 28, 1)) == (0, True)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("epochs", 0),
        ("learning_rate", 0.0),
        ("learning_rate", float("nan")),
        ("momentum", 1.0),
        ("weight_decay", -1e-4),
        ("decay_at", (0.5, 1.5)),
        ("decay_at", (0.8, 0.6)),
        ("decay_factor", 0.5),
        ("least_batch_size", 1),
        ("batch_size", 4),
        ("crop_padding", -1),
    ],
)
def test_a_value_that_cannot_be_meant_is_refused_by_name(name: str, value: object) -> None:
    with pytest.raises(InputError, match=name):
        dataclasses.replace(Recipe(), **{name: value})


def test_one_image_is_too_few_to_train_on() -> None:
    with pytest.raises(InputError, match="at least 2 labelled images"):
        Recipe().schedule(1)


def test_every_field_is_marked_as_protocol() -> None:
    assert all(field.metadata["kind"] == "protocol" for field in dataclasses.fields(Recipe))


def test_heads_have_a_recipe_of_their_own_and_networks_the_papers() -> None:
    assert [recipe_for("features").schedule(count).steps_per_epoch for count in (20, 500)] == [1, 4]
    assert recipe_for("features").schedule(500).epochs == 100
    assert recipe_for("resnet18") == recipe_for("my_file.py:build") == Recipe()


def test_even_batches_change_no_key_where_nobody_asks_for_them() -> None:
    assert Recipe(even_batches=False).values == Recipe().values
    assert "even_batches" not in Recipe().values
    assert Recipe(even_batches=True).values["even_batches"] is True
    assert Recipe(even_batches=True).schedule(260) == Recipe().schedule(260)
