"""What may be asked: parameters to a query, or a sentence that says what is wrong."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar, get_args

from crispd import query as query_module
from crispd.errors import QueryError
from crispd.query.filter_merging import merge_filters
from crispd.query.parsed_query import ParsedQuery
from crispd.types import Filters, Group, MinRelevance, Query, Sort

if TYPE_CHECKING:
    from collections.abc import Callable

    from crispd.query import Hemisphere
    from crispd.types import EncodedPhoto

T = TypeVar("T")

MAX_TEXT_LENGTH = 10_000
MAX_RESULTS = 200
DEFAULT_RESULTS = 30
_MAX_SIMILAR_PHOTOS = 10


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """Parameters as a client gave them; None for those left out."""

    q: str = ""
    limit: int = DEFAULT_RESULTS
    rerank: bool = True
    spelling: bool = True
    parse: bool = True
    min_relevance: str | None = None
    sort: str | None = None
    group: str | None = None
    cursor: str | None = None
    after: str | None = None
    before: str | None = None
    folder: str | None = None
    type: str | None = None
    camera: str | None = None
    near: str | None = None
    has: str | None = None
    orientation: str | None = None
    min_width: int | None = None
    min_height: int | None = None
    min_megapixels: float | None = None
    rating: int | None = None
    keyword: str | None = None
    like: str | None = None


def _is_northern() -> Hemisphere:
    return "north"


def make_query(
    asked: SearchRequest,
    picture: EncodedPhoto | None = None,
    hemisphere: Callable[[], Hemisphere] = _is_northern,
) -> Query:
    """A query, or QueryError with a sentence that says what is wrong and what is allowed.

    ``hemisphere``: whose seasons are meant; asked only where one is named.
    """
    text = _valid_unicode(asked.q).strip()
    if len(text) > MAX_TEXT_LENGTH:
        raise QueryError(
            f"The query has {len(text)} characters; at most {MAX_TEXT_LENGTH} are read."
        )
    if not 1 <= asked.limit <= MAX_RESULTS:
        raise QueryError(
            f"limit is {asked.limit}; a whole number from 1 to {MAX_RESULTS} is expected."
        )
    clock = _reference_clock(asked, hemisphere)
    parsed = query_module.parse(text, *clock) if asked.parse else ParsedQuery(text)
    if not any(map(_is_visible, parsed.words)):
        parsed = replace(parsed, words="")
    query = Query(
        text,
        asked.limit,
        asked.rerank,
        asked.spelling,
        words=parsed.words,
        without=parsed.without,
        more=(*parsed.more, *_similar_photo_ids(asked.like)),
        less=parsed.less,
        picture=picture,
        filters=merge_filters(parsed.filters, _filters(asked, *clock)),
        sort=_one_of("sort", asked.sort, get_args(Sort)),
        group=_one_of("group", asked.group, get_args(Group)),
        min_relevance=_one_of("min_relevance", asked.min_relevance, get_args(MinRelevance)),
        cursor=asked.cursor,
        interpreted=parsed.interpreted,
        notes=parsed.notes,
    )
    if asked.cursor is None and not _has_criteria(query):
        raise QueryError("The query is empty. Say in q what the photo shows: q=mountains.")
    return query


def _has_criteria(query: Query) -> bool:
    given = (query.words, query.without, query.more, query.less)
    return any(given) or query.picture is not None or query.filters != Filters()


def _reference_clock(
    asked: SearchRequest, hemisphere: Callable[[], Hemisphere]
) -> tuple[datetime, Hemisphere]:
    now = datetime.now()  # noqa: DTZ005 - photos have local wall-clock times
    given = (asked.q, asked.after or "", asked.before or "")
    return now, hemisphere() if any(map(query_module.mentions_season, given)) else "north"


def _filters(asked: SearchRequest, now: datetime, hemisphere: Hemisphere) -> Filters:
    """Of the parameters that are not in q."""

    def time(text: str) -> str | None:
        start = query_module.parse_time(text, now, hemisphere).start
        return None if start is None else query_module.wall_clock(start)

    return Filters(
        after=_parse_value("after", asked.after, time),
        before=_parse_value("before", asked.before, time),
        folder=_parse_value("folder", asked.folder, query_module.parse_folder),
        types=_parse_value("type", asked.type, query_module.parse_types) or (),
        cameras=_split_values("camera", asked.camera, query_module.parse_camera),
        near=_parse_value("near", asked.near, query_module.parse_near),
        has=_parse_value("has", asked.has, query_module.parse_has) or (),
        orientation=_parse_value("orientation", asked.orientation, query_module.parse_orientation),
        min_width=asked.min_width,
        min_height=asked.min_height,
        min_megapixels=asked.min_megapixels,
        rating=asked.rating,
        keywords=_split_values("keyword", asked.keyword, query_module.parse_keyword),
    )


def _parse_value(name: str, given: str | None, read: Callable[[str], T]) -> T | None:
    if given is None:
        return None
    try:
        return read(_valid_unicode(given))
    except QueryError as error:
        raise QueryError(f"{name}: {error}") from error


def _split_values(name: str, given: str | None, read: Callable[[str], str]) -> tuple[str, ...]:
    parts = [] if given is None else given.split(",")
    return tuple(part for text in parts if (part := _parse_value(name, text, read)) is not None)


def _similar_photo_ids(like: str | None) -> tuple[str, ...]:
    likes = _split_values("like", like, query_module.parse_id)
    if len(likes) > _MAX_SIMILAR_PHOTOS:
        raise QueryError(
            f"like names {len(likes)} photos; at most {_MAX_SIMILAR_PHOTOS} are compared."
        )
    return likes


def _one_of(name: str, given: str | None, allowed: tuple[str, ...]) -> Any:
    if given is not None and given not in allowed:
        raise QueryError(f"{name} is {given[:40]!r}; {' or '.join(allowed)} is expected.")
    return given


def _valid_unicode(text: str) -> str:
    """Lone surrogates become U+FFFD: the text is sent back, and they cannot be written as UTF-8."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _is_visible(character: str) -> bool:
    """Not a space, a control character, a zero-width one or what was no character at all."""
    return character.isprintable() and not character.isspace() and character != "\ufffd"
