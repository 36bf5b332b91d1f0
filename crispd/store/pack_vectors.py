"""Vectors by pack: which photos a pack has encoded, and which pack answers.

Vectors of several packs lie side by side. Which one answers is one row of ``meta``, so a change of
it is whole or did not happen.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import bindparam, delete, exists, func, insert, literal, select, update
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from crispd.store.reading.watched_roots import is_watched
from crispd.store.schema import contents, embeddings, meta, photos, tokens
from crispd.types import PhotoState

if TYPE_CHECKING:
    from crispd.store.database import Database
    from crispd.types import EncodedPhoto, Labels

PACK_CHOICE = "packs"  # the row of ``meta``
_AT_ONCE = 500
_searchable = (func.likely(photos.c.state == PhotoState.READY), is_watched)
_by_pack = exists().where(
    embeddings.c.content_hash == photos.c.content_hash, embeddings.c.pack == bindparam("pack")
)
_contents = select(func.count(photos.c.content_hash.distinct())).where(*_searchable)
_missing = (
    select(func.min(photos.c.id), func.max(photos.c.taken_at).label("taken"))
    .where(*_searchable, ~_by_pack)
    .group_by(photos.c.content_hash)
    .order_by(func.max(photos.c.taken_at).desc())
)


@dataclass(frozen=True, slots=True)
class PackReference:
    """``id``: name and version, as vectors have it; ``place``: what finds its files, a folder or
    the name of one.
    """

    id: str
    place: str


@dataclass(frozen=True, slots=True)
class PackChoice:
    """``active`` answers. ``target`` shall, once all photos have its vectors; ``trusted``: it did
    before. ``previous`` answered before. ``setting``: what the settings named when this was
    written. ``refused``: a pack that was tried, and why it does not answer.
    """

    active: PackReference | None = None
    target: PackReference | None = None
    previous: PackReference | None = None
    setting: str = ""
    trusted: bool = False
    refused: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class LabelTranslation:
    """``old``: int64 [n], ascending; ``new``: of the same contents."""

    old: Labels
    new: Labels

    def __call__(self, labels: Labels) -> Labels:
        """int64 [n] of labels [n]; -1 where there is none."""
        if not len(self.old):
            return np.full(len(labels), -1, np.int64)
        places = np.minimum(np.searchsorted(self.old, labels), len(self.old) - 1)
        return np.where(self.old[places] == labels, self.new[places], -1)


class PackVectors:
    """Thread-safe. Raises StorageError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def choice(self) -> PackChoice:
        """Which pack answers; an empty one before any did."""
        with self._database.reading() as connection:
            found = connection.execute(
                select(meta.c.value).where(meta.c.key == PACK_CHOICE)
            ).scalar()
        return PackChoice() if found is None else pack_choice_of(found)

    def choose(self, choice: PackChoice) -> None:
        """From now on, also after a kill: in one statement."""
        value = json.dumps(asdict(choice))
        statement = sqlite_insert(meta).values(key=PACK_CHOICE, value=value)
        with self._database.write() as tx:
            tx.connection.execute(
                statement.on_conflict_do_update(index_elements=["key"], set_={"value": value})
            )

    def counts(self) -> dict[str, int]:
        """Vectors by pack, also of photos that are not there any more."""
        query = select(embeddings.c.pack, func.count()).group_by(embeddings.c.pack)
        with self._database.reading() as connection:
            return {pack: int(count) for pack, count in connection.execute(query)}

    def coverage(self, pack: str) -> tuple[int, int]:
        """Searchable contents that a pack has encoded, and all of them."""
        with self._database.reading() as connection:
            done = connection.execute(_contents.where(_by_pack), {"pack": pack}).scalar_one()
            return int(done), int(connection.execute(_contents).scalar_one())

    def missing(self, pack: str) -> list[int]:
        """Rows of searchable photos without vectors of a pack, one a content, the latest first."""
        with self._database.reading() as connection:
            return [row for row, _ in connection.execute(_missing, {"pack": pack})]

    def save(
        self, content_hash: str, pack: str, encoded: EncodedPhoto, colourfulness: int | None = None
    ) -> None:
        """Keep what a pack made of a content; nothing where it is known, or gone meanwhile.

        And how colourful it is, where nobody had looked.
        """
        vector = np.ascontiguousarray(encoded.embedding, dtype="<f4").tobytes()
        known = select(contents.c.content_hash, literal(pack), literal(vector)).where(
            contents.c.content_hash == content_hash,
            ~exists().where(embeddings.c.content_hash == content_hash, embeddings.c.pack == pack),
        )
        columns = ["content_hash", "pack", "vector"]
        unseen = update(contents).where(
            contents.c.content_hash == content_hash, contents.c.colourfulness.is_(None)
        )
        with self._database.write() as tx:
            if colourfulness is not None:
                tx.connection.execute(unseen.values(colourfulness=colourfulness))
            made = tx.connection.execute(insert(embeddings).from_select(columns, known))
            if made.rowcount and encoded.tokens is not None:
                label = select(embeddings.c.id, literal(encoded.tokens)).where(
                    embeddings.c.content_hash == content_hash, embeddings.c.pack == pack
                )
                tx.connection.execute(insert(tokens).from_select(["embedding_id", "data"], label))

    def forget(self, pack: str) -> int:
        """Delete some hundreds of its vectors; how many. 0: there are none any more."""
        some = select(embeddings.c.id).where(embeddings.c.pack == pack).limit(_AT_ONCE)
        with self._database.write() as tx:
            labels = list(tx.connection.execute(some).scalars())
            if labels:
                tx.connection.execute(delete(tokens).where(tokens.c.embedding_id.in_(labels)))
                tx.connection.execute(delete(embeddings).where(embeddings.c.id.in_(labels)))
        return len(labels)

    def translation(self, old: str, new: str) -> LabelTranslation:
        """Labels of one pack to those of another, for all contents that both have encoded."""
        other = embeddings.alias()
        query = (
            select(embeddings.c.id, other.c.id)
            .join(other, other.c.content_hash == embeddings.c.content_hash)
            .where(embeddings.c.pack == old, other.c.pack == new)
            .order_by(embeddings.c.id)
        )
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        pairs = np.array([tuple(row) for row in rows], np.int64).reshape(-1, 2)
        return LabelTranslation(pairs[:, 0].copy(), pairs[:, 1].copy())


def pack_choice_of(text: str) -> PackChoice:
    """Of the row of ``meta``."""
    stored: dict[str, Any] = json.loads(text)

    def pack(name: str) -> PackReference | None:
        found = stored.get(name)
        return PackReference(found["id"], found["place"]) if found else None

    refused = stored.get("refused")
    return PackChoice(
        pack("active"),
        pack("target"),
        pack("previous"),
        str(stored.get("setting", "")),
        bool(stored.get("trusted", False)),
        (str(refused[0]), str(refused[1])) if refused else None,
    )
