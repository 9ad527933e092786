from __future__ import annotations

import subprocess
import sys

import pytest

from swither.errors import InputError, UnknownName
from swither.training.vaal_settings import VaalSettings


def test_the_defaults_are_the_authors_scale_in_corrected_form() -> None:
    assert VaalSettings() == VaalSettings(width=128, iterations=39_062, quirks="corrected")


@pytest.mark.parametrize("wrong", [{"width": 0}, {"iterations": 0}, {"width": 2.5}, {"iterations": True}])
def test_scales_of_nothing_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(InputError, match="at least 1"):
        VaalSettings(**wrong)


def test_unknown_quirks_are_refused_with_the_known_ones() -> None:
    with pytest.raises(UnknownName, match="corrected, released"):
        VaalSettings(quirks="release")  # type: ignore[arg-type]


def test_the_settings_load_no_torch() -> None:
    code = "import sys, swither.training.vaal_settings; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
