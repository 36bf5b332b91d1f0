"""Why the photos of a page were found, told by what is known of each."""

from __future__ import annotations

import os
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING

from crispd.filters.photo_tests import kilometres
from crispd.store.words.marks import lines_with, texts_with
from crispd.types import FieldMatch, displayable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from crispd.types import Filters, PhotoReader, PhotoRecord, SearchHit, TextLine


class MatchReasons:
    """Thread-safe where ``photos`` is. ``is_known``: whether there is a word, in lower case."""

    def __init__(self, photos: PhotoReader, is_known: Callable[[str], bool]) -> None:
        self._photos = photos
        self._is_known = is_known

    def explained(
        self, hits: Sequence[SearchHit], filters: Filters, printed: Filters | None = None
    ) -> tuple[SearchHit, ...]:
        """The same with values, lines of text and distances. ``printed``: see ``Query``."""
        shown = " ".join(filters.values("text")).split()
        either = " ".join(() if printed is None else printed.values("text")).split()
        day = [word for word in either if word not in shown]
        read = [
            hit.photo.content_hash
            for hit in hits
            if shown or day or any(match.field == "text" for match in hit.matched)
        ]
        lines = self._photos.text_of(list(dict.fromkeys(read))) if read else {}
        every = bool(shown) or filters.value("near") is not None
        return tuple(
            replace(
                hit,
                matched=(
                    *self._with_values(hit, shown, day, lines.get(hit.photo.content_hash, ())),
                    *_distance(hit.photo, filters),
                ),
            )
            if every or hit.matched or hit.photo.content_hash in lines
            else hit
            for hit in hits
        )

    def _with_values(
        self,
        hit: SearchHit,
        shown: Sequence[str],
        day: Sequence[str],
        lines: Sequence[TextLine],
    ) -> Iterator[FieldMatch]:
        """``shown``: words that a filter asks for; ``day``: one that may stand there."""
        for match in hit.matched:
            if match.field != "text":
                yield FieldMatch(match.field, match.words, _value(hit.photo, match))
        if not lines and not shown:
            yield from (match for match in hit.matched if match.field == "text")
            return
        words = [*chain(*(match.words for match in hit.matched if match.field == "text")), *shown]
        for line, having in lines_with(lines, [*words, *day], self._is_known):
            own = tuple(word for word in having if line is not None or word not in day)
            if not own:
                continue
            found = FieldMatch("text", own)
            yield found if line is None else replace(found, value=line.text, box=line.corners)


def _value(photo: PhotoRecord, match: FieldMatch) -> str | None:
    """What the field of a photo says; None where that is long, or more than the words."""
    metadata, names = photo.metadata, photo.place_names
    match match.field:
        case "name":
            return displayable(photo.path.rpartition("/")[2])
        case "folder":
            folder = photo.path.rpartition("/")[0]
            return displayable(folder or os.path.basename(photo.root_path))  # noqa: PTH119 - text
        case "person" | "keyword":
            every = metadata.people if match.field == "person" else metadata.keywords
            return ", ".join(texts_with(every, match.words)) or None
        case "place" if names:
            return ", ".join(filter(None, (names.city or names.sublocation, names.country))) or None
        case "title":
            return metadata.title
        case "camera":
            return metadata.camera
    return None


def _distance(photo: PhotoRecord, filters: Filters) -> Iterator[FieldMatch]:
    near, place = filters.value("near"), photo.metadata.place
    if near is not None and place is not None:
        metres = 1000 * float(kilometres(place.latitude, place.longitude, near))
        yield FieldMatch("near", (), distance=round(metres))
