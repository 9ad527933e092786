"""The trained model of a project, out of it again: a head with what it stands on, and one ONNX file with everything."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from swither._version import __version__
from swither.errors import DamagedState, InputError
from swither.files import flush_folder, require_writable, write_json
from swither.project.accuracy import accuracy_by_now
from swither.project.embedders import BackboneEmbedder, choose_embedder
from swither.project.model_file import CONFIG, HEAD, KIND, ONNX, VERSION, read_head
from swither.project.news import news_since
from swither.project.records import Cycle

if TYPE_CHECKING:
    from swither.models.feature_head import FeatureHead
    from swither.project.project import Project


def export_model(project: Project, out: Path, *, onnx: bool = True) -> list[Path]:
    """Write the model of the latest training, for `swither predict` and for other programs.

    In the folder: ``head.safetensors`` (the trained head), ``config.json`` (the backbone by name and checksum, how
    images are prepared, the classes in the order of the outputs, how much was labelled and how accurate it was), and
    ``model.onnx``: backbone and head in one file, pixels in, probabilities out, checked by ONNX Runtime against the
    network that it was made of.

    Args:
        project: whose.
        out: a folder that is not there, or is empty.
        onnx: whether the ONNX file is made too; needs the extra ``onnx``.

    Returns:
        The files.

    Raises:
        InputError: nothing has been trained, `out` has something in it, or the head stands on simple features and an
            ONNX file is asked for.
        MissingExtra: the extra ``onnx`` is not installed.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise InputError(f"Expected a new or an empty folder for the model, but {out} has something in it.")
    cycle = _latest(project)
    head, weights = _head(project, cycle)
    embedder = choose_embedder(project)
    if embedder.width != head.mean.shape[0]:
        raise InputError(
            f"The latest training stands on other embeddings ({head.mean.shape[0]} numbers) than the project has now "
            f"({embedder.width}). Train once more (swither label, or label some images), then export."
        )
    require_writable(out.parent)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}.") as name:
        folder = Path(name) / "model"
        folder.mkdir()
        shutil.copyfile(weights, folder / HEAD)
        config = _config(project, cycle, head, embedder)
        write_json(folder / CONFIG, KIND, VERSION, config)
        if onnx:
            from swither.project.onnx_model import write_onnx

            if not isinstance(embedder, BackboneEmbedder):
                raise InputError(
                    "An ONNX file holds the pretrained network, which is not installed: simple features stand in for "
                    f"it. {embedder.problem} Or export without ONNX."
                )
            write_onnx(folder / ONNX, embedder.backbone, head, config)
        if out.exists():
            out.rmdir()
        folder.rename(out)
    flush_folder(out.parent)
    return sorted(out.iterdir())


def since_training(project: Project) -> str:
    """What the model that would be exported still knows otherwise than the labels stand, in a sentence; "" if nothing.

    Args:
        project: whose.

    Raises:
        InputError: nothing has been trained.
    """
    words = news_since(project, _latest(project).events).outdated()
    if not words:
        return ""
    return f"Since its training: {words}; the model does not know that. Train again on the page for one that does."


def _latest(project: Project) -> Cycle:
    for cycle in reversed(project.store.cycles()):
        if cycle.training is not None:
            return cycle
    raise InputError(
        "Nothing has been trained in this project so far, so there is no model. Label images of two classes or more; "
        "a training begins by itself."
    )


def _head(project: Project, cycle: Cycle) -> tuple[FeatureHead, Path]:
    """The network of a cycle; its file says how wide it is."""
    path = project.derived("artifacts") / "training" / str(cycle.training) / "weights.safetensors"
    if not path.exists():
        raise DamagedState(
            f"The weights of the latest training are gone ({path}). Train once more: label some images, or press "
            "'train now' on the page."
        )
    return read_head(path), path


def _config(project: Project, cycle: Cycle, head: FeatureHead, embedder: Any) -> dict[str, Any]:
    names = {one.id: one.name for one in project.ledger().classes}
    backbone = {"features": embedder.description, "key": embedder.key, "side": embedder.side}
    if isinstance(embedder, BackboneEmbedder):
        backbone |= {
            "name": embedder.backbone.name,
            "checksum": embedder.backbone.checksum,
            "mean": list(embedder.backbone.mean),
            "deviation": list(embedder.backbone.deviation),
        }
    return {
        "classes": [names.get(class_id, class_id) for class_id in cycle.classes],
        "class_ids": list(cycle.classes),
        "backbone": backbone,
        "preparation": f"upright RGB, its centre square brought to {embedder.side} x {embedder.side} pixels (bicubic); "
        "images of fewer pixels both ways as they are, and enlarged as they are embedded (bilinear)",
        "head": {"width": int(head.mean.shape[0]), "hidden": 0 if head.hidden is None else head.embedding_width},
        "trained": {
            "labelled": cycle.labelled,
            "at": cycle.at,
            "accuracy": accuracy_by_now(project, cycle),
            "cycle": cycle.number,
        },
        "project": project.settings.name,
        "swither": __version__,
    }
