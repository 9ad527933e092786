"""The command line; it parses, calls and prints."""

from __future__ import annotations

from swither.cli.outcome import main as main

__all__ = ["main"]
