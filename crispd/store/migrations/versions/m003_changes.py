"""A log of which photos changed, for what is kept of them in memory."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "m003"
down_revision = "m002"

_OF_CONTENT = (
    "INSERT INTO changes (photo_id) SELECT id FROM photos WHERE content_hash = NEW.content_hash"
)


def upgrade() -> None:
    op.create_table(
        "changes",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("photo_id", sa.Integer, nullable=False),
        sqlite_autoincrement=True,
    )
    for table, event, change in (
        ("photos", "INSERT", "INSERT INTO changes (photo_id) VALUES (NEW.id)"),
        ("photos", "UPDATE", "INSERT INTO changes (photo_id) VALUES (NEW.id)"),
        ("photos", "DELETE", "INSERT INTO changes (photo_id) VALUES (OLD.id)"),
        ("contents", "UPDATE", _OF_CONTENT),
        ("embeddings", "INSERT", _OF_CONTENT),
    ):
        op.execute(
            f"CREATE TRIGGER {table}_{event.lower()}_noted AFTER {event} ON {table} "
            f"BEGIN {change}; END"
        )
