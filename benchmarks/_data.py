"""Where the real data sets lie that the benchmarks use where they find them."""

from __future__ import annotations

import os
from pathlib import Path

DATA = Path(os.environ.get("SWITHER_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
"""A folder for each data set, with Parquet files: SWITHER_DATA, otherwise one beside the project."""
