"""Text that photos show, as it was read, by content."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "m011"
down_revision = "m010"

_NOTED = (
    ("INSERT", "NEW", "length(NEW.lines) > 0"),
    ("UPDATE", "NEW", "NEW.lines <> OLD.lines"),
    ("DELETE", "OLD", "length(OLD.lines) > 0"),
)


def upgrade() -> None:
    op.create_table(
        "content_text",
        sa.Column("content_hash", sa.Text, primary_key=True),
        sa.Column("reader", sa.Text, nullable=False),
        sa.Column("lines", sa.LargeBinary, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("failed_at", sa.Text),
    )
    op.execute(
        "CREATE INDEX content_text_failed ON content_text (failed_at) WHERE failed_at IS NOT NULL"
    )
    for event, row, condition in _NOTED:
        op.execute(
            f"CREATE TRIGGER content_text_{event.lower()}_noted AFTER {event} ON content_text "
            f"WHEN {condition} BEGIN INSERT INTO changes (photo_id) "
            f"SELECT id FROM photos WHERE content_hash = {row}.content_hash; END"
        )
