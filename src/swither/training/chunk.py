"""How many images the clean pass computes at once. No torch here, so that plans can count in chunks."""

from __future__ import annotations

CHUNK = 128
"""Images in a chunk; the last chunk of a pass is filled up, so it costs as much."""
