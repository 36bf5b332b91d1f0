"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "m001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "meta",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
    op.create_table(
        "roots",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("path", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("added_at", sa.Text, nullable=False),
    )
    op.create_table(
        "contents",
        sa.Column("content_hash", sa.Text, primary_key=True),
        sa.Column("width", sa.Integer, nullable=False),
        sa.Column("height", sa.Integer, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("taken_at", sa.Text),
        sa.Column("camera", sa.Text),
    )
    _create_photos()
    op.create_table(
        "embeddings",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("content_hash", sa.Text, sa.ForeignKey("contents.content_hash"), nullable=False),
        sa.Column("pack", sa.Text, nullable=False),
        sa.Column("vector", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("content_hash", "pack", name="embeddings_content_pack"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "tokens",
        sa.Column("embedding_id", sa.Integer, sa.ForeignKey("embeddings.id"), primary_key=True),
        sa.Column("data", sa.LargeBinary, nullable=False),
    )


def _create_photos() -> None:
    op.create_table(
        "photos",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("public_id", sa.Text, unique=True),
        sa.Column("root_id", sa.Integer, sa.ForeignKey("roots.id"), nullable=False),
        sa.Column("path", sa.LargeBinary, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("mtime_ns", sa.Integer, nullable=False),
        sa.Column("content_hash", sa.Text, sa.ForeignKey("contents.content_hash")),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("reason_code", sa.Text),
        sa.Column("reason", sa.Text),
        sa.Column("updated_at", sa.Text, nullable=False),
        sa.UniqueConstraint("root_id", "path", name="photos_root_path"),
        sa.CheckConstraint("state IN ('ready', 'failed')", name="photos_state"),
        sqlite_autoincrement=True,
    )
    op.create_index("photos_content_hash", "photos", ["content_hash"])
    op.create_index("photos_state_root", "photos", ["state", "root_id"])
