"""Which roots the settings name. What was known before stays in sight until the next start says."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "m005"
down_revision = "m004"


def upgrade() -> None:
    watched = sa.Column("watched", sa.Integer, nullable=False, server_default="1")
    op.add_column("roots", watched)
