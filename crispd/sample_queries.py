"""The queries of the sample album that comes with crispd, and the photos that each finds.

``sample_album/queries.json`` has the photos of each query that show what it names; a test asks all.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crispd.types import Root

ALBUM = Path(__file__).parent / "sample_album"
# Of every hint, whatever the library: most have some.
FIRST_QUERY = "mountains"


def album_queries() -> dict[str, tuple[str, ...]]:
    """Queries, the best first, each with the names of the photos that it is about."""
    found = json.loads((ALBUM / "queries.json").read_text("utf-8"))
    return {query: tuple(names) for query, names in found.items()}


def sample_queries_for(roots: Iterable[Root]) -> tuple[str, ...]:
    """Those that fit the library, where it is the sample album and nothing else; else none."""
    paths = {Path(root.path).resolve() for root in roots}
    return tuple(album_queries()) if paths == {ALBUM.resolve()} else ()
