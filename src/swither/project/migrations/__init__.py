"""The steps that bring a project's data base from one schema to the next; run when it is opened."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Connection

REVISIONS = ("0001",)
"""Every schema that this version knows, oldest first; each a file in ``versions``."""

_one_at_a_time = threading.Lock()  # Alembic keeps what it is doing in a global


def migrate(connection: Connection) -> None:
    """Bring the data base behind `connection` to the newest schema, within the transaction that is open on it."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    config.attributes["connection"] = connection
    with _one_at_a_time:
        command.upgrade(config, "head")
