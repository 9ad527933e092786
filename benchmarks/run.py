"""Runs every benchmark, one after the other, and writes results/bench.json with the circumstances.

    .venv/bin/python benchmarks/run.py [--quick] [NAME ...]

Each script runs ours and its peers side by side and can be run alone. Ratios and medians count; absolute times say
only which ratio was seen, for these machines are noisy. One that fails is written down as failed, and the others are
run all the same. ``--quick`` runs those that have a size of seconds, to see that they work, and writes its figures to
build/, for they say nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from swither.training import circumstances

HERE = Path(__file__).parent
RESULTS = HERE.parent / "results" / "bench.json"
QUICK_RESULTS = HERE.parent / "build" / "bench.json"
TOO_LONG = 1800.0
"""Seconds after which a benchmark is ended."""


def scripts(names: list[str]) -> list[Path]:
    """The benchmarks of these names, or all. What starts with an underscore is shared by them."""
    found = {path.stem: path for path in sorted(HERE.glob("*.py")) if path.stem != "run" and path.stem[0] != "_"}
    unknown = [name for name in names if name not in found]
    if unknown:
        raise SystemExit(f"No benchmark {', '.join(unknown)}. There are: {', '.join(found)}.")
    return [found[name] for name in names] if names else list(found.values())


def measured(script: Path, folder: Path, *, quick: bool) -> Any:
    """What a benchmark measured, as it wrote it; where it failed, a row that says so."""
    path = folder / f"{script.stem}.json"
    command = [sys.executable, str(script), *(["--quick"] if quick else []), "--json", str(path)]
    try:
        done = subprocess.run(command, timeout=TOO_LONG, stderr=subprocess.PIPE, text=True)
    except subprocess.TimeoutExpired:
        return failure(f"took longer than {TOO_LONG:g} s")
    print(done.stderr, end="", file=sys.stderr, flush=True)
    if done.returncode != 0 or not path.exists():
        words = done.stderr.strip().splitlines()
        return failure(words[-1] if words else f"exit code {done.returncode}")
    return json.loads(path.read_text())


def failure(why: str) -> dict[str, Any]:
    """A row that says why there are no figures."""
    return {"benchmark failed": True, "rows": [{"failed": why}]}


def commit() -> str:
    """The commit that was measured, with a plus sign where the tree differs from it."""
    asked = subprocess.run(["git", "describe", "--always", "--dirty=+"], cwd=HERE, capture_output=True, text=True)
    return asked.stdout.strip() or "unknown"


def main() -> int:
    """Measure, and keep what other benchmarks wrote before; the answer is how many failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="which; all where none is named")
    parser.add_argument("--quick", action="store_true", help="a size of seconds, to see that they work")
    parser.add_argument("--to", type=Path, help="where the figures go")
    arguments = parser.parse_args()
    results = arguments.to or (QUICK_RESULTS if arguments.quick else RESULTS)
    kept = json.loads(results.read_text()) if results.exists() else {}
    failed = []
    with tempfile.TemporaryDirectory() as folder:
        for script in scripts(arguments.names):
            if arguments.quick and "--quick" not in script.read_text() and "_measure" not in script.read_text():
                print(f"\n{script.stem}: no quick size, left out", flush=True)
                continue
            print(f"\n{script.stem}", flush=True)
            load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
            kept[script.stem] = {
                "command": f"python benchmarks/{script.name}{' --quick' if arguments.quick else ''}",
                "commit": commit(),
                "when": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
                "load before": load,
                "cores": os.cpu_count(),
                "circumstances": circumstances("cpu"),
                "measured": measured(script, Path(folder), quick=arguments.quick),
            }
            failed += [script.stem] if kept[script.stem]["measured"].get("benchmark failed") else []
            results.parent.mkdir(exist_ok=True)
            results.write_text(json.dumps(kept, indent=1) + "\n")
    print(f"\nWritten to {results}")
    if failed:
        print(f"Failed: {', '.join(failed)}", file=sys.stderr)
    return len(failed)


if __name__ == "__main__":
    sys.exit(min(main(), 1))
