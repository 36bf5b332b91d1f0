"""Queries of files that are known, and whether a scan has to look at them again."""

from __future__ import annotations

from sqlalchemy import and_, bindparam, exists, not_, or_, select

from crispd.store.schema import contents, embeddings, photos
from crispd.store.stamps import REREAD
from crispd.types import METADATA_VERSION, FileStamp, KnownFile, PhotoState

# A content that another pack encoded has to be encoded again; with no pack to ask for, none has.
_encoded = exists().where(
    embeddings.c.content_hash == photos.c.content_hash, embeddings.c.pack == bindparam("pack")
)
known_files = (
    select(
        photos.c.path,
        photos.c.size,
        photos.c.mtime_ns,
        photos.c.sidecar,
        photos.c.ctime_ns,
        photos.c.inode,
        photos.c.state,
        or_(
            photos.c.metadata_version < METADATA_VERSION,
            contents.c.metadata_version < METADATA_VERSION,
            and_(
                photos.c.state == PhotoState.READY, bindparam("pack").is_not(None), not_(_encoded)
            ),
        ),
    )
    .join(contents, contents.c.content_hash == photos.c.content_hash, isouter=True)
    .where(photos.c.root_id == bindparam("root_id"))
)
known_file = known_files.where(photos.c.path == bindparam("path")).add_columns(
    photos.c.content_hash
)


def as_known_file(
    size: int,
    mtime_ns: int,
    sidecar: int,
    ctime_ns: int | None,
    inode: int | None,
    state: str,
    outdated: int | None,
    content_hash: str | None = None,
) -> KnownFile:
    asked = ctime_ns == REREAD
    stamp = FileStamp(size, mtime_ns, sidecar, None if asked else ctime_ns, inode)
    old = asked or (state == PhotoState.READY and bool(outdated))
    return KnownFile(stamp, PhotoState(state), old, content_hash)
