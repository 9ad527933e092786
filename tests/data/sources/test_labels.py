from __future__ import annotations

import math

import pytest

from swither.data.sources.labels import name_labels
from swither.errors import InputError


def test_numbers_are_classes_in_their_order_and_texts_in_alphabetical_order() -> None:
    assert name_labels([10, 9, 10], None, "y") == (("9", "10"), ["10", "9", "10"])
    assert name_labels(["b", "a"], None, "y") == (("a", "b"), ["b", "a"])
    assert name_labels([True, False], None, "y") == (("false", "true"), ["true", "false"])
    assert name_labels([2.0, 1.0], None, "y") == (("1", "2"), ["2", "1"])
    assert name_labels([b"b", b"a"], None, "y") == (("a", "b"), ["b", "a"])


def test_names_go_by_number_and_a_class_without_image_keeps_its_place() -> None:
    assert name_labels([2, 0], ["x", "y", "z"], "y") == (("x", "y", "z"), ["z", "x"])


def test_unknown_labels_stay_unknown() -> None:
    assert name_labels([1, None, math.nan, -1], None, "y") == (("1",), ["1", None, None, None])
    assert name_labels([0, None, -1], ["only"], "y") == (("only",), ["only", None, None])
    assert name_labels([None, None], None, "y") == ((), [None, None])


def test_the_text_minus_one_is_a_class_and_not_an_unknown_label() -> None:
    assert name_labels(["-1", "1"], None, "y") == (("-1", "1"), ["-1", "1"])


def test_a_label_beyond_the_names_is_refused() -> None:
    for wrong in (3, -2, "w"):
        with pytest.raises(InputError, match="out of range"):
            name_labels([0, wrong], ["x", "y", "z"], "column 'label'")


def test_values_that_are_no_labels_are_refused_with_the_column_named() -> None:
    for wrong in (0.5, [1, 2], {"a": 1}):
        with pytest.raises(InputError, match="column 'label'"):
            name_labels([0, wrong], None, "column 'label'")


def test_two_classes_of_one_name_are_refused() -> None:
    with pytest.raises(InputError, match="not distinct: x"):
        name_labels([0], ["x", "x"], "y")
