"""The tables of a project's data base, as the newest migration leaves them (a test compares the two)."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
)

metadata = MetaData()

images = Table("images", metadata, Column("id", Text, primary_key=True))
"""Every content that was ever read; never removed, so that labels outlive their files."""

classes = Table("classes", metadata, Column("id", Text, primary_key=True))
"""Every class that was ever added; its name and fate follow from the events."""

held_out = Table(
    "held_out",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("image", Text, ForeignKey("images.id"), nullable=False, unique=True),
    Column("after", Integer, nullable=False),
)
"""Images that are never trained on; `after` is the sequence of the last event at the time when that was said."""

files = Table(
    "files",
    metadata,
    Column("path", Text, primary_key=True),
    Column("size", Integer, nullable=False),
    Column("modified", Integer, nullable=False),
    Column("image", Text, ForeignKey("images.id"), index=True),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("problem", Text),
    Column("present", Boolean, nullable=False),
)

questions = Table(
    "questions",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("token", Text, nullable=False, unique=True),
    Column("image", Text, ForeignKey("images.id"), nullable=False),
    Column("source", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("until", Text, nullable=False, index=True),
    Column("batch", Integer),
)

events = Table(
    "events",
    metadata,
    Column("sequence", Integer, primary_key=True),
    Column("event", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("image", Text, ForeignKey("images.id")),
    Column("class_id", Text, ForeignKey("classes.id")),
    Column("text", Text),
    Column("into", Text, ForeignKey("classes.id")),
    Column("query", Text),
    Column("seconds", Float),
    Column("undoes", Text, ForeignKey("events.event")),
    Column("received", Text, nullable=False),
    Index("ix_events_query", "query"),
)

jobs = Table(
    "jobs",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False, index=True),
    Column("worker", Text, nullable=False),
    Column("lease_until", Text, nullable=False),
    Column("progress", JSON, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("error", Text, nullable=False),
    Column("requested", Text, nullable=False),
    CheckConstraint("state in ('waiting', 'running', 'done', 'failed')", name="ck_jobs_state"),
)

cycles = Table(
    "cycles",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("job", Integer, ForeignKey("jobs.number"), nullable=False, unique=True),
    Column("batch", Integer, nullable=False),
    Column("events", Integer, nullable=False),
    Column("labelled", Integer, nullable=False),
    Column("classes", JSON, nullable=False),
    Column("ids", JSON, nullable=False),
    Column("training", Text),
    Column("facts", JSON, nullable=False),
    Column("at", Text, nullable=False),
)

notes = Table(
    "notes",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", JSON, nullable=False),
)

counter = Table(
    "counter",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("writes", Integer, nullable=False),
    CheckConstraint("id = 1", name="ck_counter_one_row"),
)
"""One row: how many writes there were, so that a change is noticed by reading one number."""
