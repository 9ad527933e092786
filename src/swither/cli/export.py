"""``swither export``: the labels of a project, or its model, as files for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

if TYPE_CHECKING:
    from swither.project.project import Project

USAGE = "swither export FORMAT [FOLDER] --out OUT [OPTIONS]"

EXAMPLES = """Formats:

  csv            a table, a line for each file
  jsonl          an object a line, one for each file
  parquet        a folder of Parquet files with the images in them, as Hugging Face's datasets reads it
  folders        train/CLASS/image and test/CLASS/image, copies or links
  label-studio   JSON to be imported into Label Studio
  model          the trained model, for swither predict and, as one ONNX file, for any program

Examples:

  swither export csv photographs --out labels.csv
  swither export folders photographs --out sorted --links
  swither export model photographs --out model

Test images, drawn at random and never trained on, are marked in every format."""


def export(
    format: Annotated[str, Parameter(help="csv, jsonl, parquet, folders, label-studio or model.")],
    folder: Annotated[Path, Parameter(help="Folder of images, or the project's own; by default this one.")] = Path("."),
    /,
    *,
    out: Annotated[Path, Parameter(help="File or folder to write.")],
    overwrite: Annotated[bool, Parameter(help="Replace a file that is there; never a folder.", negative="")] = False,
    links: Annotated[bool, Parameter(help="For folders: links to the images, not copies.", negative="")] = False,
    prefix: Annotated[
        str | None, Parameter(help="For label-studio: what stands before each path.", show_default=False)
    ] = None,
    onnx: Annotated[
        bool, Parameter(help="For model: the ONNX file too; about 15 seconds.", negative="--no-onnx")
    ] = True,
) -> int:
    """Write the labels of a project, or its model, as files for other programs. The project stays as it is."""
    if format == "model":
        return _model(folder, out, onnx=onnx)
    from swither.cli.project_text import show, show_some
    from swither.errors import UnknownName, plural
    from swither.project.exporting.formats import FORMATS
    from swither.project.exporting.formats import export as write
    from swither.project.project import Project

    if format not in FORMATS:  # before a project is looked for: the folder may have been typed first
        raise UnknownName("format", format, (*FORMATS, "model"))
    options = {name: value for name, value in (("links", links or None), ("prefix", prefix)) if value is not None}
    with Project.open(folder) as project:
        done = write(project, format, out, overwrite=overwrite, **options)
        interface = _label_studio_interface(project) if format == "label-studio" else ()
    declined = f"; {done.declined:,} declined, listed with the reason" if done.declined else ""
    images = plural(done.train + done.test + done.neither, "labelled image")
    neither = f", {done.neither:,} in neither part" if done.neither else ""
    show(f"Written: {done.out}", f"{images}: {done.train:,} to train on, {done.test:,} to test on{neither}{declined}.")
    show_some(f"Left out ({len(done.left_out):,}):", done.left_out)
    show(*interface)
    return 0


def _label_studio_interface(project: Project) -> tuple[str, ...]:
    """What the tasks need in Label Studio's settings."""
    from swither.project.exporting.label_studio import labelling_config

    return ("Labelling interface of these tasks, for Label Studio's settings:", labelling_config(project).rstrip())


def _model(folder: Path, out: Path, *, onnx: bool) -> int:
    from swither.cli.project_text import show
    from swither.project.model_export import export_model, since_training
    from swither.project.project import Project

    with Project.open(folder) as project:
        files = export_model(project, out, onnx=onnx)
        outdated = since_training(project)
    show(f"Written: {', '.join(str(file) for file in files)}", f"Try it: swither predict {out} {folder}")
    if outdated:
        show(outdated)
    return 0
