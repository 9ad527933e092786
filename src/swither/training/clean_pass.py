"""The one clean pass: images as they are, every module in evaluation mode, nothing changed by looking.

Whatever swither predicts goes through here: recording, scoring, evaluating. Chunks have one fixed size, the last
one padded, because another size sums in another order: so an image's prediction does not depend on how many
images come after it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from torch import Tensor, nn

from swither.arrays import FloatArray, IntArray
from swither.data.augmentation import Normalisation, to_tensor
from swither.data.image_set import ImageSet
from swither.errors import InputError
from swither.models.feature_head import FeatureHead
from swither.models.network import logits_and_embeddings
from swither.models.seeded import seeded
from swither.training.chunk import usual_chunk
from swither.training.images_on_device import lies_on_device, pixels_on_device, rows_on_device
from swither.training.precision import FLOAT32, autocast

Prepare = Callable[[Tensor], Tensor]
"""Pixels (chunk, height, width, channels) uint8 to a network's input (chunk, channels, height, width)."""


@dataclass(frozen=True)
class Prediction:
    """What a network answers for every image of a set.

    Attributes:
        logits: (samples, classes) float32.
        embeddings: (samples, width) float32.
    """

    logits: FloatArray
    embeddings: FloatArray

    @property
    def labels(self) -> IntArray:
        """(samples,) the most probable classes, int64; the lower number wins a tie."""
        return most_probable(self.logits)

    @property
    def probabilities(self) -> FloatArray:
        """(samples, classes) float32, each row summing to 1."""
        return softmax(self.logits)


def clean_pass(
    model: nn.Module,
    images: ImageSet,
    normalisation: Normalisation,
    *,
    device: torch.device | str | None = None,
    chunk: int | None = None,
    precision: str = FLOAT32,
    prepare: Prepare | None = None,
) -> Iterator[tuple[slice, Tensor, Tensor]]:
    """Go through a set of images without leaving a trace on the network or on any random state.

    While a chunk is computed every module is in evaluation mode (dropout off, BatchNorm on its running
    statistics, which stay as they are) and no gradient is kept. Between chunks, after the last and after an
    error each module has its own mode again, so whoever consumes the chunks sees the network as it was.

    Args:
        model: answers (logits, embeddings), see `swither.models.Network`.
        images: in the order in which they are to be answered.
        normalisation: the one that the network was trained with.
        device: where the network is; None looks at its first weight.
        chunk: images computed at once; None: the device's usual number. Another size may give other last bits, so
            keep one size for results that are to be compared.
        precision: what the network computes in, see `swither.training.precision`.
        prepare: makes a chunk's input of its pixels; None only normalises them, as for everything that is scored.

    Yields:
        Positions in `images` as a slice, their logits (positions, classes) and their embeddings
        (positions, width), float32 on the device.

    Example:
        >>> import numpy as np
        >>> from swither.data import ImageSet, Normalisation
        >>> from swither.models import ModelSettings, build_model
        >>> pixels = np.zeros((200, 8, 8, 1), dtype=np.uint8)
        >>> ids = np.array([f"{i:03}" for i in range(200)])
        >>> images = ImageSet(pixels, np.arange(200), ids, np.zeros(200, dtype=np.int64), ("a", "b"), ids)
        >>> network = build_model(ModelSettings("tiny"), (8, 8, 1), classes=2, seed=0)
        >>> normalisation = Normalisation(mean=(0.5,), deviation=(0.25,))
        >>> [tuple(logits.shape) for _, logits, _ in clean_pass(network, images, normalisation)]
        [(128, 2), (72, 2)]
    """
    device = device_of(model) if device is None else torch.device(device)
    for taken, prepared in chunks(images, normalisation, device, chunk, prepare):
        with untouched(model, device), autocast(precision, device):
            logits, embeddings = logits_and_embeddings(model, prepared)
        kept = taken.stop - taken.start
        yield taken, logits[:kept].float().clone(), embeddings[:kept].float().clone()


def predict(
    model: nn.Module,
    images: ImageSet,
    normalisation: Normalisation,
    *,
    device: torch.device | str | None = None,
    chunk: int | None = None,
    precision: str = FLOAT32,
) -> Prediction:
    """Logits and embeddings of all images through the clean pass; see `clean_pass` for the arguments.

    Raises:
        InputError: the network answers NaN or infinity.
    """
    logits, embeddings = [], []
    passed = clean_pass(model, images, normalisation, device=device, chunk=chunk, precision=precision)
    for _, some_logits, some_embeddings in passed:
        logits.append(some_logits)
        embeddings.append(some_embeddings)
    return Prediction(
        require_finite(together(logits, images.classes)),
        together(embeddings, int(getattr(model, "embedding_width", 0))),
    )


