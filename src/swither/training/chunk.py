"""How many images the clean pass computes at once. No torch here, so that plans can count in chunks."""

from __future__ import annotations

CHUNK = 128
"""Images in a chunk; the last chunk of a pass is filled up, so it costs as much."""

CHUNK_ON_CARD = 1024
"""On CUDA, where a chunk has to be worth the host's while: one of 128 is computed before the next is launched."""


CHUNK_OF_FEATURES = 256
"""Embeddings in a chunk: they are widened to float32 on their way, and so many stay in a core's cache."""


def usual_chunk(kind: str, *, features: bool = False) -> int:
    """Images in a chunk on a kind of device, ``"cpu"``, ``"mps"`` or ``"cuda"``; `features`: of embeddings.

    One size for each kind: another size sums in another order, and gives other last bits.

    Example:
        >>> usual_chunk("cpu"), usual_chunk("cuda")
        (128, 1024)
    """
    if features:
        return CHUNK_OF_FEATURES
    return CHUNK_ON_CARD if kind == "cuda" else CHUNK
