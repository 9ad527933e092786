"""What was trained, in the words of the paragraph: a network on pixels, the user's own, or a head on embeddings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from swither.own_code import own_name
from swither.report.comparison import Comparison
from swither.report.manuscript.references import marked
from swither.report.wording import count, plural

_NETWORKS = {
    "resnet18": "a ResNet-18 for small images",
    "resnet8": "a ResNet-8",
    "tiny": "a small convolutional network",
}
_EMBEDDED = re.compile(r"(?P<backbone>\S+?)( with (?P<weights>.+))? at (?P<size>\d+) pixels")
_FROM_FILE = re.compile(r"embeddings of (?P<file>.+)")


def is_head(comparison: Comparison) -> bool:
    """Whether a head on embeddings was trained, and no network on pixels."""
    return bool(_settings(comparison, "Network").get("name") == "features")


def without_images(comparison: Comparison) -> bool:
    """Whether the data were embeddings and no images."""
    return is_head(comparison) and str(_settings(comparison, "Data").get("image shape", "")).startswith("0 x ")


def sample(comparison: Comparison) -> str:
    """What one sample is called: ``image``, or ``embedding`` where there were no images."""
    return "embedding" if without_images(comparison) else "image"


def trained(comparison: Comparison) -> str:
    """What is trained is called: ``network`` or ``head``."""
    return "head" if is_head(comparison) else "network"


def numbers_each(comparison: Comparison) -> str:
    """How many numbers an embedding has, in brackets with a space before; empty where the folder does not say."""
    width = _settings(comparison, "Embeddings").get("numbers")
    return f" ({count(width)} numbers each)" if width else ""


def network_in_words(comparison: Comparison) -> str:
    """The sentences on the network; empty where the folder does not say which it was."""
    facts = _settings(comparison, "Network")
    if "name" not in facts:
        return ""
    if is_head(comparison):
        return f"{_embedding(comparison)} {_head(comparison, facts)}"
    name = str(facts["name"])
    own = own_name(name)  # no path of anybody's machine: the function and the name of its file
    said = f"our own, {own.title}" if own else _NETWORKS.get(name, name)
    said = f"The network is {said}" + (marked("he2016resnet") if name.startswith("resnet") else "")
    if facts.get("width"):
        said += f" of width {facts['width']}" if own is None else f", of width {facts['width']}"
    if facts.get("dropout") and own is None:  # whether a network of the user's own takes it is not known here
        said += f", with dropout of {facts['dropout']:g} before the last layer"
    return f"{said}."


def _embedding(comparison: Comparison) -> str:
    """Where the embeddings come from."""
    source = str(_settings(comparison, "Embeddings").get("from", ""))
    each = "" if without_images(comparison) else numbers_each(comparison)  # else said of the data
    if of_file := _FROM_FILE.fullmatch(source):
        whose = "The embeddings" if without_images(comparison) else "Embeddings of the images"
        return f"{whose}{each} were made beforehand and read from the file {of_file['file']}."
    made = _EMBEDDED.fullmatch(source)
    if made is None:
        return f"Every image is embedded once, before anything is trained{each}."
    backbone, weights = made["backbone"], made["weights"]
    timm = backbone.startswith("timm:")
    if timm:
        named = f"the network {backbone.removeprefix('timm:')} of timm" + marked("wightman2019timm")
    elif backbone == "efficientnet-lite0":
        named = "EfficientNet-Lite0" + marked("tan2019efficientnet")
    else:
        named = backbone
    if weights:
        named += f" with weights from the file {weights}"
    elif timm:
        named += " with the weights published under that name"
    elif backbone == "efficientnet-lite0":
        named += " with weights trained on ImageNet" + marked("deng2009imagenet")
    size = plural(int(made["size"]), "pixel")
    return (
        f"Every image is brought to {size} a side and embedded once{each} by {named}, which is not trained any further."
    )


def _head(comparison: Comparison, facts: Mapping[str, Any]) -> str:
    layers = "a linear layer"
    if facts.get("width"):
        layers = f"a hidden layer of {plural(int(facts['width']), 'unit')} with ReLU and {layers}"
    dropout = f", with dropout of {facts['dropout']:g} before the last layer" if facts.get("dropout") else ""
    said = f"What is trained is a head on the embeddings: {layers}{dropout}."
    version = _settings(comparison, "Embeddings").get("version of the head")
    if version == 1:
        said += " Each number is standardised by its mean and deviation over the labelled embeddings."
    if version == 2:
        said += (
            " From each number its mean over the labelled embeddings is subtracted; it is divided by the root of its "
            "variance over them plus the squared mean deviation of all numbers."
        )
    return said


def _settings(comparison: Comparison, group: str) -> Mapping[str, Any]:
    return comparison.data.settings.get(group, {})
