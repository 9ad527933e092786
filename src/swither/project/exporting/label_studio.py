"""Label Studio's JSON: one task for each answered image, to be imported into a project of its own."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from xml.sax.saxutils import quoteattr

from swither.files import write_atomically
from swither.project.exporting.listing import counted
from swither.project.exporting.rows import Answer, Exported, answers_of

if TYPE_CHECKING:
    from swither.project.project import Project

LOCAL_FILES = "/data/local-files/?d="
"""Where Label Studio serves files of its own disk; behind it stands a path relative to its document root."""


def write_label_studio(project: Project, out: Path, prefix: str = LOCAL_FILES) -> Exported:
    """Write tasks with annotations; declined images are cancelled ones.

    Args:
        project: whose labels.
        out: the file.
        prefix: what stands before the path of each image; Label Studio's document root is then the folder of images.
    """
    answers = answers_of(project)
    tasks = [_task(row, prefix) for row in answers.rows if row.paths]
    write_atomically(out, (json.dumps(tasks, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "surrogateescape"))
    left_out = tuple(f"{row.image}: no file is known" for row in answers.rows if not row.paths)
    done = counted(answers, out)
    return replace(done, left_out=left_out)


def labelling_config(project: Project) -> str:
    """The labelling interface that the tasks fit, for the settings of the project in Label Studio.

    Args:
        project: whose classes.
    """
    choices = "".join(f"    <Choice value={quoteattr(name)}/>\n" for name in answers_of(project).class_names)
    return (
        '<View>\n  <Image name="image" value="$image"/>\n  <Choices name="label" toName="image" choice="single">\n'
        f"{choices}  </Choices>\n</View>\n"
    )


def _task(row: Answer, prefix: str) -> dict[str, Any]:
    result = []
    if row.label is not None:
        value = {"choices": [row.label]}
        result = [{"from_name": "label", "to_name": "image", "type": "choices", "value": value}]
    annotation: dict[str, Any] = {"result": result, "was_cancelled": row.label is None, "created_at": row.at}
    if row.seconds is not None:
        annotation["lead_time"] = row.seconds
    data = {"image": prefix + quote(row.paths[0], errors="surrogateescape"), "path": row.paths[0], "part": row.part}
    meta = {"swither_image": row.image, "by": row.by, "declined": row.declined}
    return {"data": data, "meta": meta, "annotations": [annotation]}
