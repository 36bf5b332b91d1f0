"""Words of texts in photos, each once, by the shape of their letters; photos that have text."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "m012"
down_revision = "m011"


def upgrade() -> None:
    op.create_table(
        "text_vocabulary",
        sa.Column("shape", sa.Text, primary_key=True),
        sa.Column("word", sa.Text, primary_key=True),
        sa.Column("backwards", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.execute("CREATE INDEX text_vocabulary_backwards ON text_vocabulary (backwards, word, shape)")
    op.execute("CREATE INDEX photo_words_text ON photo_words (photo_id) WHERE text <> ''")
