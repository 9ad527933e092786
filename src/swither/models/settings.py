"""Which network is trained: its name, its width and its dropout. No torch here."""

from __future__ import annotations

from dataclasses import dataclass, field

from swither.errors import InputError
from swither.models.catalogue import find_model


@dataclass(frozen=True)
class ModelSettings:
    """A network by name; every method and the all-data reference train the same one.

    Attributes:
        name: one of `MODELS`, or a function of your own as ``file.py:build``. Default ``resnet18``, the paper's
            (section 4.1).
        width: channels of the first stage; None takes the model's own (ResNet-18: 64). A ResNet-18 of 16 is
            about twelve times quicker on a CPU. For ``features`` it is the width of a hidden layer, and None is none.
        dropout: probability in [0, 1) of leaving an embedding's value out before the last layer while
            training. Default 0.5, what BALD's authors use (Gal 2017); 0 trains without, and refuses BALD.

    Example:
        >>> ModelSettings("tiny").dropout
        0.5
    """

    name: str = field(default="resnet18", metadata={"kind": "protocol"})
    width: int | None = field(default=None, metadata={"kind": "protocol"})
    dropout: float = field(default=0.5, metadata={"kind": "protocol"})

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", find_model(self.name).name)  # one file has one name, however it is typed
        if self.width is not None and self.width < 1:
            raise InputError(f"Expected a width of at least 1 channel, got {self.width}.")
        if not 0 <= self.dropout < 1:
            raise InputError(
                f"Expected dropout in [0, 1), got {self.dropout}. It is the probability of leaving a value out; "
                "0 trains without dropout."
            )
