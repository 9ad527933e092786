"""A network of the user's own, built and looked at: what it answers, and what is missing, before it is trained."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from swither.errors import InputError, OwnCodeFailed, SwitherError
from swither.models.network import Network, logits_and_embeddings
from swither.models.own import own_model_code, refuse_unused
from swither.models.seeded import seeded
from swither.models.settings import ModelSettings
from swither.own_code import OwnCode, arguments_of, import_advice, where_in

TRIED = 4  # images that a network is tried on


class OwnNetwork(nn.Module):
    """A network of the user's own that answers logits and embeddings, as `Network` does.

    One that answers only logits gets its embeddings from where they are: what enters its last linear layer.

    Args:
        network: the user's.
        embedding_width: numbers in an embedding.
        last: name of the linear layer whose input is the embedding; None: the network answers embeddings itself.
    """

    def __init__(self, network: nn.Module, embedding_width: int, last: str | None) -> None:
        super().__init__()
        self.network, self.embedding_width, self._last = network, embedding_width, last

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Logits (batch, classes) and embeddings (batch, embedding_width) of images (batch, channels, h, w)."""
        if self._last is None:
            return logits_and_embeddings(self.network, images)
        entered: list[Tensor] = []
        layer = self.network.get_submodule(self._last)
        handle = layer.register_forward_pre_hook(lambda _, given: entered.append(given[0]))
        try:
            logits = self.network(images)
        finally:
            handle.remove()
        return logits, entered[-1]


def build_own(
    settings: ModelSettings, image_shape: tuple[int, int, int], classes: int, seed: int
) -> Network | OwnNetwork:
    """The network that a function of the user's own builds, with what it draws from torch derived from `seed`.

    Args:
        settings: its name is ``file.py:build``; width and dropout are handed on where the function takes them.
        image_shape: height, width and channels.
        classes: number of classes.
        seed: in [0, 2**63).

    Returns:
        The network in training mode, on the CPU.

    Raises:
        InputError: it is no network, or does not answer what it must; the message says what is missing.
        OwnCodeFailed: the function, or the network, raises an error.
    """
    code = own_model_code(settings.name)
    refuse_unused(code, settings.width)
    takes = arguments_of(code)
    given: dict[str, Any] = {"image_shape": image_shape, "classes": classes}
    given |= {"width": settings.width} if "width" in takes and settings.width is not None else {}
    given |= {"dropout": settings.dropout} if "dropout" in takes else {}
    with seeded(seed):
        with code.at_home():
            network = _in_words(code, lambda: code.function(**given))
        if not isinstance(network, nn.Module):
            raise InputError(f"Expected {code.name.text} to give a torch.nn.Module, got {type(network).__name__}.")
        network = network.float().cpu()
        if isinstance(network, Network):
            return network.train()
        return _completed(code, network, image_shape, classes).train()


def check_own_network(settings: ModelSettings, image_shape: tuple[int, int, int], classes: int) -> nn.Module:
    """Build a network of the user's own, and refuse one that cannot be trained, or not repeated.

    Returns:
        The network.

    Raises:
        InputError: it answers what it must not; or has no weights; or one seed gives two networks; or it draws in
            evaluation mode.
        OwnCodeFailed: it raises an error.
    """
    name, code = settings.name, own_model_code(settings.name)
    network, again = (build_own(settings, image_shape, classes, seed=0) for _ in range(2))
    weights, others = network.state_dict(), again.state_dict()
    if not any(weight.requires_grad for weight in network.parameters()):
        raise InputError(f"The network of {name} has no weight that can be trained.")
    if weights.keys() != others.keys() or not all(torch.equal(weights[key], others[key]) for key in weights):
        raise InputError(
            f"{name} built two different networks from one seed. Draw initial weights with torch alone: swither seeds "
            "its global generator, and neither NumPy's nor Python's."
        )
    images = _images(image_shape)
    network.eval()
    with seeded(0), torch.no_grad():
        first, second = (_in_words(code, lambda: network(images))[0] for _ in range(2))
    if not torch.equal(first, second):
        raise InputError(
            f"The network of {name} answers the same images differently in evaluation mode. Draw only where "
            "self.training is true; nn.Dropout does."
        )
    network.train()
    with seeded(0):
        logits, _ = _in_words(code, lambda: network(images))
        if logits.requires_grad:
            logits.sum().backward()
    if all(weight.grad is None for weight in network.parameters()):
        raise InputError(f"No gradient reaches the weights of the network of {name}: is there a detach or no_grad?")
    network.zero_grad()
    return network


def _completed(code: OwnCode, network: nn.Module, image_shape: tuple[int, int, int], classes: int) -> OwnNetwork:
    """The network with the name of the layer whose input is the embedding, found by trying it on some images."""
    images, entered = _images(image_shape), {}
    network.eval()

    def watch(name: str) -> Callable[..., None]:
        def after(_: nn.Module, given: tuple[Tensor, ...], answer: Tensor) -> None:
            entered[name] = (given[0], answer)

        return after

    linear = [(name, module) for name, module in network.named_modules() if isinstance(module, nn.Linear)]
    handles = [module.register_forward_hook(watch(name)) for name, module in linear]
    try:
        with torch.no_grad():
            answer = _in_words(code, lambda: network(images))
    finally:
        for handle in handles:
            handle.remove()
    last = None
    if torch.is_tensor(answer):
        last = next((name for name, (_, given) in entered.items() if given is answer), None)
        if last is None:
            raise InputError(
                f"The network of {code.name.text} answers one tensor of shape {tuple(answer.shape)}, and that is not "
                "the output of a torch.nn.Linear, so its embeddings are not known. Return both from forward: "
                "`return self.head(embeddings), embeddings`."
            )
    complete = OwnNetwork(network, 0, last)
    with torch.no_grad():
        logits, embeddings = logits_and_embeddings(complete, images)
    if logits.shape[1] != classes:
        raise InputError(
            f"The network of {code.name.text} answers {logits.shape[1]} logits for each image; expected {classes}, "
            "one for each class."
        )
    complete.embedding_width = embeddings.shape[1]
    return complete


def _images(image_shape: tuple[int, int, int]) -> Tensor:
    """Some images as a network gets them: (TRIED, channels, height, width) float32 around 0."""
    height, breadth, channels = image_shape
    generator = torch.Generator().manual_seed(0)
    return torch.randn(TRIED, channels, height, breadth, generator=generator)


def _in_words(code: OwnCode, call: Callable[[], Any]) -> Any:
    try:
        return call()
    except SwitherError:
        raise
    except (Exception, SystemExit) as error:
        said = str(error).strip().splitlines()[0] if str(error).strip() else ""
        said += import_advice(error, code)
        raise OwnCodeFailed(
            f"{code.name.text} raised {type(error).__name__} in {where_in(error, code)}: {said}"
        ) from error
