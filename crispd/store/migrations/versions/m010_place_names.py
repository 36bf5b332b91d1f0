"""The names of each photo's place. Made with its words when the database is opened."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "m010"
down_revision = "m009"


def upgrade() -> None:
    op.add_column("photo_words", sa.Column("place_names", sa.Text))
