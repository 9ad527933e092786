"""The formats that labels can be exported to, and the door to all of them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from swither.errors import InputError, UnknownName
from swither.files import make_folder, room_for
from swither.project.exporting.rows import Exported

if TYPE_CHECKING:
    from swither.project.project import Project


@dataclass(frozen=True)
class Format:
    """One way to write labels.

    Attributes:
        name: on the command line.
        title: for people.
        suffix: of the file; "" where it is a folder.
        media: the file's type on the web; "" for a folder.
        function: what writes it, as ``module:function`` of this package.
        options: what it takes besides.
        summary: what is in it.
    """

    name: str
    title: str
    suffix: str
    media: str
    function: str
    summary: str
    options: tuple[str, ...] = ()

    @property
    def write(self) -> Callable[..., Exported]:
        """The function, loaded when it is needed."""
        module, _, name = self.function.partition(":")
        found: Callable[..., Exported] = getattr(import_module(f"swither.project.exporting.{module}"), name)
        return found


FORMATS: Mapping[str, Format] = {
    one.name: one
    for one in (
        Format("csv", "CSV", ".csv", "text/csv; charset=utf-8", "listing:write_csv", "a table, a line for each file"),
        Format(
            "jsonl",
            "JSON lines",
            ".jsonl",
            "application/jsonl",
            "listing:write_jsonl",
            "an object a line, one for each file",
        ),
        Format(
            "parquet",
            "Parquet in the hub's layout",
            "",
            "",
            "hub:write_hub",
            "a folder of Parquet files with the images in them, as Hugging Face's datasets reads it",
        ),
        Format(
            "folders",
            "folders by class",
            "",
            "",
            "class_folders:write_class_folders",
            "train/CLASS/image and test/CLASS/image, copies or links",
            ("links",),
        ),
        Format(
            "label-studio",
            "Label Studio JSON",
            ".json",
            "application/json",
            "label_studio:write_label_studio",
            "tasks with annotations, to be imported there",
            ("prefix",),
        ),
    )
}


def export(project: Project, name: str, out: Path | str, *, overwrite: bool = False, **options: Any) -> Exported:
    """Write the labels of a project to `out`, whole or not at all.

    Args:
        project: whose labels.
        name: of the format.
        out: the file or folder to write.
        overwrite: replace a file that is there; a folder is never replaced.
        **options: of the format.

    Returns:
        What was written, and what was left out and why.

    Raises:
        UnknownName: there is no such format.
        InputError: there are no labels, `out` is there already or lies among the images, or an option is not of this
            format.
    """
    if name not in FORMATS:
        raise UnknownName("format", name, FORMATS)
    form = FORMATS[name]
    for option in options:
        if option not in form.options:
            fitting = [other.name for other in FORMATS.values() if option in other.options]
            raise InputError(f"{option} is no option of {name}; it is one of {', '.join(fitting) or 'none'}.")
    target = Path(os.path.abspath(Path(out).expanduser()))
    ledger = project.ledger()
    if not ledger.labels and not ledger.declined_images:
        raise InputError(f"There are no labels in {project.folder} yet, so there is nothing to export.")
    if form.suffix:
        return _export_file(project, form, target, overwrite, options)
    return _export_folder(project, form, target, options)


def _export_file(project: Project, form: Format, target: Path, overwrite: bool, options: Mapping[str, Any]) -> Exported:
    if target.is_dir():
        target = target / f"labels{form.suffix}"
    if target.exists() and not overwrite:
        raise InputError(f"{target} is there already. Give another name, or --overwrite to replace it.")
    return form.write(project, target, **options)


def _export_folder(project: Project, form: Format, target: Path, options: Mapping[str, Any]) -> Exported:
    """Write beside the folder's place and rename at the end, so that half an export is never taken for a whole one."""
    images = project.images.resolve()
    if images == target.resolve() or images in target.resolve().parents:
        raise InputError(
            f"{target} lies in the folder of images {project.images}, so what is written there would be asked for as "
            "images. Give a folder elsewhere."
        )
    if target.exists() and not (target.is_dir() and not any(target.iterdir())):
        raise InputError(f"{target} is there already. Expected a folder that is empty or not there yet; give another.")
    make_folder(target.parent)
    partial = target.with_name(f".{target.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        with room_for(target):
            make_folder(partial)
            done = form.write(project, partial, **options)
            if target.is_dir():
                target.rmdir()
            partial.rename(target)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    return replace(done, out=target)
