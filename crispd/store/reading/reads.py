"""Reads. Each call takes a pooled read-only connection and sees what has been committed."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import and_, bindparam, exists, func, literal, not_, or_, select, text, union_all
from sqlalchemy.sql.functions import count

from crispd.store.metadata_columns import BESIDE, metadata_of_row, unpacked_place
from crispd.store.reading.metadata_index_reads import MetadataRows, captures, either
from crispd.store.reading.read_connections import CompiledQuery
from crispd.store.reading.watched_roots import is_watched
from crispd.store.schema import (
    content_text,
    contents,
    embeddings,
    paired_raws,
    photo_words,
    photos,
    roots,
    tokens,
)
from crispd.store.sqlite_errors import translated_errors
from crispd.store.stamps import REREAD
from crispd.store.words.text_lines import unpacked_lines
from crispd.store.words.word_index import WordIndex
from crispd.types import (
    METADATA_VERSION,
    TEXT_PROBLEM,
    CaptureKey,
    FileStamp,
    IndexingProblem,
    KnownFile,
    PhotoRecord,
    PhotoState,
    Root,
    RootCounts,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy import CompoundSelect, Select

    from crispd.store.reading.read_connections import ReadConnections
    from crispd.types import Floats, Labels, TextLine

_AT_ONCE = 500  # values in one IN list, well below SQLite's limit on variables
_CHUNK = 2048  # vectors a chunk: 3 MB

_record = (
    select(
        photos.c.public_id,
        photos.c.root_id,
        roots.c.path.label("root_path"),
        photos.c.path,
        photos.c.content_hash,
        photos.c.size,
        photos.c.mtime_ns,
        contents.c.width,
        contents.c.height,
        contents.c.type,
        # rows of the first schema have no time of their own until the next scan has seen them
        func.coalesce(photos.c.taken_at, contents.c.taken_at).label("taken_at"),
        func.coalesce(photos.c.taken_from, contents.c.taken_from).label("taken_from"),
        photos.c.taken_precision,
        contents.c.camera,
        contents.c.lens,
        *(either(name) for name in BESIDE),
        photo_words.c.place_names,
        photos.c.id.label("row"),
    )
    .join(roots, roots.c.id == photos.c.root_id)
    .join(contents, contents.c.content_hash == photos.c.content_hash)
    .outerjoin(photo_words, photo_words.c.photo_id == photos.c.id)
    # Nearly all photos are. Not told so, SQLite takes the state for selective and walks through
    # every photo of the library for the sake of a handful.
    .where(func.likely(photos.c.state == PhotoState.READY), func.likely(roots.c.watched != 0))
)
# Labels or rows as one text of JSON: a list of another length would be another query for SQLite.
_given = select(func.json_each(bindparam("given")).table_valued("value").c.value)
_of_labels = CompiledQuery(
    _record.join(embeddings, embeddings.c.content_hash == photos.c.content_hash)
    .add_columns(embeddings.c.id.label("label"))
    .where(embeddings.c.id.in_(_given))
)
_at = CompiledQuery(_record.where(photos.c.id.in_(_given)))
_ids = CompiledQuery(
    select(photos.c.id, photos.c.public_id)
    .join(roots, roots.c.id == photos.c.root_id)
    .where(
        photos.c.id.in_(_given),
        func.likely(photos.c.state == PhotoState.READY),  # as above
        func.likely(roots.c.watched != 0),
    )
)
_tokens = CompiledQuery(
    select(tokens.c.embedding_id, tokens.c.data).where(tokens.c.embedding_id.in_(_given))
)
_vectors = select(embeddings.c.id, embeddings.c.vector).where(
    embeddings.c.id.in_(bindparam("labels", expanding=True)), embeddings.c.pack == bindparam("pack")
)
_label = select(embeddings.c.id).where(
    embeddings.c.content_hash == bindparam("content_hash"), embeddings.c.pack == bindparam("pack")
)
# A content that another pack encoded has to be encoded again; with no pack to ask for, none has.
_encoded = exists().where(
    embeddings.c.content_hash == photos.c.content_hash, embeddings.c.pack == bindparam("pack")
)
_known_files = (
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
_known_file = _known_files.where(photos.c.path == bindparam("path")).add_columns(
    photos.c.content_hash
)

_failed = (
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
_text_failed = (
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


class Reader:
    """Thread-safe reads. Raises StorageError. A photo is searchable where its root is watched.

    ``pack``: known files that it has not encoded are outdated; without one, none are for that.
    """

    def __init__(self, connections: ReadConnections, pack: str | None = None) -> None:
        self._connections = connections
        self._pack = pack

    def for_pack(self, pack: str) -> Reader:
        """The same reads, seen by a pack."""
        return Reader(self._connections, pack)

    def listings(
        self, pack: str, is_known: Callable[[str], bool] = lambda _: False
    ) -> MetadataRows:
        """What the metadata index of a pack reads. ``is_known``: see ``words``."""
        return MetadataRows(self._connections, pack, is_known)

    def words(self, pack: str, is_known: Callable[[str], bool] = lambda _: False) -> WordIndex:
        """What files say, by word, of photos that a pack has encoded. ``is_known``: whether there
        is a word, in lower case: no text in photos is taken for a misread one then.
        """
        return WordIndex(self._connections, pack, is_known)

    def roots(self) -> list[Root]:
        """Every root that was ever watched."""
        return self._roots(select(roots.c.id, roots.c.path))

    def watched(self) -> list[Root]:
        """The roots that are watched now, or were at the last start."""
        return self._roots(select(roots.c.id, roots.c.path).where(roots.c.watched != 0))

    def _roots(self, query: Select[Any]) -> list[Root]:
        rows = self._all(query.order_by(roots.c.id))
        return [Root(row.id, os.fsdecode(row.path)) for row in rows]

    def known_files(self, root_id: int) -> dict[str, KnownFile]:
        """Every path of a root with its stamp and state."""
        rows = self._all(_known_files, {"root_id": root_id, "pack": self._pack})
        return {os.fsdecode(path): _as_known(*row) for path, *row in rows}

    def known_file(self, root_id: int, path: str) -> KnownFile | None:
        """One path of a root."""
        asked = {"root_id": root_id, "path": os.fsencode(path), "pack": self._pack}
        rows = self._all(_known_file, asked)
        for _, *row in rows:
            return _as_known(*row)
        return None

    def captures(self, root_id: int, paths: Sequence[str]) -> dict[str, CaptureKey]:
        """What the contents of searchable photos of a root say of their moment."""
        found: dict[str, CaptureKey] = {}
        raw = [os.fsencode(path) for path in paths]
        for start in range(0, len(raw), _AT_ONCE):
            some = photos.c.path.in_(raw[start : start + _AT_ONCE])
            for row in self._all(captures.where(photos.c.root_id == root_id, some)):
                found[os.fsdecode(row.path)] = CaptureKey(row.taken_at, row.camera)
        return found

    def paired_raws(self, root_id: int) -> dict[str, tuple[FileStamp, CaptureKey]]:
        """What RAWs say of their moment that a picture stands for, and the stamps they had."""
        rows = self._all(select(paired_raws).where(paired_raws.c.root_id == root_id))
        return {
            os.fsdecode(row.path): (
                FileStamp(row.size, row.mtime_ns),
                CaptureKey(row.taken_at, row.camera),
            )
            for row in rows
        }

    def label_of(self, content_hash: str, pack: str) -> int | None:
        """Label of a content's embedding, None where it has not been encoded by this pack."""
        rows = self._all(_label, {"content_hash": content_hash, "pack": pack})
        return int(rows[0].id) if rows else None

    def label_of_photo(self, public_id: str) -> int | None:
        """Label of a searchable photo by its public id; None without one, or without a pack."""
        photo = self.photo(public_id)
        if photo is None or self._pack is None:
            return None
        return self.label_of(photo.content_hash, self._pack)

    def photo(self, public_id: str) -> PhotoRecord | None:
        """A searchable photo."""
        rows = self._all(_record.where(photos.c.public_id == public_id))
        return _as_record(rows[0]) if rows else None

    def photos_of(self, labels: Sequence[int]) -> dict[int, list[PhotoRecord]]:
        """Searchable photos by label; copies of one content in the order they came."""
        found: dict[int, list[PhotoRecord]] = {}
        rows = self._given(_of_labels, labels)
        for row in sorted(rows, key=lambda row: row.row):
            found.setdefault(row.label, []).append(_as_record(row))
        return found

    def photos_at(self, rows: Sequence[int]) -> dict[int, PhotoRecord]:
        """Searchable photos by their rows."""
        return {row.row: _as_record(row) for row in self._given(_at, rows)}

    def ids_at(self, rows: Sequence[int]) -> dict[int, str]:
        """Public ids of searchable photos by their rows: a tenth of the time of whole records."""
        return dict(self._given(_ids, rows))

    def newest_rows(self) -> list[int]:
        """Rows of all searchable photos, the latest taken first."""
        query = select(photos.c.id).where(photos.c.state == PhotoState.READY, is_watched)
        return [row.id for row in self._all(query.order_by(photos.c.taken_at.desc()))]

    def tokens_of(self, labels: Sequence[int]) -> dict[int, bytes]:
        """Region tokens by label; a label without any is left out."""
        return dict(self._given(_tokens, labels))

    def text_of(self, content_hashes: Sequence[str]) -> dict[str, tuple[TextLine, ...]]:
        """Lines of text by content; one that was not read is left out."""
        query = select(content_text.c.content_hash, content_text.c.lines)
        found: dict[str, tuple[TextLine, ...]] = {}
        for start in range(0, len(content_hashes), _AT_ONCE):
            some = content_text.c.content_hash.in_(content_hashes[start : start + _AT_ONCE])
            found |= {name: unpacked_lines(lines) for name, lines in self._all(query.where(some))}
        return found

    def live_labels(self, pack: str) -> Labels:
        """Labels of the pack that a searchable photo refers to, int64, ascending."""
        used = exists().where(
            photos.c.content_hash == embeddings.c.content_hash,
            func.likely(photos.c.state == PhotoState.READY),  # as above
            is_watched,
        )
        query = select(embeddings.c.id).where(embeddings.c.pack == pack, used)
        with translated_errors(), self._connections.connect() as connection:
            # a few at a time: what a list of all takes, the allocator would not give back
            found = connection.execute(
                query.order_by(embeddings.c.id), execution_options={"yield_per": _CHUNK}
            )
            return np.fromiter(found.scalars(), dtype=np.int64)

    def vectors(self, pack: str, labels: Labels) -> Iterator[tuple[Labels, Floats]]:
        """Chunks of (labels int64 [n], vectors float32 [n, dim]); unknown labels are left out."""
        for start in range(0, len(labels), _CHUNK):
            wanted = labels[start : start + _CHUNK].tolist()
            rows = [
                row
                for chunk in _chunks(wanted, _AT_ONCE)
                for row in self._all(_vectors, {"labels": chunk, "pack": pack})
            ]
            if rows:
                found = np.fromiter((row.id for row in rows), dtype=np.int64, count=len(rows))
                data = np.frombuffer(b"".join(row.vector for row in rows), dtype="<f4")
                yield found, data.reshape(len(rows), -1)

    def counts(self) -> dict[int, RootCounts]:
        """Photos and failures of every root that is watched."""
        query = select(photos.c.root_id, photos.c.state, count()).group_by(
            photos.c.root_id, photos.c.state
        )
        numbers = {(root_id, state): number for root_id, state, number in self._all(query)}
        return {
            root.id: RootCounts(
                photos=numbers.get((root.id, PhotoState.READY), 0),
                failed=numbers.get((root.id, PhotoState.FAILED), 0),
            )
            for root in self.watched()
        }

    def problems(self, limit: int, offset: int) -> list[IndexingProblem]:
        """A page of the files that, or whose text, could not be read, the latest first."""
        query = union_all(_failed, _text_failed).order_by(text("since DESC"), text('"row" DESC'))
        return [
            IndexingProblem(os.fsdecode(row.root_path), os.fsdecode(row.path), *row[2:5])
            for row in self._all(query.limit(limit).offset(offset))
        ]

    def problem_count(self) -> int:
        """How many ``problems`` has in all."""
        both = union_all(_failed, _text_failed).subquery()
        return int(self._all(select(func.count()).select_from(both))[0][0])

    def _given(self, query: CompiledQuery, numbers: Sequence[int]) -> list[Any]:
        """Rows of the photos or labels that are given."""
        given = json.dumps([int(number) for number in numbers])
        with translated_errors(), self._connections.connect() as connection:
            return query.all(connection, given=given)

    def _all(
        self, query: Select[Any] | CompoundSelect[Any], values: dict[str, object] | None = None
    ) -> Sequence[Any]:
        with translated_errors(), self._connections.connect() as connection:
            return connection.execute(query, values or {}).all()


def _as_record(row: Any) -> PhotoRecord:
    return PhotoRecord(
        id=row.public_id,
        root_id=row.root_id,
        root_path=os.fsdecode(row.root_path),
        path=os.fsdecode(row.path),
        content_hash=row.content_hash,
        stamp=FileStamp(row.size, row.mtime_ns),
        metadata=metadata_of_row(row),
        row=row.row,
        place_names=unpacked_place(row.place_names),
    )


def _as_known(
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


def _chunks(values: Sequence[int], size: int) -> Iterator[list[int]]:
    for start in range(0, len(values), size):
        yield [int(value) for value in values[start : start + size]]
