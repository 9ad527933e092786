"""VAAL's likelihoods as artifacts: each lies in a folder named by a key of its inputs and is made once.

VAAL never looks at the classifier or at a label, so the key holds the images' shape and ids (hashes of their
content), VAAL's settings, seed and cycle, and neither model nor recipe. In the folder: ``likelihoods.npz`` and, written
last, ``vaal.json`` with the log. A folder without it is unfinished and is gone on with from its checkpoint; one whose
files do not read back, or that another kind of device made, is renamed aside and made again. The networks are not kept:
nothing is asked of them again.
"""

from __future__ import annotations

import time
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from swither._version import __version__
from swither.arrays import FloatArray
from swither.data.image_set import ImageSet
from swither.errors import DamagedState, InputError
from swither.files import file_checksum, key_of, locked, read_json, remove_temporary, write_atomically, write_json
from swither.loop.interruption import (
    CHECKPOINT,
    forget_interruption,
    of_another_device,
    set_aside_with_warning,
    threads_as_begun,
)
from swither.loop.settings import Execution
from swither.randomness import derive
from swither.training.device import choose_device, circumstances, use_threads
from swither.training.vaal import fit_vaal
from swither.training.vaal_scoring import labelled_likelihood
from swither.training.vaal_settings import VAAL_VERSION, VaalSettings

LikelihoodProgress = Callable[[int, int], None]
"""Called now and then with how many iterations are done and how many there will be."""

FORMAT = "swither likelihoods"
VERSION = 1


@dataclass(frozen=True)
class LikelihoodTask:
    """The inputs of one training of VAAL; equal inputs have equal keys.

    Attributes:
        labelled: the labelled images; their labels do not count.
        candidates: the unlabelled images, in any order.
        settings: of VAAL.
        seed: of the cycle; everything drawn derives from it.
    """

    labelled: ImageSet
    candidates: ImageSet
    settings: VaalSettings
    seed: int

    @property
    def key(self) -> str:
        """Names the artifact's folder."""
        sides = [sorted(map(str, images.ids)) for images in (self.labelled, self.candidates)]
        shape = list(self.labelled.image_shape)
        return key_of("vaal", VAAL_VERSION, shape, asdict(self.settings), self.seed, *sides)


@dataclass(frozen=True)
class Likelihoods:
    """What VAAL says of the candidates.

    Attributes:
        values: (candidates,) float64, D(mu): how likely each is taken for labelled, in the task's order.
        log: the training's, see `swither.training.vaal.FittedVaal`.
        seconds: what training and scoring took.
    """

    values: FloatArray
    log: tuple[Mapping[str, float], ...]
    seconds: float

    @property
    def diagnostics(self) -> dict[str, Any]:
        """What a batch keeps of it, as JSON values."""
        return {"vaal": [dict(point) for point in self.log], "vaal_seconds": self.seconds}


class LikelihoodStore:
    """The folder of all likelihoods, shared by every learner whose queries may be equal.

    Args:
        folder: of the artifacts.
        execution: how and where to train.
    """

    def __init__(self, folder: Path, execution: Execution) -> None:
        self.folder = folder / "vaal"
        self.execution = execution

    def get(self, task: LikelihoodTask, progress: LikelihoodProgress | None = None) -> Likelihoods:
        """The likelihoods of `task`, from disk where they are finished, else made now."""
        if not task.labelled.has_pixels:
            raise InputError("VAAL learns to draw the images, but these are embeddings alone. Choose another method.")
        folder = self.folder / task.key
        with locked(folder.with_suffix(".lock"), wait=True):
            remove_temporary(folder)
            found = _load_if_whole(folder, task)
            elsewhere = self._elsewhere(folder) if found else None
            if elsewhere:
                set_aside_with_warning(folder, elsewhere)
            elif found:
                return found
            self._make(task, folder, progress)
            return _load(folder, task)

    def find(self, task: LikelihoodTask) -> Likelihoods | None:
        """The likelihoods of `task` as they lie on disk; None where `get` would make them. Nothing is trained."""
        folder = self.folder / task.key
        if not folder.exists():
            return None
        with locked(folder.with_suffix(".lock"), wait=True):
            found = _load_if_whole(folder, task)
            return None if found and self._elsewhere(folder) else found

    def _elsewhere(self, folder: Path) -> InputError | None:
        facts = read_json(folder / "vaal.json", FORMAT, VERSION)
        return of_another_device(folder, facts, choose_device(self.execution.device).type)

    def _make(self, task: LikelihoodTask, folder: Path, progress: LikelihoodProgress | None) -> None:
        device = choose_device(self.execution.device)
        now = {**circumstances(device, deterministic=self.execution.deterministic), "swither": __version__}
        pool, labelled = _in_id_order(task.candidates), _in_id_order(task.labelled)
        with use_threads(threads_as_begun(folder, now, self.execution.threads)):
            fitted = fit_vaal(
                labelled,
                pool,
                task.settings,
                seed=derive(task.seed, "vaal"),
                device=device,
                checkpoint=folder / CHECKPOINT,
                checkpoint_seconds=self.execution.checkpoint_seconds,
                deterministic=self.execution.deterministic,
                progress=progress,
            )
            began = time.perf_counter()
            values = labelled_likelihood(
                fitted, pool, task.settings, seed=derive(task.seed, "vaal scoring"), device=device
            )
            scoring = time.perf_counter() - began
        path = folder / "likelihoods.npz"
        write_atomically(path, partial(np.savez, ids=pool.ids, likelihoods=values))
        facts = {
            "settings": asdict(task.settings),
            "log": [dict(point) for point in fitted.log],
            "seconds": fitted.seconds + scoring,
            "checksum": file_checksum(path),
            "circumstances": now,
        }
        write_json(folder / "vaal.json", FORMAT, VERSION, facts)
        forget_interruption(folder)


def _load_if_whole(folder: Path, task: LikelihoodTask) -> Likelihoods | None:
    """None where they are not finished; what does not read back is set aside."""
    if not (folder / "vaal.json").exists():
        return None
    try:
        return _load(folder, task)
    except (DamagedState, KeyError, ValueError, OSError, zipfile.BadZipFile) as error:
        set_aside_with_warning(folder, error)
        return None


def _load(folder: Path, task: LikelihoodTask) -> Likelihoods:
    facts = read_json(folder / "vaal.json", FORMAT, VERSION)
    path = folder / "likelihoods.npz"
    if file_checksum(path) != facts["checksum"]:
        raise DamagedState(f"{path} is damaged: its content does not match the checksum written with it.")
    with np.load(path) as arrays:
        known = dict(zip(arrays["ids"].tolist(), arrays["likelihoods"].tolist(), strict=True))
    values = np.array([known[str(i)] for i in task.candidates.ids])
    return Likelihoods(values, tuple(facts["log"]), facts["seconds"])


def _in_id_order(images: ImageSet) -> ImageSet:
    return images.take(np.argsort(images.ids, kind="stable"))
