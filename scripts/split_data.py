"""Divides a Parquet data set into pieces that are small enough to be carried to another machine one by one.

    python scripts/split_data.py data/cifar10 pieces --megabytes 54

Images are not encoded again, so their ids stay. `scripts/on_a_gpu.py --data pieces/piece-1 pieces/piece-2` joins them,
and says what is missing.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from swither.data.shards import find_shards, split_shards
from swither.errors import SwitherError


def main(arguments: list[str] | None = None) -> int:
    """Divide, and list the pieces."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="folder of the shards")
    parser.add_argument("out", type=Path, help="folder for the pieces")
    parser.add_argument("--megabytes", type=float, default=54.0, help="of 2**20 bytes, for a piece (default: 54)")
    given = parser.parse_args(arguments)
    try:
        for folder in split_shards(given.data, given.out, int(given.megabytes * 2**20)):
            held = find_shards([folder])
            size = sum(file.stat().st_size for file in held.files) / 2**20
            print(f"{folder}: {size:.1f} MiB, rows {held.rows}")
    except SwitherError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
