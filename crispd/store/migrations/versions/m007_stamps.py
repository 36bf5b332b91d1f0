"""Two more things that tell a changed file. Of known files they are filled in when next met.

Nothing is read again for that: what is not known yet fits whatever is found.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "m007"
down_revision = "m006"

# Whatever shows in an answer. The new columns do not, and change for every photo at once.
_SHOWN = (
    "public_id, root_id, path, size, mtime_ns, content_hash, state, reason_code, reason, "
    "updated_at, taken_at, taken_from, taken_precision, metadata_version, sidecar, latitude, "
    "longitude, altitude, rating, keywords"
)


def upgrade() -> None:
    for name in ("ctime_ns", "inode"):
        op.add_column("photos", sa.Column(name, sa.Integer))
    op.execute("DROP TRIGGER photos_update_noted")
    op.execute(
        f"CREATE TRIGGER photos_update_noted AFTER UPDATE OF {_SHOWN} ON photos "
        "BEGIN INSERT INTO changes (photo_id) VALUES (NEW.id); END"
    )
