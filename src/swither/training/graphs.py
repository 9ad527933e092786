"""Training steps as CUDA graphs: hundreds of small kernels launched at once, where launching them takes the time.

A step on small images is so short on a large GPU that the host cannot launch its kernels quickly enough. Captured
once, a step of a fixed batch size is replayed with other images; the last, smaller batch of an epoch is computed as
usual. ``"compiled"`` fuses the network's small operations with torch's compiler first, which takes a minute at the
start of a process and changes last bits.
"""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable, Iterable, Iterator

import torch
from torch import Tensor, nn

from swither.errors import InputError, UnknownName
from swither.models.network import Network

NO_GRAPHS, STEPS, COMPILED = "no", "steps", "compiled"
GRAPHS = (NO_GRAPHS, STEPS, COMPILED)
_WARM_UP = 3  # calls before the capture: libraries choose algorithms and take memory in them

Step = Callable[[Tensor], tuple[Tensor, ...]]


class GraphWarning(UserWarning):
    """Steps are not captured, though they should be; the message says why, and that they are computed as usual."""


def choose_graphs(name: str | None, device: torch.device | str, model: nn.Module | None = None) -> str:
    """How steps are launched: as asked for, else captured on CUDA and as usual elsewhere.

    A network that is not swither's own may decide on the host what it computes, which a captured step would not see:
    it is captured only where that is asked for.

    Args:
        name: ``"no"``, ``"steps"``, ``"compiled"`` or None.
        device: where the network is trained.
        model: the network; None for one of swither's.

    Raises:
        UnknownName: there is no such way.
        InputError: graphs are asked for on a device that has none.

    Example:
        >>> choose_graphs(None, "cpu"), choose_graphs(None, "cuda")
        ('no', 'steps')
    """
    kind = torch.device(device).type
    if name is not None and name not in GRAPHS:
        raise UnknownName("way to launch steps (graphs)", name, GRAPHS)
    if name is None:
        return STEPS if kind == "cuda" and (model is None or isinstance(model, Network)) else NO_GRAPHS
    if name != NO_GRAPHS and kind != "cuda":
        raise InputError(f"Graphs ({name}) need CUDA, but the device is {kind}. Leave graphs out, or give no.")
    return name


class CapturedStep:
    """A step as one CUDA graph: the same work on other inputs of the same shape.

    Making it runs the step a few times; what it changes is put back, so that it has not been taken.

    Args:
        step: takes one tensor on the card, never waits for the host, and gives tensors.
        example: an input.
        changed: every tensor that a step changes in place: weights, statistics, momentum, sums.
    """

    def __init__(self, step: Step, example: Tensor, changed: Iterable[Tensor]) -> None:
        self._input = example.clone()
        self._graph = torch.cuda.CUDAGraph()
        stream = torch.cuda.Stream(example.device)  # type: ignore[no-untyped-call]
        with unchanged(changed):
            stream.wait_stream(torch.cuda.current_stream(example.device))
            with torch.cuda.stream(stream):
                for _ in range(_WARM_UP):
                    step(self._input)
            torch.cuda.current_stream(example.device).wait_stream(stream)
            torch.cuda.synchronize(example.device)
            graph = torch.cuda.graph(self._graph, stream=stream, capture_error_mode="thread_local")
            with torch.cuda.stream(stream), graph:  # a capture that fails does not leave its stream by itself
                self._output = step(self._input)

    def __call__(self, given: Tensor) -> tuple[Tensor, ...]:
        """Take the step; the answer is overwritten by the next one."""
        self._input.copy_(given)
        self._graph.replay()
        return self._output


def captured(step: Step, example: Tensor, changed: Iterable[Tensor]) -> Step:
    """A `CapturedStep`, or `step` itself with a warning where it cannot be captured."""
    changed = list(changed)
    try:
        return CapturedStep(step, example, changed)
    except RuntimeError as error:
        _renew_generator(example.device)
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        warnings.warn(
            f"The training step could not be captured as a CUDA graph ({reason}); it is computed as usual, slower.",
            GraphWarning,
            stacklevel=2,
        )
        return step


def _renew_generator(device: torch.device) -> None:
    """Give the card's random numbers a new state: torch before 2.13 can hold the old one for still being captured."""
    if device.type == "cuda":
        index = torch.cuda.current_device() if device.index is None else device.index
        torch.cuda.default_generators[index].graphsafe_set_state(torch.Generator(device).graphsafe_get_state())


@contextlib.contextmanager
def unchanged(tensors: Iterable[Tensor]) -> Iterator[None]:
    """Put the values of `tensors` back afterwards, in place, also after an error.

    Example:
        >>> weights = torch.ones(2)
        >>> with unchanged([weights]):
        ...     weights += 1
        >>> weights.tolist()
        [1.0, 1.0]
    """
    before = [(tensor, tensor.detach().clone()) for tensor in tensors]
    try:
        yield
    finally:
        with torch.no_grad():
            for tensor, value in before:
                tensor.copy_(value)
