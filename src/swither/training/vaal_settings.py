"""How VAAL is trained: its scale, and whether it is as published or as corrected. No torch here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from swither.errors import InputError, UnknownName

VAAL_VERSION = 1
"""Goes up with every change of what the training of VAAL does, so that no older likelihoods are taken for new ones."""

QUIRKS = ("corrected", "released")


@dataclass(frozen=True)
class VaalSettings:
    """Scale and form of VAAL's training; what is not here is as its authors have it, see `fit_vaal`.

    Attributes:
        width: channels of the first convolution; the authors' 128.
        iterations: two steps of the autoencoder and one of the discriminator each; the authors' 39,062.
        quirks: ``"corrected"``, or ``"released"`` for what the authors' published code does.

    Example:
        >>> VaalSettings(width=16, iterations=300).quirks
        'corrected'
    """

    width: int = 128
    iterations: int = 39_062
    quirks: Literal["corrected", "released"] = "corrected"

    def __post_init__(self) -> None:
        for name in ("width", "iterations"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise InputError(f"Expected {name} of VAAL as a whole number of at least 1, got {value!r}.")
        if self.quirks not in QUIRKS:
            raise UnknownName("quirks of VAAL", str(self.quirks), QUIRKS)
