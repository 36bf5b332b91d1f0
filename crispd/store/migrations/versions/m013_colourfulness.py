"""How much colour a photo has, as its pixels show when it is next decoded."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "m013"
down_revision = "m012"


def upgrade() -> None:
    op.add_column("contents", sa.Column("colourfulness", sa.Integer))
