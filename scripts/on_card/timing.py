"""How many images a second, of training and of recording, with one, two or three runs side by side on one card.

Every run is a process that trains the real network with the real `fit` on random pixels, and then asks it for the
labels of a pool with the recorder's own pass. All begin together when the last is warm. Beside each figure stands the
share of the floor: what the card's arithmetic alone would take.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import shutil
import subprocess
import time
import traceback
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from swither.data import ImageSet, Normalisation
from swither.models import ModelSettings, build_model
from swither.training import Recipe, fit, use_threads
from swither.training.clean_pass import predict_top
from swither.training.device import quick_convolutions
from swither.training.graphs import GraphWarning

FLOOR = 790e12
"""Operations a second in bfloat16: a matrix product at its best on one H200."""
GOAL = 281e12
"""What all of the paper within an hour of one card asks for, sustained."""

BARRIER_SECONDS = 120.0
"""A run waits so long for the others to be warm: the compiler takes about a minute."""
LIMIT_SECONDS = 150.0
"""After so many a variant has failed, whatever it waits for."""


@dataclass(frozen=True)
class Variant:
    """One way to compute.

    Attributes:
        graphs: as in `swither.training.graphs`.
        runs: processes side by side.
        shared: whether they share the card through NVIDIA's multi-process service, instead of taking turns.
        batch_size: of training.
        chunks: images computed at once in recording, to be compared beside the usual number.
    """

    graphs: str
    runs: int
    shared: bool = False
    batch_size: int = 128
    chunks: tuple[int, ...] = ()

    @property
    def words(self) -> str:
        """For the screen."""
        how = {"no": "one by one", "steps": "captured", "compiled": "compiled"}[self.graphs]
        return f"{how}, {self.runs} side by side{', shared' if self.shared else ''}, batch {self.batch_size}"


@dataclass(frozen=True)
class Timed:
    """Images a second of all runs together; None where a variant failed, with the reason."""

    variant: Variant
    training: float | None
    recording: float | None
    failed: str = ""
    by_chunk: dict[int, float] = field(default_factory=dict)

    def facts(self, operations: float) -> dict[str, Any]:
        """For the file, with shares of floor and goal.

        Args:
            operations: of one forward pass of one image.
        """
        facts: dict[str, Any] = asdict(self)
        for name, images, passes in (("training", self.training, 3), ("recording", self.recording, 1)):
            if images is not None:
                facts[f"{name}_share_of_floor"] = images * passes * operations / FLOOR
                facts[f"{name}_share_of_goal"] = images * passes * operations / GOAL
        return facts


@dataclass(frozen=True)
class Setting:
    """What every variant trains.

    Attributes:
        model: the network.
        image_shape: height, width and channels.
        classes: number of classes.
        device: where.
        precision: of the network.
        images: trained on in an epoch, and in the pool.
        seconds: measured for training, and again for recording.
    """

    model: ModelSettings
    image_shape: tuple[int, int, int]
    classes: int
    device: str
    precision: str
    images: int = 10_240
    seconds: float = 4.0


def operations_of(setting: Setting) -> float:
    """Multiplications and additions of one forward pass of one image, counted by torch."""
    from torch.utils.flop_counter import FlopCounterMode

    network = build_model(setting.model, setting.image_shape, setting.classes, seed=0).eval()
    height, width, channels = setting.image_shape
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        network(torch.zeros(1, channels, height, width))
    return float(counter.get_total_flops())


def time_variant(setting: Setting, variant: Variant, scratch: Path) -> Timed:
    """Start the processes of a variant, and add up what they manage."""
    context = multiprocessing.get_context("spawn")
    barrier, answers = context.Barrier(variant.runs), context.SimpleQueue()
    with multi_process_service(scratch) if variant.shared else contextlib.nullcontext(True) as works:
        if not works:
            return Timed(variant, None, None, "the multi-process service cannot be started here")
        runs = [context.Process(target=_run, args=(setting, variant, barrier, answers)) for _ in range(variant.runs)]
        for run in runs:
            run.start()
        found = _collect(runs, answers)
        for run in runs:
            run.join(timeout=20)
            if run.is_alive():
                run.kill()
    failed = next((str(one) for one in found if isinstance(one, str)), "")
    if failed or len(found) < variant.runs:
        return Timed(variant, None, None, failed or "a process died")
    return Timed(variant, sum(one[0] for one in found), sum(one[1] for one in found), by_chunk=found[0][2])


def best_of(timed: Sequence[Timed]) -> Variant | None:
    """The variant that is through soonest with the paper's mix: 240 million images trained on, 99 million recorded."""

    def seconds(one: Timed) -> float:
        assert one.training is not None
        assert one.recording is not None
        return 240e6 / one.training + 99e6 / one.recording

    whole = [one for one in timed if one.training and one.recording]
    return min(whole, key=seconds).variant if whole else None


