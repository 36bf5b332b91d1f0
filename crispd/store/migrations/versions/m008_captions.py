"""Title, description, people and the place in words, of contents and of what lies beside photos."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "m008"
down_revision = "m007"

_ADDED = ("title", "description", "people", "location", "keyword_paths")
_SHOWN = (
    "public_id, root_id, path, size, mtime_ns, content_hash, state, reason_code, reason, "
    "updated_at, taken_at, taken_from, taken_precision, metadata_version, sidecar, latitude, "
    f"longitude, altitude, rating, keywords, {', '.join(_ADDED)}"
)


def upgrade() -> None:
    for table in ("contents", "photos"):
        for name in _ADDED:
            op.add_column(table, sa.Column(name, sa.Text))
    op.execute("DROP TRIGGER photos_update_noted")
    op.execute(
        f"CREATE TRIGGER photos_update_noted AFTER UPDATE OF {_SHOWN} ON photos "
        "BEGIN INSERT INTO changes (photo_id) VALUES (NEW.id); END"
    )
