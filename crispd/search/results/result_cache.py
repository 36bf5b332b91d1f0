"""The result cache: rankings stay for an hour, so that pages do not shift."""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
import struct
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crispd.errors import CursorExpired, QueryError
from crispd.search.results.cursor import Cursor

if TYPE_CHECKING:
    from collections.abc import Callable

    from crispd.search.ranking import Ranking
    from crispd.types import Query

_SECONDS = 3600.0
# A ranking has 24 bytes a photo: this is a dozen of 60,000 photos, or all that people look through.
CACHED_ANSWERS_BYTES = 24 * 2**20
# What an answer holds beside its ranking: question and query with their vectors, a lock, names.
# 4.7 kB were measured for words; a picture that was sent has 8 kB of vectors and tokens more.
_BESIDE_BYTES = 12_000
_CURSOR = struct.Struct("<8sIQ")
_CHECK_BYTES = 4


@dataclass(slots=True)
class CachedResult:
    """A ranking and its query."""

    ranking: Ranking
    query: Query
    question: str
    used: float = 0.0
    bytes: int = 0
    _growing: threading.Lock = field(default_factory=threading.Lock)

    def grow(self, step: Callable[[Ranking], Ranking]) -> Ranking:
        """The ranking after ``step``, which several readers of it may ask for at once."""
        with self._growing:
            self.ranking = step(self.ranking)
            return self.ranking


class ResultCache:
    """Rankings of the last hour; the least recently used go when they are many. Thread-safe."""

    def __init__(
        self, *, most_bytes: int = CACHED_ANSWERS_BYTES, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most_bytes = most_bytes
        self._clock = clock
        self._kept: OrderedDict[bytes, CachedResult] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def keep(self, query: Query, ranking: Ranking) -> tuple[bytes, CachedResult]:
        """A name for a ranking."""
        name = secrets.token_bytes(8)
        kept = CachedResult(ranking, query, fingerprint(query), self._clock())
        with self._lock:
            self._kept[name] = kept
        self.weigh(name)
        return name, kept

    def latest(self, most: int) -> list[tuple[bytes, CachedResult]]:
        """What was used last, by name, the least recently used first."""
        with self._lock:
            return list(self._kept.items())[-most:]

    def adopt(self, name: bytes, kept: CachedResult) -> None:
        """A ranking of another cache, under the name that its cursors have."""
        with self._lock:
            self._kept[name] = kept
            self._bytes += kept.bytes

    def forget(self, name: bytes) -> None:
        """Nobody has a cursor to it."""
        with self._lock:
            kept = self._kept.pop(name, None)
            if kept is not None:
                self._bytes -= kept.bytes

    def weigh(self, name: bytes) -> None:
        """A ranking is new, or has grown: others may have to go."""
        with self._lock:
            kept = self._kept.get(name)
            if kept is None:
                return
            now = kept.ranking.nbytes + _BESIDE_BYTES
            self._bytes += now - kept.bytes
            kept.bytes = now
            self._forget_some()

    def _forget_some(self) -> None:
        """They stand in the order of their use, so only the first are looked at."""
        oldest = self._clock() - _SECONDS
        while len(self._kept) > 1:
            kept = next(iter(self._kept.values()))
            if kept.used >= oldest and self._bytes <= self._most_bytes:
                break
            self._kept.popitem(last=False)
            self._bytes -= kept.bytes

    def find(self, query: Query) -> tuple[bytes, CachedResult, Cursor]:
        """What the cursor of ``query`` belongs to. Raises CursorExpired or QueryError."""
        name, position = _read(query.cursor or "")
        with self._lock:
            kept = self._kept.get(name)
            if kept is None or self._clock() - kept.used > _SECONDS:
                raise CursorExpired(
                    "These results are no longer kept. Search again without cursor."
                )
            kept.used = self._clock()
            self._kept.move_to_end(name)
        if _asks(query) and fingerprint(query) != kept.question:
            raise QueryError(
                "cursor belongs to another question. Leave the other parameters out, or cursor."
            )
        return name, kept, position


def cursor_of(name: bytes, position: Cursor) -> str:
    """The opaque text that ``find`` reads."""
    data = _CURSOR.pack(name, position.index, position.row)
    return base64.urlsafe_b64encode(data + _check(data)).decode().rstrip("=")


def _read(cursor: str) -> tuple[bytes, Cursor]:
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        data, check = raw[:-_CHECK_BYTES], raw[-_CHECK_BYTES:]
        name, index, row = _CURSOR.unpack(data)
    except (ValueError, binascii.Error, struct.error):
        check, data, name, index, row = b"", b"", b"", 0, 0
    if check != _check(data):
        raise QueryError("cursor is not one of crispd's. Give next of the page before, as it is.")
    return name, Cursor(index, row)


def _check(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=_CHECK_BYTES, key=b"cursor").digest()


def _asks(query: Query) -> bool:
    """Whether there is more in a query than a cursor and a limit."""
    return _essence(query) != _essence(type(query)(""))


def fingerprint(query: Query) -> str:
    """Of everything that decides which photos come in which order."""
    return hashlib.blake2b(repr(_essence(query)).encode("utf-8", "replace")).hexdigest()


def _essence(query: Query) -> tuple[object, ...]:
    picture = None if query.picture is None else query.picture.embedding.tobytes()
    return (
        query.text, query.rerank, query.spelling, query.without, query.more, query.less, picture,
        query.filters, query.sort, query.min_relevance, query.group,
    )  # fmt: skip
