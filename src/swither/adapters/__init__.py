"""Callbacks that record a history while somebody else's trainer trains: Lightning, Hugging Face, Keras.

Importing this room imports no framework; a name that is asked for imports its own, or says which extra of
swither brings it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from swither.extras import lazy

if TYPE_CHECKING:
    from swither.adapters.keras import KerasRecorder as KerasRecorder
    from swither.adapters.lightning import LightningRecorder as LightningRecorder
    from swither.adapters.transformers import TransformersRecorder as TransformersRecorder

__all__ = lazy(
    __name__,
    {
        "KerasRecorder": "swither.adapters.keras",
        "LightningRecorder": "swither.adapters.lightning",
        "TransformersRecorder": "swither.adapters.transformers",
    },
)