@contextlib.contextmanager
def multi_process_service(scratch: Path) -> Iterator[bool]:
    """Start NVIDIA's multi-process service for this process's children; whether that worked.

    It lets kernels of several processes run at once. It is a process of its own, ended afterwards; no setting of the
    card is changed.
    """
    program = shutil.which("nvidia-cuda-mps-control")
    if program is None:
        yield False
        return
    places = {"CUDA_MPS_PIPE_DIRECTORY": scratch / "mps", "CUDA_MPS_LOG_DIRECTORY": scratch / "mps-log"}
    before = {name: os.environ.get(name) for name in places}
    for name, folder in places.items():
        folder.mkdir(parents=True, exist_ok=True)
        os.environ[name] = str(folder)
    try:
        started = subprocess.run([program, "-d"], capture_output=True, timeout=30, check=False).returncode == 0
        yield started
        if started:
            subprocess.run([program], input=b"quit\n", capture_output=True, timeout=30, check=False)
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


class _Enough(Exception):
    """Ends a training that was only begun for its clock."""


class _Clock:
    """An observer that counts images from the moment when all runs are warm."""

    def __init__(self, images: int, seconds: float, barrier: Any) -> None:
        self._images, self._seconds, self._barrier = images, seconds, barrier
        self._began = 0.0
        self.rate = 0.0

    def after_batch(self, ids: object, labels: object, logits: object) -> None:
        """Nothing."""

    def after_epoch(self, epoch: int, model: object) -> None:  # noqa: ARG002
        """Begin after the first epoch; end when the time is up. The epoch's loss was looked at, so it is computed."""
        now = time.perf_counter()
        if epoch == 1:
            self._barrier.wait(BARRIER_SECONDS)
            self._began = time.perf_counter()
        elif now - self._began >= self._seconds:
            self.rate = (epoch - 1) * self._images / (now - self._began)
            raise _Enough

    def resume(self, epochs: int) -> None:
        """Nothing to forget."""


def _run(setting: Setting, variant: Variant, barrier: Any, answers: Any) -> None:
    try:
        warnings.simplefilter("error", GraphWarning)  # steps that were not captured are not timed as captured ones
        with use_threads(1):
            answers.put(_rates(setting, variant, barrier))
    except Exception:
        barrier.abort()
        answers.put(traceback.format_exc(limit=-3))


def _rates(setting: Setting, variant: Variant, barrier: Any) -> tuple[float, float, dict[int, float]]:
    draw = np.random.default_rng(0)
    pixels = draw.integers(0, 256, (setting.images, *setting.image_shape), dtype=np.uint8)
    ids = np.array([f"{number:06}" for number in range(setting.images)])
    labels = np.arange(setting.images, dtype=np.int64) % setting.classes
    images = ImageSet(pixels, np.arange(setting.images), ids, labels, tuple(map(str, range(setting.classes))), ids)
    network = build_model(setting.model, setting.image_shape, setting.classes, seed=0)
    normalisation = Normalisation.of(images)
    endless = Recipe(epochs=10**6, batch_size=variant.batch_size, least_steps=0)
    endless = replace(endless, least_batch_size=min(endless.least_batch_size, variant.batch_size))
    clock = _Clock(setting.images, setting.seconds, barrier)
    with contextlib.suppress(_Enough):
        fit(
            network,
            images,
            endless,
            seed=0,
            device=setting.device,
            normalisation=normalisation,
            observers=[clock],
            precision=setting.precision,
            graphs=variant.graphs,
        )

    def recording(chunk: int | None, seconds: float, ready: Callable[[], object]) -> float:
        def record() -> None:
            predict_top(network, images, normalisation, device=device, precision=setting.precision, chunk=chunk)

        record()
        ready()
        began, passes = time.perf_counter(), 0
        while (now := time.perf_counter()) - began < seconds:
            record()
            passes += 1
        return passes * setting.images / (now - began)

    device = torch.device(setting.device)
    with quick_convolutions(device):
        together = recording(None, setting.seconds, lambda: barrier.wait(BARRIER_SECONDS))
        by_chunk = {chunk: recording(chunk, setting.seconds / 4, lambda: None) for chunk in variant.chunks}
    return clock.rate, together, by_chunk


def _collect(runs: Sequence[Any], answers: Any) -> list[Any]:
    """An answer of every process, or of those that lived to give one."""
    found: list[Any] = []
    began = time.monotonic()
    while len(found) < len(runs):
        if time.monotonic() - began > LIMIT_SECONDS:
            for run in runs:
                run.kill()
            return [*found, f"no answer within {LIMIT_SECONDS:.0f} s"]
        if not answers.empty():
            found.append(answers.get())
        elif not any(run.is_alive() for run in runs):
            while not answers.empty():
                found.append(answers.get())
            break
        else:
            time.sleep(0.05)
    return found
