"""swither tells which images to label next, by watching what your network keeps changing its mind about."""

from __future__ import annotations

__version__ = "0.1.0"
