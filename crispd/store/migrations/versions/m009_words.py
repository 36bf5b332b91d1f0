"""What files say by word, indexed by FTS5. Documents are made when the database is opened."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "m009"
down_revision = "m008"

_FIELDS = (
    "name", "folder", "title", "description", "keyword", "person", "place", "camera", "text"
)  # fmt: skip
_PARTS = ("name", "folder", "title", "keyword", "person", "place")


def upgrade() -> None:
    op.create_table(
        "photo_words",
        sa.Column("photo_id", sa.Integer, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in _FIELDS),
    )
    # Neither keeps text or lengths of its own; where a word stands is told by the field alone.
    outside = "content='photo_words', content_rowid='photo_id', columnsize=0"
    op.execute(
        f"CREATE VIRTUAL TABLE word_index USING fts5({', '.join(_FIELDS)}, {outside}, "
        "tokenize='ascii', detail='column')"
    )
    op.execute(
        f"CREATE VIRTUAL TABLE part_index USING fts5({', '.join(_PARTS)}, {outside}, "
        "tokenize='trigram', detail='none')"
    )
