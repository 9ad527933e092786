"""The first schema. What stands here never changes: a change is a further file."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make every table."""
    op.create_table("images", sa.Column("id", sa.Text, primary_key=True))
    op.create_table("classes", sa.Column("id", sa.Text, primary_key=True))
    op.create_table(
        "held_out",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("image", sa.Text, sa.ForeignKey("images.id"), nullable=False, unique=True),
        sa.Column("after", sa.Integer, nullable=False),
    )
    op.create_table(
        "files",
        sa.Column("path", sa.Text, primary_key=True),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("modified", sa.Integer, nullable=False),
        sa.Column("image", sa.Text, sa.ForeignKey("images.id")),
        sa.Column("width", sa.Integer, nullable=False),
        sa.Column("height", sa.Integer, nullable=False),
        sa.Column("problem", sa.Text),
        sa.Column("present", sa.Boolean, nullable=False),
    )
    op.create_index("ix_files_image", "files", ["image"])
    op.create_table(
        "questions",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("token", sa.Text, nullable=False, unique=True),
        sa.Column("image", sa.Text, sa.ForeignKey("images.id"), nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("until", sa.Text, nullable=False),
        sa.Column("batch", sa.Integer),
    )
    op.create_index("ix_questions_until", "questions", ["until"])
    op.create_table(
        "events",
        sa.Column("sequence", sa.Integer, primary_key=True),
        sa.Column("event", sa.Text, nullable=False, unique=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("image", sa.Text, sa.ForeignKey("images.id")),
        sa.Column("class_id", sa.Text, sa.ForeignKey("classes.id")),
        sa.Column("text", sa.Text),
        sa.Column("into", sa.Text, sa.ForeignKey("classes.id")),
        sa.Column("query", sa.Text),
        sa.Column("seconds", sa.Float),
        sa.Column("undoes", sa.Text, sa.ForeignKey("events.event")),
        sa.Column("received", sa.Text, nullable=False),
    )
    op.create_index("ix_events_query", "events", ["query"])
    op.create_table(
        "jobs",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("worker", sa.Text, nullable=False),
        sa.Column("lease_until", sa.Text, nullable=False),
        sa.Column("progress", sa.JSON, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("requested", sa.Text, nullable=False),
        sa.CheckConstraint("state in ('waiting', 'running', 'done', 'failed')", name="ck_jobs_state"),
    )
    op.create_index("ix_jobs_state", "jobs", ["state"])
    op.create_table(
        "cycles",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("job", sa.Integer, sa.ForeignKey("jobs.number"), nullable=False, unique=True),
        sa.Column("batch", sa.Integer, nullable=False),
        sa.Column("events", sa.Integer, nullable=False),
        sa.Column("labelled", sa.Integer, nullable=False),
        sa.Column("classes", sa.JSON, nullable=False),
        sa.Column("ids", sa.JSON, nullable=False),
        sa.Column("training", sa.Text),
        sa.Column("facts", sa.JSON, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
    )
    op.create_table(
        "notes",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("value", sa.JSON, nullable=False),
    )
    counter = op.create_table(
        "counter",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("writes", sa.Integer, nullable=False),
        sa.CheckConstraint("id = 1", name="ck_counter_one_row"),
    )
    op.bulk_insert(counter, [{"id": 1, "writes": 0}])
