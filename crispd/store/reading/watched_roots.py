"""Which photos count: those of roots that are watched. What is kept of others is seen nowhere."""

from __future__ import annotations

from sqlalchemy import select

from crispd.store.schema import photos, roots

# Of a row of ``photos`` without its root at hand: a look-up by key for each row. With a join or a
# list SQLite may think it best to begin there, and walk through all photos of a root.
is_watched = select(roots.c.watched).where(roots.c.id == photos.c.root_id).scalar_subquery() != 0
