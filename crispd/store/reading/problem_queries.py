"""Queries of files that, or whose text, could not be read."""

from __future__ import annotations

from sqlalchemy import literal, select, union_all

from crispd.store.schema import content_text, photos, roots
from crispd.types import TEXT_PROBLEM, PhotoState

_failed_files = (
    select(
        roots.c.path.label("root_path"),
        photos.c.path,
        photos.c.reason_code,
        photos.c.reason,
        photos.c.updated_at.label("since"),
        photos.c.id.label("row"),
    )
    .join(roots, roots.c.id == photos.c.root_id)
    .where(photos.c.state == PhotoState.FAILED, roots.c.watched != 0)
)
_failed_texts = (
    select(
        roots.c.path.label("root_path"),
        photos.c.path,
        literal(TEXT_PROBLEM),
        content_text.c.reason,
        content_text.c.failed_at,
        photos.c.id,
    )
    .join(photos, photos.c.content_hash == content_text.c.content_hash)
    .join(roots, roots.c.id == photos.c.root_id)
    .where(
        content_text.c.failed_at.is_not(None),
        photos.c.state == PhotoState.READY,
        roots.c.watched != 0,
    )
)
all_problems = union_all(_failed_files, _failed_texts)
