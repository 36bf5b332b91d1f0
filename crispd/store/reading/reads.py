"""Reads. Each call takes a pooled read-only connection and sees what has been committed."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import func, select, text
from sqlalchemy.sql.functions import count

from crispd.store.reading.known_file_queries import as_known_file, known_file, known_files
from crispd.store.reading.metadata_index_reads import MetadataRows, captures
from crispd.store.reading.photo_queries import (
    as_labels,
    as_record,
    ids_at_rows,
    label_of_content,
    live_labels_of_pack,
    photos_at_rows,
    photos_of_labels,
    record,
    tokens_of_labels,
    vectors_of_labels,
)
from crispd.store.reading.problem_queries import all_problems
from crispd.store.reading.watched_roots import is_watched
from crispd.store.schema import (
    changes,
    content_text,
    paired_raws,
    photos,
    roots,
)
from crispd.store.sqlite_errors import translated_errors
from crispd.store.words.text_lines import unpacked_lines
from crispd.store.words.word_index import WordIndex
from crispd.types import (
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

    from crispd.store.reading.read_connections import CompiledQuery, ReadConnections
    from crispd.types import Floats, Labels, TextLine

_AT_ONCE = 500  # values in one IN list, well below SQLite's limit on variables
_CHUNK = 512  # vectors a chunk: 1 MB; four times as many take twice as long each


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
        rows = self._all(known_files, {"root_id": root_id, "pack": self._pack})
        return {os.fsdecode(path): as_known_file(*row) for path, *row in rows}

    def known_file(self, root_id: int, path: str) -> KnownFile | None:
        """One path of a root."""
        asked = {"root_id": root_id, "path": os.fsencode(path), "pack": self._pack}
        rows = self._all(known_file, asked)
        for _, *row in rows:
            return as_known_file(*row)
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
        rows = self._all(label_of_content, {"content_hash": content_hash, "pack": pack})
        return int(rows[0].id) if rows else None

    def label_of_photo(self, public_id: str) -> int | None:
        """Label of a searchable photo by its public id; None without one, or without a pack."""
        photo = self.photo(public_id)
        if photo is None or self._pack is None:
            return None
        return self.label_of(photo.content_hash, self._pack)

    def photo(self, public_id: str) -> PhotoRecord | None:
        """A searchable photo."""
        rows = self._all(record.where(photos.c.public_id == public_id))
        return as_record(rows[0]) if rows else None

    def photos_of(self, labels: Sequence[int]) -> dict[int, list[PhotoRecord]]:
        """Searchable photos by label; copies of one content in the order they came."""
        found: dict[int, list[PhotoRecord]] = {}
        rows = self._given(photos_of_labels, labels)
        for row in sorted(rows, key=lambda row: row.row):
            found.setdefault(row.label, []).append(as_record(row))
        return found

    def photos_at(self, rows: Sequence[int]) -> dict[int, PhotoRecord]:
        """Searchable photos by their rows."""
        return {row.row: as_record(row) for row in self._given(photos_at_rows, rows)}

    def ids_at(self, rows: Sequence[int]) -> dict[int, str]:
        """Public ids of searchable photos by their rows: a tenth of the time of whole records."""
        return dict(self._given(ids_at_rows, rows))

    def newest_rows(self, since: int | None = None) -> list[int]:
        """Rows of all searchable photos, the latest taken first; of those that changed after change
        number ``since``, where that is given.
        """
        query = select(photos.c.id).where(photos.c.state == PhotoState.READY, is_watched)
        if since is not None:
            changed = select(changes.c.photo_id).where(changes.c.number > since)
            query = query.where(photos.c.id.in_(changed))
        return [row.id for row in self._all(query.order_by(photos.c.taken_at.desc()))]

    def latest_change(self) -> int:
        """Number of the last change of a photo."""
        with translated_errors(), self._connections.connect() as connection:
            return self._connections.latest_change(connection)

    def tokens_of(self, labels: Sequence[int]) -> dict[int, bytes]:
        """Region tokens by label; a label without any is left out."""
        return dict(self._given(tokens_of_labels, labels))

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
        with translated_errors(), self._connections.connect() as connection:
            [row] = live_labels_of_pack.all(connection, pack=pack)
        return np.sort(as_labels(row.labels))

    def vectors(self, pack: str, labels: Labels) -> Iterator[tuple[Labels, Floats]]:
        """Chunks of (labels int64 [n], vectors float32 [n, dim]); unknown labels are left out."""
        for start in range(0, len(labels), _CHUNK):
            given = json.dumps(labels[start : start + _CHUNK].tolist())
            with translated_errors(), self._connections.connect() as connection:
                [row] = vectors_of_labels.all(connection, given=given, pack=pack)
            found = as_labels(row.labels)
            if len(found):
                yield found, np.frombuffer(row.vectors, "<f4").reshape(len(found), -1)

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
        query = all_problems.order_by(text("since DESC"), text('"row" DESC'))
        return [
            IndexingProblem(os.fsdecode(row.root_path), os.fsdecode(row.path), *row[2:5])
            for row in self._all(query.limit(limit).offset(offset))
        ]

    def problem_count(self) -> int:
        """How many ``problems`` has in all."""
        both = all_problems.subquery()
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
