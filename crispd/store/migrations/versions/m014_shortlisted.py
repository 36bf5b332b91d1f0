"""Contents in the order in which they came up in shortlists, each once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "m014"
down_revision = "m013"


def upgrade() -> None:
    op.create_table(
        "shortlisted",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("content_hash", sa.Text, nullable=False, unique=True),
    )
