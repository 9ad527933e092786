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
    """Bring the data base behind `connection` to the newest schema, within the transaction that is open on it.

    An empty one gets the newest tables at once, the same as the steps make: a first image need not wait for Alembic.
    """
    if not connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar():
        _begin(connection)
        return
    upgrade(connection)


def upgrade(connection: Connection) -> None:
    """Go through the steps that are lacking."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    config.attributes["connection"] = connection
    with _one_at_a_time:
        command.upgrade(config, "head")


def _begin(connection: Connection) -> None:
    from sqlalchemy import Column, MetaData, PrimaryKeyConstraint, String, Table

    from swither.project.tables import counter, metadata

    key = PrimaryKeyConstraint("version_num", name="alembic_version_pkc")
    version = Table("alembic_version", MetaData(), Column("version_num", String(32), nullable=False), key)
    version.create(connection)
    connection.execute(version.insert().values(version_num=REVISIONS[-1]))
    metadata.create_all(connection)
    connection.execute(counter.insert().values(id=1, writes=0))