def predict_logits(
    model: nn.Module,
    images: ImageSet,
    normalisation: Normalisation,
    *,
    device: torch.device | str | None = None,
    chunk: int | None = None,
    precision: str = FLOAT32,
    prepare: Prepare | None = None,
) -> FloatArray:
    """Logits (samples, classes), float32, through the clean pass; fetched from the device once, at the end."""
    passed = _logits(model, images, normalisation, device=device, chunk=chunk, precision=precision, prepare=prepare)
    return require_finite(together(list(passed), images.classes))


def predict_labels(
    model: nn.Module,
    images: ImageSet,
    normalisation: Normalisation,
    *,
    device: torch.device | str | None = None,
    chunk: int | None = None,
    precision: str = FLOAT32,
) -> IntArray:
    """The most probable class of every image: (samples,) int64; the lower number wins a tie."""
    return most_probable(predict_logits(model, images, normalisation, device=device, chunk=chunk, precision=precision))


def predict_probabilities(
    model: nn.Module,
    images: ImageSet,
    normalisation: Normalisation,
    *,
    device: torch.device | str | None = None,
    chunk: int | None = None,
    precision: str = FLOAT32,
) -> FloatArray:
    """Every class's probability for every image: (samples, classes) float32, each row summing to 1."""
    return softmax(predict_logits(model, images, normalisation, device=device, chunk=chunk, precision=precision))


@dataclass(frozen=True)
class TopLabels:
    """The most probable class of every image, and how probable it is.

    Attributes:
        labels: (samples,) class numbers.
        confidence: (samples,) float64 probabilities of them.
    """

    labels: IntArray
    confidence: FloatArray


def predict_top(
    model: nn.Module,
    images: ImageSet,
    normalisation: Normalisation,
    *,
    device: torch.device | str | None = None,
    chunk: int | None = None,
    precision: str = FLOAT32,
    prepare: Prepare | None = None,
) -> TopLabels:
    """Labels with their probabilities, gathered on the device and fetched once: what recording a pool needs.

    Raises:
        InputError: the network answers NaN or infinity.
    """
    labels, confidence, finite = [], [], []
    kind = torch.uint8 if images.classes <= 256 else torch.int32
    passed = _logits(model, images, normalisation, device=device, chunk=chunk, precision=precision, prepare=prepare)
    for logits in passed:
        highest, best = logits.max(dim=1)
        spread = (logits - highest[:, None]).double().exp().sum(dim=1)  # (positions,), at least 1
        labels.append(best.to(kind))
        confidence.append(spread.log().neg().exp())
        finite.append(torch.isfinite(logits).all(dim=1))
    if not labels:
        return TopLabels(np.zeros(0, dtype=np.int64), np.zeros(0))
    require_all_finite(torch.cat(finite))
    return TopLabels(torch.cat(labels).cpu().numpy(), torch.cat(confidence).cpu().numpy())


def _logits(
    model: nn.Module,
    images: ImageSet,
    normalisation: Normalisation,
    *,
    device: torch.device | str | None,
    chunk: int | None,
    precision: str,
    prepare: Prepare | None,
) -> Iterator[Tensor]:
    """The clean pass for whoever wants logits alone; a head on features gives them without anything else."""
    if not isinstance(model, FeatureHead):
        for _, logits, _ in clean_pass(
            model, images, normalisation, device=device, chunk=chunk, precision=precision, prepare=prepare
        ):
            yield logits
        return
    device = device_of(model) if device is None else torch.device(device)
    with torch.inference_mode():
        answer = model.folded()
    for taken, embeddings in chunks(images, normalisation, device, chunk):
        with torch.inference_mode():  # nothing else to leave untouched: this draws nothing and asks for no mode
            logits = answer(embeddings)
        yield logits[: taken.stop - taken.start].clone()


