"""``python -m swither`` is the command ``swither``."""

from __future__ import annotations

import sys

from swither.cli import main

if __name__ == "__main__":
    sys.exit(main())
