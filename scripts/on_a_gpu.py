"""One command for a borrowed graphics card: check it against the CPU, time it, and run the paper's cells on it.

    python scripts/on_a_gpu.py cifar10 --data pieces/piece-1 pieces/piece-2 --to "$OUT" --minutes 9

It says which data shards it saw, and starts no cell while one is missing; holds the card's results to the CPU's; times
training and recording; then runs as many of the paper's cells as the minutes allow, in the protocol's order, and writes
``gpu.json`` and ``results.zip`` for `swither merge`. docs/gpu.md says more. It needs nothing installed but torch,
pyarrow, Pillow, SciPy, scikit-learn (with threadpoolctl) and safetensors.

``--rehearse`` does every step at toy size, on the CPU where there is no card.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))
sys.path.insert(0, str(Path(__file__).resolve().parent))

import numpy as np
import torch
from on_card.captured_steps import BATCH, check_captured_steps
from on_card.cells import run_cells
from on_card.checks import Check, check_card
from on_card.timing import Setting, Timed, Variant, best_of, multi_process_service, operations_of, time_variant

from swither.data import Dataset, DataSettings, open_dataset
from swither.data.sample import sample
from swither.data.shards import Shards, find_shards
from swither.errors import SwitherError, plural
from swither.experiment.merging import merge_cells
from swither.experiment.packing import cell_folders, pack_cells, states_of
from swither.experiment.paper import PaperRun, prepare_paper
from swither.experiment.paper_protocol import EXPECTED, paper_settings
from swither.models import ModelSettings
from swither.training import choose_device, circumstances
from swither.training.graphs import COMPILED, NO_GRAPHS, STEPS
from swither.training.precision import ALLOW_SLOW, BFLOAT16, FLOAT32, choose_precision

LARGEST_FILE = 15 * 2**20
PACKING_SECONDS = 25.0
THREADS = 4
"""Of a run on the host: what it chooses from embeddings, it computes there, while the card waits."""
VARIANTS = (
    Variant(STEPS, 1, chunks=(256, 512, 1024, 2048, 4096)),
    Variant(NO_GRAPHS, 1),
    Variant(STEPS, 2),
    Variant(STEPS, 3),
    Variant(STEPS, 3, shared=True),
    Variant(STEPS, 2, shared=True),
    Variant(COMPILED, 1),
    Variant(STEPS, 1, batch_size=256),
)
TOY_VARIANTS = (Variant(NO_GRAPHS, 1, batch_size=16, chunks=(8, 32)), Variant(NO_GRAPHS, 2, batch_size=16))
TOY_ROWS = {"train": 120, "test": 40}


def main(arguments: Sequence[str] | None = None) -> int:
    """Do all of it; 0 where nothing is missing and nothing failed."""
    began = time.monotonic()
    given = _parser().parse_args(arguments)
    to = Path(given.to or os.environ.get("OUT") or "gpu-out")
    to.mkdir(parents=True, exist_ok=True)
    if given.rehearse:
        os.environ[ALLOW_SLOW] = "1"
    facts: dict[str, Any] = {"command": " ".join(["python", "scripts/on_a_gpu.py", *(arguments or sys.argv[1:])])}
    try:
        return _run(given, to, facts, began)
    except SwitherError as error:
        print(f"\n{error}", file=sys.stderr)
        facts["error"] = str(error)
        return 1
    finally:
        facts["seconds"] = time.monotonic() - began
        (to / "gpu.json").write_text(json.dumps(facts, indent=1, default=str) + "\n")
        print(f"\nWritten to {to}: {', '.join(sorted(path.name for path in to.iterdir()))}", flush=True)


def _run(given: argparse.Namespace, to: Path, facts: dict[str, Any], began: float) -> int:
    device = choose_device(given.device)
    precision = BFLOAT16 if given.rehearse else choose_precision(given.precision, device)
    around = circumstances(device, precision=precision)
    facts["circumstances"] = around
    print(f"{around['machine']}, {precision}, torch {torch.__version__}", flush=True)
    if device.type != "cuda" and not given.rehearse:
        raise SwitherError(f"Expected a CUDA card, found {device.type}. Give --rehearse to try everything at toy size.")
    work = Path(given.work or tempfile.mkdtemp(prefix="swither-gpu-"))
    work.mkdir(parents=True, exist_ok=True)
    folders = given.data or ([_toy_shards(work / "toy")] if given.rehearse else [])
    shards = find_shards(folders, ("train", "test"))
    whole = _say_shards(shards, given, facts)
    wanted = whole or (shards.files and "checks" not in given.skip)  # what there is does for the checks
    dataset = _open(shards, work, given) if wanted else None
    model = ModelSettings("tiny", width=4) if given.rehearse else ModelSettings("resnet18")
    checked = True
    if "checks" not in given.skip:
        checked = _check(dataset, model, device, given, facts)
    best = Variant(STEPS if device.type == "cuda" else NO_GRAPHS, 1, given.shared)
    if "timing" not in given.skip:
        best = _time(model, device, precision, work, given, facts) or best
    best = replace(best, graphs=given.graphs or best.graphs, runs=given.jobs or best.runs)
    if dataset is not None and "checks" not in given.skip and best.graphs != NO_GRAPHS:
        best = _trusted(best, dataset, model, device, precision, facts)
    if "cells" in given.skip:
        return 0 if checked else 1
    if dataset is None or not whole or not checked:
        why = "the card's results differ from the CPU's by more than they may" if whole else "shards are missing"
        print(f"\nNo paper cell was started: {why}.", flush=True)
        return 1
    return _cells(dataset, best, precision, to, work, given, facts, began)


def _say_shards(shards: Shards, given: argparse.Namespace, facts: dict[str, Any]) -> bool:
    """Say what there is; whether that is everything."""
    wanted = TOY_ROWS if given.rehearse and not given.data else {}
    if not wanted and not given.rehearse:
        wanted = {"train": EXPECTED[given.dataset].train, "test": EXPECTED[given.dataset].test}
    print("\ndata shards", flush=True)
    for file in shards.files:
        print(f"  seen     {file} ({file.stat().st_size / 2**20:.1f} MiB)")
    for name in shards.missing:
        print(f"  MISSING  {name}")
    short = {part: rows - shards.rows.get(part, 0) for part, rows in wanted.items() if shards.rows.get(part, 0) != rows}
    for part, rows in short.items():
        print(f"  {part}: {shards.rows.get(part, 0):,} rows, {rows:,} missing")
    facts["shards"] = {
        "seen": [file.name for file in shards.files],
        "missing": list(shards.missing),
        "rows": shards.rows,
        "missing rows": short,
    }
    return bool(shards.files) and not shards.missing and not short


def _open(shards: Shards, work: Path, given: argparse.Namespace) -> Dataset:
    joined = work / "data" / given.dataset
    shutil.rmtree(joined, ignore_errors=True)
    joined.mkdir(parents=True)
    for file in shards.files:
        (joined / file.name).symlink_to(file.resolve())
    began = time.monotonic()
    dataset = open_dataset(DataSettings(str(joined), cache=str(work / "cache")))
    print(
        f"  {len(dataset.train):,} + {len(dataset.test):,} images opened in {time.monotonic() - began:.1f} s",
        flush=True,
    )
    return dataset


def _check(
    dataset: Dataset | None,
    model: ModelSettings,
    device: torch.device,
    given: argparse.Namespace,
    facts: dict[str, Any],
) -> bool:
    print("\nthe card beside the CPU", flush=True)
    if dataset is None:
        print("  not checked: there are no images", flush=True)
        return True
    labelled, pool = (40, 30) if given.rehearse else (2000, 1000)
    checks = check_card(
        sample(dataset.train, labelled),
        sample(dataset.train, pool, after=labelled),
        model,
        device,
        epochs=2 if given.rehearse else 8,
        threads=1 if given.rehearse else os.cpu_count() or 1,
    )
    _say_checks(checks, facts)
    if device.type == "cuda":
        torch.cuda.empty_cache()  # for the runs, which are processes of their own
    decided = [check for check in checks if not (given.rehearse and BFLOAT16 in check.name)]  # a toy is too undecided
    return all(check.passed for check in decided)


def _say_checks(checks: Sequence[Check], facts: dict[str, Any]) -> None:
    for check in checks:
        print(f"  {check.line()}", flush=True)
    facts.setdefault("checks", []).extend(check.facts() for check in checks)


def _trusted(
    best: Variant, dataset: Dataset, model: ModelSettings, device: torch.device, precision: str, facts: dict[str, Any]
) -> Variant:
    """`best`; with steps launched one by one where captured ones cannot be had, or train otherwise."""
    checks = check_captured_steps(sample(dataset.train, BATCH), model, device, best.graphs, (FLOAT32, precision))
    _say_checks(checks, facts)
    torch.cuda.empty_cache()
    if all(check.passed for check in checks):
        return best
    print("  steps are launched one by one: right, and slower; give --graphs no where checks are skipped", flush=True)
    return replace(best, graphs=NO_GRAPHS)


def _time(
    model: ModelSettings,
    device: torch.device,
    precision: str,
    work: Path,
    given: argparse.Namespace,
    facts: dict[str, Any],
) -> Variant | None:
    variants = (
        (Variant(NO_GRAPHS, 1, batch_size=16), Variant(NO_GRAPHS, 2, batch_size=16)) if given.rehearse else VARIANTS
    )
    setting = Setting(model, (32, 32, 3), 10, device.type, precision)
    if given.rehearse:
        setting = replace(setting, images=64, seconds=0.2)
    operations = operations_of(setting)
    print(f"\nimages a second, and the share of the floor ({operations / 1e9:.2f} GFLOP forward)", flush=True)
    timed: list[Timed] = []
    began = time.monotonic()
    for variant in variants:
        if time.monotonic() - began > given.timing_seconds:
            print(f"  {variant.words}: not timed, the {given.timing_seconds:.0f} s for it are over", flush=True)
            continue
        one = time_variant(setting, variant, work)
        timed.append(one)
        print(f"  {_row(one, operations)}", flush=True)
        if one.by_chunk:
            said = ", ".join(f"{rate:,.0f} in {chunk}s" for chunk, rate in one.by_chunk.items())
            print(f"    recording by chunk: {said}", flush=True)
    facts["operations_forward"] = operations
    facts["timing"] = [one.facts(operations) for one in timed]
    same_batch = [one for one in timed if one.variant.batch_size == variants[0].batch_size]
    best = best_of(same_batch)
    if best is not None:
        print(f"  taken for the cells: {best.words}", flush=True)
        facts["taken"] = best.words
    return best


def _row(one: Timed, operations: float) -> str:
    if one.failed:
        return f"{one.variant.words}: failed: {one.failed.strip().splitlines()[-1]}"
    facts = one.facts(operations)
    return (
        f"{one.variant.words}: training {one.training:,.0f} ({facts['training_share_of_floor']:.1%} of the floor, "
        f"{facts['training_share_of_goal']:.1%} of the goal), recording {one.recording:,.0f} "
        f"({facts['recording_share_of_floor']:.1%}, {facts['recording_share_of_goal']:.1%})"
    )


def _cells(
    dataset: Dataset,
    best: Variant,
    precision: str,
    to: Path,
    work: Path,
    given: argparse.Namespace,
    facts: dict[str, Any],
    began: float,
) -> int:
    out = work / f"paper-{given.dataset}"
    for file in given.results:
        merged = merge_cells(file, out)
        print(f"\n{file}: {len(merged.new)} new cells, {len(merged.longer)} longer", flush=True)
    known = states_of(out) if given.results else {}  # whoever gave these has them
    left = given.minutes * 60 - (time.monotonic() - began) - PACKING_SECONDS
    threads = 1 if given.rehearse else THREADS
    how = {"jobs": best.runs, "threads": threads, "device": given.device, "precision": precision, "graphs": best.graphs}
    run = _toy_run(dataset, out, how) if given.rehearse else _paper_run(dataset, out, how, given)
    print(f"\npaper cells for {left:.0f} s, {best.words}", flush=True)
    try:
        with multi_process_service(work) if best.shared else nullcontext():
            outcome = run_cells(run, best.runs, left, facts["command"], given.cycles_now)
        facts["cells"] = vars(outcome)
        print(f"{plural(len(outcome.finished), 'cycle')} finished now", flush=True)
    finally:  # whatever happened: what has finished must not be lost with the machine
        if cell_folders(out):
            files = pack_cells(out, to / "results.zip", largest=LARGEST_FILE, known=known)
            facts["packed"] = [file.name for file in files]
            print(f"packed into {plural(len(files), 'file')}", flush=True)
    return 1 if outcome.failures else 0


def _paper_run(dataset: Dataset, out: Path, how: dict[str, Any], given: argparse.Namespace) -> PaperRun:
    nesterov = None if given.nesterov is None else given.nesterov == "yes"
    asked = {"weight_decay": given.weight_decay, "batch_size": given.batch_size, "nesterov": nesterov}
    return prepare_paper(
        given.dataset,
        out,
        data=Path("data") / given.dataset,  # opened already
        methods=given.methods,
        cells=given.cells,
        images=dataset,
        checkpoint_seconds=30.0,
        recipe={name: value for name, value in asked.items() if value is not None},
        **how,
    )


def _toy_run(dataset: Dataset, out: Path, how: dict[str, Any]) -> PaperRun:
    settings = paper_settings(
        "cifar10",
        "small",
        train_images=100,
        seeds=1,
        initial="20",
        step="10",
        cycles=1,
        acquisitions=("random", "margin", "dispersion"),
        model={"name": "tiny", "width": 4},
        recipe={"epochs": 2, "least_steps": 0},
        **how,
    )
    return PaperRun("cifar10", settings, out, dataset, {"weight_decay": (5e-4, 0.0)})


def _toy_shards(folder: Path) -> Path:
    """A few images of noise in the layout of the real ones."""
    import pyarrow as pa
    import pyarrow.parquet as pq
    from PIL import Image

    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    draw = np.random.default_rng(0)
    for part, rows in TOY_ROWS.items():
        images, labels = [], np.arange(rows) % 4
        for label in labels:
            pixels = draw.integers(60 * label, 60 * label + 70, (32, 32, 3)).astype(np.uint8)
            file = folder / "image.png"
            Image.fromarray(pixels).save(file)
            images.append({"bytes": file.read_bytes(), "path": None})
        kind = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
        table = pa.table({"img": pa.array(images, kind), "label": pa.array(labels)})
        pq.write_table(table, folder / f"{part}-00000-of-00001.parquet")
    (folder / "image.png").unlink()
    return folder


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", choices=sorted(EXPECTED), nargs="?", default="cifar10")
    parser.add_argument("--data", type=Path, nargs="+", default=[], help="folders with the data's shards")
    parser.add_argument("--results", type=Path, nargs="*", default=[], help="packs of earlier calls, to go on from")
    parser.add_argument("--to", type=Path, help="folder for what is written (default: $OUT, else gpu-out)")
    parser.add_argument("--work", type=Path, help="folder to work in; kept, to go on in (default: a temporary one)")
    parser.add_argument("--minutes", type=float, default=9.0, help="for everything (default: 9)")
    parser.add_argument("--timing-seconds", type=float, default=150.0, help="of them for timing (default: 150)")
    parser.add_argument("--skip", nargs="*", default=[], choices=["checks", "timing", "cells"])
    parser.add_argument("--jobs", type=int, help="runs side by side, in place of the quickest")
    parser.add_argument("--graphs", choices=[NO_GRAPHS, STEPS, COMPILED], help="in place of the quickest")
    parser.add_argument("--shared", action="store_true", help="with NVIDIA's multi-process service, if not timed")
    parser.add_argument("--precision", choices=["float32", "bfloat16"])
    parser.add_argument("--device", help="cuda, cuda:1, cpu")
    parser.add_argument("--methods", nargs="*", default=[], help="only these of the paper's methods")
    parser.add_argument("--cells", nargs="*", default=[], help="only these cells, such as margin--seed0")
    parser.add_argument("--weight-decay", type=float, help="take this one, and choose only what else is open")
    parser.add_argument("--batch-size", type=int, help="take this one, likewise")
    parser.add_argument("--nesterov", choices=["yes", "no"], help="take it or not, likewise")
    parser.add_argument("--cycles-now", type=int, help=argparse.SUPPRESS)  # ends as if the time were up then: for tests
    parser.add_argument("--rehearse", action="store_true", help="every step at toy size")
    return parser


if __name__ == "__main__":
    sys.exit(main())
