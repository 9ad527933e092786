"""Runs every benchmark, one after the other, and writes results/bench.json with the circumstances.

    .venv/bin/python benchmarks/run.py [NAME ...]

Each script runs ours and its peers side by side and can be run alone. Ratios and medians count; absolute times say
only which ratio was seen, for these machines are noisy.
"""

from __future__ import annotations

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


def scripts(names: list[str]) -> list[Path]:
    """The benchmarks of these names, or all."""
    found = {path.stem: path for path in sorted(HERE.glob("*.py")) if path.stem != "run"}
    unknown = [name for name in names if name not in found]
    if unknown:
        raise SystemExit(f"No benchmark {', '.join(unknown)}. There are: {', '.join(found)}.")
    return [found[name] for name in names] if names else list(found.values())


def measured(script: Path, folder: Path) -> Any:
    """What a benchmark measured, as it wrote it."""
    path = folder / f"{script.stem}.json"
    subprocess.run([sys.executable, str(script), "--json", str(path)], check=True)
    return json.loads(path.read_text())


def commit() -> str:
    """The commit that was measured, with a plus sign where the tree differs from it."""
    asked = subprocess.run(["git", "describe", "--always", "--dirty=+"], cwd=HERE, capture_output=True, text=True)
    return asked.stdout.strip() or "unknown"


def main() -> None:
    """Measure, and keep what other benchmarks wrote before."""
    kept = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    with tempfile.TemporaryDirectory() as folder:
        for script in scripts(sys.argv[1:]):
            print(f"\n{script.stem}", flush=True)
            load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
            kept[script.stem] = {
                "command": f"python benchmarks/{script.name}",
                "commit": commit(),
                "when": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
                "load before": load,
                "cores": os.cpu_count(),
                "circumstances": circumstances("cpu"),
                "measured": measured(script, Path(folder)),
            }
            RESULTS.parent.mkdir(exist_ok=True)
            RESULTS.write_text(json.dumps(kept, indent=1) + "\n")
    print(f"\nWritten to {RESULTS}")


if __name__ == "__main__":
    main()
