"""The report as a person sees it: drawn by a browser, wide and on a phone, in light and in dark."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from swither.data import DataSettings
from swither.experiment import CompareSettings, compare
from swither.models import ModelSettings
from swither.training import Recipe

QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--hide-scrollbars",
)


@pytest.fixture(scope="module")
def report(few_digits: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("seen")
    data = DataSettings(str(shutil.copy(few_digits, out)), cache=str(out / "cache"))
    settings = CompareSettings(
        data,
        acquisitions=("random", "dispersion"),
        seeds=2,
        initial="20",
        step="10",
        cycles=1,
        model=ModelSettings("tiny", width=4),
        recipe=Recipe(epochs=3, least_steps=3),
        jobs=1,
    )
    compare(settings, out / "results")
    return out / "results" / "report.html"


def picture(chromium: str, page: Path, folder: Path, width: int, height: int, *flags: str) -> np.ndarray:
    """(height, width, 3) uint8, of the page's top."""
    path = folder / "seen.png"
    command = [chromium, *QUIET, *flags, f"--user-data-dir={folder / 'profile'}", f"--window-size={width},{height}"]
    subprocess.run([*command, f"--screenshot={path}", page.as_uri()], check=True, capture_output=True, timeout=120)
    return np.asarray(Image.open(path).convert("RGB"))


@pytest.mark.parametrize("width", [500, 1100])
def test_the_report_fits_the_screen_and_draws_its_curves(
    report: Path, chromium: str, tmp_path: Path, width: int
) -> None:
    seen = picture(chromium, report, tmp_path, width, 2400)
    background = seen[2, 2]
    drawn = (np.abs(seen.astype(int) - background) > 40).any(axis=2)  # (height, width)
    assert drawn.mean() > 0.01
    assert not drawn[:, -4:].any(), "something reaches the right edge: the page is wider than the screen"
    colours = {tuple(colour) for colour in seen.reshape(-1, 3)[::7].tolist() if max(colour) - min(colour) > 80}
    assert len(colours) > 3, "no coloured curves were drawn"


def test_the_report_asks_for_nothing_outside_itself(report: Path) -> None:
    page = report.read_text()
    for outside in ("<script", 'src="http', "@import", "url(http"):
        assert outside not in page
    assert "Content-Security-Policy" in page, "the policy that forbids outside requests"


def test_the_report_is_dark_where_the_system_is(report: Path, chromium: str, tmp_path: Path) -> None:
    dark = ("--force-prefers-color-scheme=dark", "--blink-settings=preferredColorScheme=0")
    seen = picture(chromium, report, tmp_path, 900, 900, *dark)
    assert seen[2, 2].mean() < 80
