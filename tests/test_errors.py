"""Errors say what was expected, what came and what to do, and can be caught at one root."""

from __future__ import annotations

import inspect
import pickle

import pytest

from swither import errors
from swither.errors import InputError, MissingExtra, SwitherError, UnknownIds, UnknownName, UnreadableImages, list_some

KINDS = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if kind.__module__ == errors.__name__]


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_is_caught_at_the_root(kind: type[Exception]) -> None:
    assert issubclass(kind, SwitherError)


def test_an_unknown_name_offers_the_nearest_and_lists_all() -> None:
    error = UnknownName("method", "disperson", ["random", "dispersion", "margin"])
    assert str(error) == "Unknown method 'disperson'. Did you mean 'dispersion'? Known: dispersion, margin, random."
    assert error.suggestion == "dispersion"


def test_an_unknown_name_that_is_near_to_nothing_offers_nothing() -> None:
    error = UnknownName("method", "zzz", ["random"])
    assert error.suggestion is None
    assert "Did you mean" not in str(error)
    assert "Known: none." in str(UnknownName("method", "zzz", []))


def test_many_unreadable_images_are_counted_and_ten_are_named() -> None:
    problems = [(f"{number}.png", "is empty") for number in range(12)]
    error = UnreadableImages(problems)
    assert str(error).startswith("12 images")
    assert "9.png: is empty" in str(error)
    assert "10.png" not in str(error)
    assert "2 more" in str(error)
    assert error.problems == tuple(problems)


def test_unknown_ids_say_where_they_were_looked_for() -> None:
    assert str(UnknownIds(["a", "b"], "this pool")) == "2 unknown ids: a, b. Expected ids of this pool."


def test_a_missing_extra_names_the_command_that_brings_it() -> None:
    error = MissingExtra("swither compare", "train", "torch")
    assert str(error) == "swither compare needs torch. Install it with: pip install 'swither[train]'"
    assert isinstance(error, ImportError)


def test_wrong_input_is_a_value_error_too() -> None:
    assert issubclass(InputError, ValueError)


def test_a_plain_error_survives_the_way_back_from_a_worker() -> None:
    error = pickle.loads(pickle.dumps(InputError("what, and what to do")))
    assert isinstance(error, InputError)
    assert str(error) == "what, and what to do"


@pytest.mark.parametrize(("count", "shown"), [(0, ""), (2, "0, 1"), (3, "0, 1, 2"), (5, "0, 1, 2, ... (2 more)")])
def test_a_long_list_is_cut_and_counted(count: int, shown: str) -> None:
    assert list_some(range(count), most=3) == shown
