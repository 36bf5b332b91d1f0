"""What one transaction can write."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from sqlalchemy import (
    ColumnElement,
    and_,
    case,
    delete,
    insert,
    not_,
    select,
    update,
)

from crispd.store.ids import public_id
from crispd.store.metadata_columns import LISTS, metadata_columns, sidecar_columns
from crispd.store.reading.metadata_index_reads import captures
from crispd.store.schema import contents, embeddings, paired_raws, photos, roots, tokens
from crispd.store.stamps import forget_stamps
from crispd.store.writing.moves import (
    chunks,
    independent,
    rows_at,
    save_ids,
    save_places,
)
from crispd.store.writing.write_statements import (
    content_here,
    label_of,
    liveness_of,
    said_of,
    upsert,
)
from crispd.types import (
    METADATA_VERSION,
    CaptureKey,
    CaptureTime,
    FileStamp,
    PhotoState,
    Root,
    Sidecar,
    most_reliable,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection, CursorResult, Table

    from crispd.store.writing.moves import DatesByFile
    from crispd.types import Floats, PhotoMetadata

_AT_ONCE = 500


class _Said(NamedTuple):
    """What a content says: when it was taken, and its lists as stored, by column."""

    capture_time: CaptureTime | None
    lists: dict[str, str | None]


class WriteTransaction:
    """Belongs to ``Database.write``. Remembers which contents it touched, for ``liveness``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._touched: set[str] = set()
        self._now = datetime.now(UTC).isoformat(timespec="milliseconds")

    @property
    def connection(self) -> Connection:
        """For tables that have a module of their own."""
        return self._connection

    def ensure_root(self, path: str) -> Root:
        """The row of a root, made where there is none."""
        raw = os.fsencode(path)
        row = self._connection.execute(select(roots.c.id).where(roots.c.path == raw)).first()
        if row is None:
            made = self._connection.execute(insert(roots).values(path=raw, added_at=self._now))
            return Root(_key(made), path)
        return Root(int(row.id), path)

    def watch(self, wanted: Sequence[Root]) -> list[Root]:
        """These roots are watched and no others; those that were, and are not any more."""
        chosen = roots.c.id.in_([root.id for root in wanted])
        others = select(roots.c.id, roots.c.path).where(not_(chosen), roots.c.watched != 0)
        dropped = self._connection.execute(others).all()
        self._connection.execute(update(roots).values(watched=case((chosen, 1), else_=0)))
        return [Root(row.id, os.fsdecode(row.path)) for row in dropped]

    def relocate_root(self, root: Root, path: str) -> None:
        """A root lies at another path now. Public ids are made of paths and change with it."""
        forget_stamps(self._connection, root.id)
        self._connection.execute(
            update(roots).where(roots.c.id == root.id).values(path=os.fsencode(path))
        )
        save_ids(self._connection, root.id, path)

    def save_encoded(
        self,
        content_hash: str,
        pack: str,
        metadata: PhotoMetadata,
        embedding: Floats,
        region_tokens: bytes | None,
    ) -> int:
        """Keep what was made of a content; its label. A second time changes nothing."""
        asked = {"content_hash": content_hash, "pack": pack}
        known = self._connection.execute(label_of, asked).first()
        if known is not None:
            return int(known.id)
        self.save_metadata(content_hash, metadata)
        vector = np.ascontiguousarray(embedding, dtype="<f4").tobytes()
        made = self._connection.execute(insert(embeddings), {**asked, "vector": vector})
        label = _key(made)
        if region_tokens is not None:
            values = {"embedding_id": label, "data": region_tokens}
            self._connection.execute(insert(tokens), values)
        self._touched.add(content_hash)
        return label

    def save_metadata(self, content_hash: str, metadata: PhotoMetadata) -> None:
        """What a content says of itself, in place of what was read of it before."""
        values = metadata_columns(metadata)
        self._upsert(contents, {"content_hash": content_hash}, values)

    def state_of(self, root_id: int, path: str) -> PhotoState | None:
        """Of a path as this transaction has it; None where it has no row."""
        here = and_(photos.c.root_id == root_id, photos.c.path == os.fsencode(path))
        row = self._connection.execute(select(photos.c.state).where(here)).first()
        return None if row is None else PhotoState(row.state)

    def capture_of(self, root_id: int, path: str) -> CaptureKey | None:
        """What the content of a searchable photo says of its moment; None for any other path."""
        query = captures.where(photos.c.root_id == root_id, photos.c.path == os.fsencode(path))
        row = self._connection.execute(query).first()
        return None if row is None else CaptureKey(row.taken_at, row.camera)

    def save_paired(self, root_id: int, path: str, stamp: FileStamp, capture: CaptureKey) -> None:
        """A picture stands for the RAW at a path: it has no row, and is not read again."""
        self.remove_photos(root_id, [path])
        values = {
            "size": stamp.size, "mtime_ns": stamp.mtime_ns,
            "taken_at": capture.taken_at, "camera": capture.camera,
        }  # fmt: skip
        self._upsert(paired_raws, {"root_id": root_id, "path": os.fsencode(path)}, values)

    def forget_paired(self, root_id: int, path: str) -> None:
        """The RAW is gone, or was never one."""
        here = and_(paired_raws.c.root_id == root_id, paired_raws.c.path == os.fsencode(path))
        self._connection.execute(delete(paired_raws).where(here))

    def save_photo(
        self,
        root: Root,
        path: str,
        stamp: FileStamp,
        content_hash: str,
        by_file: CaptureTime,
        sidecar: Sidecar | None = None,
    ) -> None:
        """A path is searchable with this content, which must be known.

        ``by_file``: when it was taken by its name or time; ``sidecar``: what lies beside it says.
        """
        said = self._said(content_hash)
        beside = None if sidecar is None else sidecar.capture_time
        taken = most_reliable(beside, said.capture_time, by_file) or by_file
        self._save(
            root,
            path,
            size=stamp.size,
            mtime_ns=stamp.mtime_ns,
            sidecar=stamp.sidecar,
            metadata_version=METADATA_VERSION,
            ctime_ns=stamp.ctime_ns,
            inode=stamp.inode,
            public_id=public_id(root.path, path, content_hash),
            content_hash=content_hash,
            state=PhotoState.READY,
            reason_code=None,
            reason=None,
            taken_at=taken.at,
            taken_from=taken.source,
            taken_precision=taken.precision,
            **sidecar_columns(sidecar, said.lists),
        )
        self._touched.add(content_hash)

    def save_failure(
        self, root: Root, path: str, stamp: FileStamp | None, code: str, reason: str
    ) -> None:
        """A path cannot be read, and why."""
        self._save(
            root,
            path,
            size=stamp.size if stamp else 0,
            mtime_ns=stamp.mtime_ns if stamp else 0,
            sidecar=stamp.sidecar if stamp else 0,
            ctime_ns=stamp.ctime_ns if stamp else None,
            inode=stamp.inode if stamp else None,
            public_id=None,
            content_hash=None,
            state=PhotoState.FAILED,
            reason_code=code,
            reason=reason,
            taken_at=None,
            taken_from=None,
            taken_precision=None,
            **sidecar_columns(None),
        )

    def _save(self, root: Root, path: str, **values: object) -> None:
        here: dict[str, object] = {"root_id": root.id, "path": os.fsencode(path)}
        self._touched.update(self._connection.execute(content_here, here).scalars())
        self._upsert(photos, here, {**values, "updated_at": self._now})

    def _upsert(
        self, table: Table, keys: Mapping[str, object], values: Mapping[str, object]
    ) -> None:
        statement = upsert(table, tuple(keys), tuple(values))
        self._connection.execute(statement, {**keys, **values})

    def _said(self, content_hash: str) -> _Said:
        row = self._connection.execute(said_of, {"content_hash": content_hash}).first()
        if row is None:
            return _Said(None, {})
        taken = CaptureTime(*row[:4]) if row.taken_at else None
        return _Said(taken, dict(zip(LISTS, row[4:], strict=True)))

    def move_photo(self, root: Root, old: str, new: str, by_file: CaptureTime) -> bool:
        """A row gets a new path, taking the place of one that is there; false where none is."""
        here = and_(photos.c.root_id == root.id, photos.c.path == os.fsencode(old))
        query = select(photos.c.content_hash, photos.c.sidecar).where(here)
        row = self._connection.execute(query).first()
        if row is None or old == new:
            return False
        self.remove_photos(root.id, [new])
        values: dict[str, object] = {"path": os.fsencode(new), "updated_at": self._now}
        if row.content_hash:
            taken = most_reliable(self._said(row.content_hash).capture_time, by_file) or by_file
            values |= {
                "public_id": public_id(root.path, new, row.content_hash),
                "taken_at": taken.at,
                "taken_from": taken.source,
                "taken_precision": taken.precision,
            }
        if row.sidecar:  # what lay beside it told more: that has to be read again
            values["metadata_version"] = 0
        self._connection.execute(update(photos).where(here).values(**values))
        return True

    def paths_under(self, root_id: int, folder: str) -> list[str]:
        """Every known path below a folder."""
        query = select(photos.c.path).where(_below(root_id, folder))
        return [os.fsdecode(path) for path in self._connection.execute(query).scalars()]

    def move_photos(
        self, root: Root, pairs: Sequence[tuple[str, str]], dates: DatesByFile
    ) -> dict[str, FileStamp]:
        """Rows get new paths in one go, taking the places of those there; their stamps by old path.

        ``dates``: of a new path, for photos whose time the folder or the file's own time told.
        For files whose names stay: the times that names tell are left as they are. Pairs that hang
        together, as from a to b and from b to c, are left alone.
        """
        wanted = independent(pairs)
        found = rows_at(self._connection, root.id, sorted(wanted))
        news = [wanted[row.path] for row in found]
        for chunk in chunks(news):
            self._remove(and_(photos.c.root_id == root.id, photos.c.path.in_(chunk)))
        save_places(self._connection, root, found, news, dates, self._now)
        return {
            os.fsdecode(row.path): FileStamp(row.size, row.mtime_ns, row.sidecar) for row in found
        }

    def remove_photos(self, root_id: int, paths: Iterable[str]) -> int:
        """Forget paths; how many were known. Their embeddings stay: photos come back."""
        removed = 0
        for path in paths:
            removed += self._remove(
                and_(photos.c.root_id == root_id, photos.c.path == os.fsencode(path))
            )
        return removed

    def remove_under(self, root_id: int, folder: str) -> int:
        """Forget every path below a folder; how many were known."""
        return self._remove(_below(root_id, folder))

    def _remove(self, which: ColumnElement[bool]) -> int:
        self._touch(which)
        return self._connection.execute(delete(photos).where(which)).rowcount

    def _touch(self, which: ColumnElement[bool]) -> None:
        query = select(photos.c.content_hash).where(which, photos.c.content_hash.is_not(None))
        self._touched.update(self._connection.execute(query).scalars())

    def liveness(self, pack: str) -> tuple[list[int], list[int]]:
        """Labels of the pack among the touched contents: (searchable now, not any more)."""
        live: list[int] = []
        dead: list[int] = []
        touched = sorted(self._touched)
        for start in range(0, len(touched), _AT_ONCE):
            chunk = touched[start : start + _AT_ONCE]
            asked = {"pack": pack, "touched": chunk}
            for label, is_live in self._connection.execute(liveness_of, asked):
                (live if is_live else dead).append(int(label))
        return live, dead


def _below(root_id: int, folder: str) -> ColumnElement[bool]:
    first = os.fsencode(folder) + b"/"
    # The bytes that begin with "folder/" are those from there up to "folder0": '0' is '/' + 1.
    beyond = os.fsencode(folder) + b"0"
    return and_(photos.c.root_id == root_id, photos.c.path >= first, photos.c.path < beyond)


def _key(made: CursorResult[Any]) -> int:
    """The id of a row that was just inserted."""
    key = made.inserted_primary_key
    assert key is not None
    return int(key[0])
