"""Which frozen backbone embeds images for `--model features`, or which file holds embeddings. No torch here."""

from __future__ import annotations

from dataclasses import dataclass, field

from swither.errors import InputError, UnknownName

_EXECUTION = {"kind": "execution"}  # what they amount to is compared: the checksum of what embeds, and how

EFFICIENTNET_LITE0 = "efficientnet-lite0"
BACKBONES = (EFFICIENTNET_LITE0,)
TIMM = "timm:"
"""Before the name of any network of the package timm."""

USUAL_SIZE = 128
LEAST_SIZE = 32
"""Pixels: the backbone halves its maps five times."""


@dataclass(frozen=True)
class BackboneSettings:
    """What the heads of `ModelSettings("features")` are trained on; other models leave it unread.

    Attributes:
        backbone: one of `BACKBONES`, whose ImageNet weights come with the extra ``[features]``, or ``timm:name`` for
            any network of timm (the extra ``[timm]``), whose published weights timm downloads.
        weights: a file of other weights for it (``.safetensors``, or ``.pth`` without pickled objects), such as those
            of a network tuned on similar images. Its classifier is not used and may have any number of classes.
        embedding_size: pixels that the shorter side of every image is brought to before it is embedded. None: what
            timm says of its network, and 128 for EfficientNet-Lite0, 2.3 times quicker than the 224 of its training;
            `size` is what it comes to. Larger photographs are packed at this size; smaller
            images, such as CIFAR's of 32 pixels, are scaled up.
        embeddings: a file of your own embeddings (``.npz`` or Parquet) instead of any backbone.

    Example:
        >>> BackboneSettings().size()
        128
    """

    backbone: str = field(default=EFFICIENTNET_LITE0, metadata=_EXECUTION)
    weights: str | None = field(default=None, metadata=_EXECUTION)
    embedding_size: int | None = field(default=None, metadata=_EXECUTION)
    embeddings: str | None = field(default=None, metadata=_EXECUTION)

    def __post_init__(self) -> None:
        if self.backbone not in BACKBONES and not self.backbone.startswith(TIMM):
            raise UnknownName("backbone", self.backbone, (*BACKBONES, f"{TIMM}NAME"))
        if self.embedding_size is not None and self.embedding_size < LEAST_SIZE:
            raise InputError(
                f"Expected an --embedding-size of at least {LEAST_SIZE} pixels, got {self.embedding_size}: the "
                "backbone halves its maps five times."
            )
        if self.embeddings is not None and self.weights is not None:
            raise InputError("Expected either --embeddings or --weights, got both: embeddings need no backbone.")

    def size(self) -> int:
        """Pixels that the shorter side of every image is brought to.

        Raises:
            MissingExtra: it is timm's to say, and timm is not installed.
            InputError: timm has no such network.
        """
        if self.embedding_size is not None:
            return self.embedding_size
        if not self.backbone.startswith(TIMM):
            return USUAL_SIZE
        from swither.models.timm_network import preparation  # loads torch

        return int(preparation(self.backbone.removeprefix(TIMM))["size"])