def logits_of_heads(
    heads: Sequence[Callable[[Tensor], Tensor]], images: ImageSet, normalisation: Normalisation, *, chunk: int | None
) -> list[FloatArray]:
    """Logits (samples, classes) of several heads on features, on the CPU, with one pass over the embeddings.

    Each chunk is answered by one head after the other, as each alone would answer it: the same bits, while the chunk
    is still in the core's cache.

    Raises:
        InputError: a head answers NaN or infinity.
    """
    found: list[FloatArray] = [np.empty((len(images), images.classes), dtype=np.float32) for _ in heads]
    for taken, embeddings in chunks(images, normalisation, torch.device("cpu"), chunk):
        with torch.inference_mode():
            for answer, logits in zip(heads, found, strict=True):
                logits[taken] = answer(embeddings)[: taken.stop - taken.start].numpy()
    return [require_finite(logits) for logits in found]


def chunks(
    images: ImageSet,
    normalisation: Normalisation,
    device: torch.device,
    chunk: int | None = None,
    prepare: Prepare | None = None,
) -> Iterator[tuple[slice, Tensor]]:
    """The images in order, as the network takes them, `chunk` at a time; the last is filled up with its last image."""
    if images.features is not None:
        prepare = Tensor.float
    prepare = prepare or partial(to_tensor, normalisation=normalisation)
    chunk = usual_chunk(device.type, features=images.features is not None) if chunk is None else chunk
    if chunk < 1:
        raise InputError(f"Expected chunks of at least 1 image, got {chunk}.")
    pixels_of = _from_card(images, device, chunk) if lies_on_device(images, device) else _from_host(images, device)
    for start in range(0, len(images), chunk):
        taken = slice(start, min(start + chunk, len(images)))
        yield taken, prepare(pixels_of(start, start + chunk))


def _from_host(images: ImageSet, device: torch.device) -> Callable[[int, int], Tensor]:
    def pixels_of(start: int, stop: int) -> Tensor:
        if stop <= len(images):
            return torch.from_numpy(images.inputs(slice(start, stop))).to(device)
        positions = np.minimum(np.arange(start, stop), len(images) - 1)
        return torch.from_numpy(images.inputs(positions)).to(device)

    return pixels_of


def _from_card(images: ImageSet, device: torch.device, chunk: int) -> Callable[[int, int], Tensor]:
    pixels = pixels_on_device(images, device)
    length = -(-len(images) // chunk) * chunk  # a whole number of chunks
    rows = rows_on_device(images, np.minimum(np.arange(length), len(images) - 1), device)
    return lambda start, stop: pixels.index_select(0, rows[start:stop])


@contextlib.contextmanager
def untouched(
    model: nn.Module, device: torch.device, stochastic: Collection[nn.Module] = (), seed: int | None = None
) -> Iterator[None]:
    """Evaluate inside: no gradients, every module but `stochastic` in evaluation mode, random state lent.

    The modes are set module by module: a network may keep some of its modules in a mode of their own (a frozen
    BatchNorm), and gets exactly that back.
    """
    modes = [(module, module.training) for module in model.modules()]
    try:
        for module, _ in modes:
            module.training = module in stochastic
        with seeded(seed, device), torch.inference_mode():
            yield
    finally:
        for module, mode in modes:
            module.training = mode


def device_of(model: nn.Module) -> torch.device:
    """Where the network's first weight is; the CPU for a network without any."""
    weight = next(model.parameters(), None)
    return torch.device("cpu") if weight is None else weight.device


def together(parts: list[Tensor], width: int) -> FloatArray:
    """Chunks as one float32 array; an empty set gives (0, width)."""
    if not parts:
        return np.zeros((0, width), dtype=np.float32)
    joined: FloatArray = torch.cat(parts).cpu().numpy()
    return joined


def softmax(logits: FloatArray) -> FloatArray:
    """Probabilities (samples, classes), float32, of logits (samples, classes)."""
    probabilities: FloatArray = torch.softmax(torch.from_numpy(logits), dim=1).numpy()
    return probabilities


def most_probable(logits: FloatArray) -> IntArray:
    """The first highest of each row: (samples,) int64."""
    labels: IntArray = logits.argmax(axis=1)
    return labels


def require_finite(logits: FloatArray) -> FloatArray:
    """Raise where a network answers NaN or infinity: no label or score means anything then."""
    if not np.isfinite(logits).all():
        require_all_finite(torch.from_numpy(np.isfinite(logits).all(axis=1)))
    return logits


def require_all_finite(finite: Tensor) -> None:
    """Raise unless all images (samples,) have a finite answer."""
    broken = len(finite) - int(finite.sum())
    if broken:
        raise InputError(
            f"The network answers NaN or infinity for {broken} of {len(finite)} images: its training has diverged. "
            "Train it again with a lower learning rate."
        )
