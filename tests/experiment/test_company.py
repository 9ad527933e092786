"""Cores are kept busy while a block lasts, and nothing is left behind."""

from __future__ import annotations

import subprocess
from typing import Any

import pytest

from swither.experiment.company import in_company


def test_company_works_during_the_block_and_is_gone_after_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[subprocess.Popen[bytes]] = []
    real = subprocess.Popen

    def noted(*arguments: Any, **more: Any) -> subprocess.Popen[bytes]:
        started.append(real(*arguments, **more))
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", noted)

    def fails() -> None:
        with in_company(2):
            assert [process.poll() for process in started] == [None, None]
            raise KeyError

    with pytest.raises(KeyError):
        fails()
    assert len(started) == 2
    assert None not in [process.returncode for process in started]
