"""The bytes that the page of large pools names are those of the code."""

from __future__ import annotations

from pathlib import Path

from swither.acquisition.farthest_first import MEMORY, least_memory
from swither.dynamics.label_counts import PART_BYTES
from swither.dynamics.seen_labels import SeenLabels

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "large_pools.md").read_text(encoding="utf-8")


def test_a_history_is_read_in_parts_as_large_as_the_page_says() -> None:
    assert PART_BYTES % 2**20 == 0
    assert f"{PART_BYTES >> 20} MiB of labels at a time" in TEXT


def test_what_k_center_takes_beside_a_copy_is_what_the_page_says() -> None:
    width = 512
    rest = least_memory(0, width, 0)
    assert f"{rest / 1e6:.0f} MB at width {width}" in TEXT
    assert least_memory(1, width, 0) - rest == 64
    assert "64 bytes a candidate" in TEXT
    assert least_memory(0, width, 1) - rest == 4 * (width + 4)
    assert "4 (width + 4) bytes a labelled or chosen one" in TEXT
    assert f"the ceiling is {MEMORY >> 30} GiB" in TEXT


def test_a_recording_in_part_holds_the_labels_and_counts_that_the_page_says() -> None:
    share = 1_000
    seen = SeenLabels(epochs=100, samples=1_280_000 // share, classes=1_000)
    labels, counts = seen.labels.nbytes * share, seen._counts.nbytes * share
    assert f"{labels / 1e6:.0f} MB of labels and {counts / 1e9:.2f} GB of counts" in TEXT
