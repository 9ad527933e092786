"""``swither predict``: what an exported model says of a folder of images."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

EXAMPLES = """Examples:

  swither predict model photographs
      with the folder that swither export model wrote
  swither predict model/model.onnx photographs --out found.jsonl
      with the ONNX file alone; needs neither torch nor the backbone"""


def predict(
    model: Annotated[Path, Parameter(help="Folder of an exported model, or its ONNX file.")],
    folder: Annotated[Path, Parameter(help="Folder of images; sub-folders count.")],
    /,
    *,
    out: Annotated[Path, Parameter(help="File to write: .csv or .jsonl.")] = Path("predictions.csv"),
) -> int:
    """Predict the class of every image in a folder with a model that a project exported.

    Writes path, label, confidence and the probability of each class; a file that cannot be read is listed with the
    reason. Nothing is written until all are done.
    """
    from rich.console import Console

    from swither.cli.live import Preparing
    from swither.errors import plural
    from swither.project.prediction import predict_folder

    console = Console(stderr=True)
    with Preparing(console) as screen:
        summary = predict_folder(model, folder, out, progress=screen.stage)
    lines = [f"{plural(summary.images, 'image')} predicted, written to {out}"]
    lines += [f"  {label}: {count:,}" for label, count in summary.counts.items()]
    if summary.problems:
        lines.append(f"{plural(summary.problems, 'file')} could not be read; the column `problem` says why")
    Console().print("\n".join(lines), markup=False, highlight=False, soft_wrap=True)
    return 0
