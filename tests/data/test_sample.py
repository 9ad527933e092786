"""A sample is the same part of the training images wherever and in whatever order they lie."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from swither.data import DataSettings, open_dataset, open_images
from swither.data.sample import sample
from swither.errors import InputError


def test_the_order_of_the_images_does_not_change_which_are_drawn() -> None:
    digits = open_images("digits")
    shuffled = digits.take(np.random.default_rng(3).permutation(len(digits)))
    assert set(sample(digits, 200).ids) == set(sample(shuffled, 200).ids)


def test_a_larger_sample_holds_a_smaller_one_so_that_sizes_can_be_compared() -> None:
    digits = open_images("digits")
    assert set(sample(digits, 50).ids) < set(sample(digits, 300).ids)


def test_two_samples_after_one_another_share_no_image() -> None:
    digits = open_images("digits")
    first, second = sample(digits, 1000), sample(digits, 797, after=1000)
    assert set(first.ids) | set(second.ids) == set(digits.ids)


def test_a_drawn_sample_stays_in_id_order_in_which_everything_trains() -> None:
    assert sorted(sample(open_images("digits"), 99).ids) == list(sample(open_images("digits"), 99).ids)


def test_the_data_set_trains_on_the_sample_tests_on_all_and_says_so() -> None:
    whole = open_dataset("digits")
    small = open_dataset(DataSettings("digits", train_images=100))
    assert (len(small.train), len(small.test), small.report.train) == (100, len(whole.test), 100)
    assert any("100 of 1,438 training images" in sentence for sentence in small.report.sentences())
    assert small.train.fingerprint != whole.train.fingerprint


@pytest.mark.parametrize("count", [0, -1, 1439, True])
def test_an_impossible_number_is_refused_with_the_possible_ones(count: int) -> None:
    with pytest.raises(InputError, match="1 to 1438 of 1438"):
        open_dataset(replace(DataSettings("digits"), train_images=count))
