"""Stored tokens that are none of their pack's: a search over one of them is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3

_LENGTHS = """SELECT pack, length(data), count(*) FROM embeddings JOIN tokens ON embedding_id = id
              GROUP BY pack, length(data)"""
_OTHERS = """SELECT embedding_id FROM embeddings JOIN tokens ON embedding_id = id
             WHERE pack = ? AND length(data) <> ?"""


def odd_tokens(connection: sqlite3.Connection) -> list[int]:
    """Numbers of the embeddings whose tokens are of another length than most of their pack's.

    Packs that keep compressed pixels have no length that most share.
    """
    counts: dict[str, dict[int, int]] = {}
    for pack, length, count in connection.execute(_LENGTHS):
        counts.setdefault(pack, {})[length] = count
    found: list[int] = []
    for pack, lengths in counts.items():
        usual = max(lengths, key=lengths.__getitem__)
        if len(lengths) > 1 and 2 * lengths[usual] > sum(lengths.values()):
            found += (row[0] for row in connection.execute(_OTHERS, (pack, usual)))
    return found
