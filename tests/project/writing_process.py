"""A process of its own that writes events until it is killed, and says after each that it was stored."""

from __future__ import annotations

import sys
from pathlib import Path

from swither.project.records import ProjectEvent
from swither.project.sql_store import SqlStore

AT = "2026-03-01T12:30:00.000000Z"


def main() -> None:
    path, name, count, each = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    store = SqlStore(path)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    for number in range(count):
        events = [
            ProjectEvent(f"{name}-{number}-{part}", "skipped", AT, by=name, image="a" * 32) for part in range(each)
        ]
        store.append(events, AT)
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
