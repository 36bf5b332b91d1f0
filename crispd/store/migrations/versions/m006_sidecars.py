"""What lies beside photos: XMP files, and RAWs, which are told by more than their names."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "m006"
down_revision = "m005"


def upgrade() -> None:
    op.add_column("contents", sa.Column("taken_precision", sa.Text))
    op.add_column("contents", sa.Column("taken_kind", sa.Text))
    for column in (
        sa.Column("taken_precision", sa.Text),
        # 0: the next scan reads these files again, without encoding
        sa.Column("metadata_version", sa.Integer, nullable=False, server_default="0"),
        sa.Column("sidecar", sa.Integer, nullable=False, server_default="0"),
        sa.Column("latitude", sa.Float),
        sa.Column("longitude", sa.Float),
        sa.Column("altitude", sa.Float),
        sa.Column("rating", sa.Integer),
        sa.Column("keywords", sa.Text),
    ):
        op.add_column("photos", column)
    op.create_table(
        "paired_raws",
        sa.Column("root_id", sa.Integer, sa.ForeignKey("roots.id"), primary_key=True),
        sa.Column("path", sa.LargeBinary, primary_key=True),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("mtime_ns", sa.Integer, nullable=False),
        sa.Column("taken_at", sa.Text),
        sa.Column("camera", sa.Text),
    )
