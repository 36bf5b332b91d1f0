"""More of what photos say of themselves, and when each was taken as far as anything tells."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "m002"
down_revision = "m001"


def upgrade() -> None:
    for column in (
        sa.Column("taken_from", sa.Text),
        sa.Column("lens", sa.Text),
        sa.Column("latitude", sa.Float),
        sa.Column("longitude", sa.Float),
        sa.Column("altitude", sa.Float),
        sa.Column("rating", sa.Integer),
        sa.Column("keywords", sa.Text),
        # 0: what the first schema knew; the next scan reads these files again, without encoding
        sa.Column("metadata_version", sa.Integer, nullable=False, server_default="0"),
    ):
        op.add_column("contents", column)
    op.execute("UPDATE contents SET taken_from = 'exif' WHERE taken_at IS NOT NULL")
    for column in (sa.Column("taken_at", sa.Text), sa.Column("taken_from", sa.Text)):
        op.add_column("photos", column)
