"""An expensive value is made seldom, and nobody waits for a newer one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from swither.web.remembered import Remembered


def test_a_value_is_made_once_while_it_is_good() -> None:
    made: list[int] = []
    value = Remembered(lambda: made.append(1) or len(made), seconds=60)  # type: ignore[func-returns-value]
    assert [value(), value(), value()] == [1, 1, 1]


def test_an_old_value_is_made_again() -> None:
    made: list[int] = []
    value = Remembered(lambda: made.append(1) or len(made), seconds=0)  # type: ignore[func-returns-value]
    value._make()
    assert value() == 2
    value._good_until = 0
    assert value() == 3


def test_behind_an_answer_the_old_value_is_given_and_the_new_one_made_once() -> None:
    waiting: list[Callable[[], object]] = []
    value = Remembered(lambda: {"new": 1}, {}, seconds=60, behind=waiting.append)
    assert value() == {}
    assert value() == {}
    assert len(waiting) == 1
    waiting[0]()
    assert value() == {"new": 1}


def test_an_error_leaves_the_old_value_and_the_next_asks_again() -> None:
    waiting: list[Callable[[], object]] = []

    def fail() -> dict[str, int]:
        raise RuntimeError

    value = Remembered(fail, {"old": 1}, behind=waiting.append)
    assert value() == {"old": 1}
    with pytest.raises(RuntimeError):
        waiting[0]()
    assert value() == {"old": 1}
    assert len(waiting) == 2
