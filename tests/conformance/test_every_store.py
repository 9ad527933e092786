"""Every store keeps the contract that is written in swither.project.contract."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from swither.project.contract import Store
from swither.project.sql_store import SqlStore
from swither.project.store_contract import CHECKS, Check, check_store

STORES: dict[str, Callable[[Path], Store]] = {"sqlite": lambda folder: SqlStore(folder / "labels.db")}


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("name", STORES)
def test_every_store_keeps_the_contract(name: str, check: Check, tmp_path: Path) -> None:
    check(lambda: STORES[name](tmp_path))


def test_all_checks_run_in_one_call_on_new_data_bases(tmp_path: Path) -> None:
    numbers = count()

    def new() -> Callable[[], Store]:
        folder = tmp_path / str(next(numbers))
        return lambda: SqlStore(folder / "labels.db")

    check_store(new)
    assert next(numbers) == len(CHECKS)


def test_every_check_of_the_module_is_in_the_list() -> None:
    import inspect

    from swither.project import store_contract

    found = [
        value
        for name, value in vars(store_contract).items()
        if inspect.isfunction(value) and list(inspect.signature(value).parameters) == ["open_store"]
    ]
    assert [check for check in found if check.__name__ != "begun"] == list(CHECKS)
