"""Names of the notes that one process leaves in the store for another, where several modules know them."""

from __future__ import annotations

SERVER = "server"
"""When a server was last there, so that the worker stays."""

WALKED = "walked"
"""When the folder was walked to its end for the first time."""
