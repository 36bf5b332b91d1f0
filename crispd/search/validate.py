"""What may be asked: parameters to a query, or a sentence that says what is wrong."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar, get_args

from crispd.errors import QueryError
from crispd.search import language
from crispd.search.language.results import Parsed
from crispd.search.narrowing import narrowed
from crispd.types import Filters, Group, MinRelevance, Query, Sort

if TYPE_CHECKING:
    from collections.abc import Callable

    from crispd.search.language import Hemisphere
    from crispd.types import EncodedPhoto

T = TypeVar("T")

LONGEST_TEXT = 10_000
MOST_RESULTS = 200
DEFAULT_RESULTS = 30
_MOST_LIKE = 10


@dataclass(frozen=True, slots=True)
class Asked:
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


def _north() -> Hemisphere:
    return "north"


def make_query(
    asked: Asked,
    picture: EncodedPhoto | None = None,
    hemisphere: Callable[[], Hemisphere] = _north,
) -> Query:
    """A query, or QueryError with a sentence that says what is wrong and what is allowed.

    ``hemisphere``: whose seasons are meant; asked only where one is named.
    """
    text = _valid_unicode(asked.q).strip()
    if len(text) > LONGEST_TEXT:
        raise QueryError(f"The query has {len(text)} characters; at most {LONGEST_TEXT} are read.")
    if not 1 <= asked.limit <= MOST_RESULTS:
        raise QueryError(
            f"limit is {asked.limit}; a whole number from 1 to {MOST_RESULTS} is expected."
        )
    clock = _clock(asked, hemisphere)
    parsed = language.parse(text, *clock) if asked.parse else Parsed(text)
    if not any(map(_is_visible, parsed.words)):
        parsed = replace(parsed, words="")
    query = Query(
        text,
        asked.limit,
        asked.rerank,
        asked.spelling,
        words=parsed.words,
        without=parsed.without,
        more=(*parsed.more, *_likes(asked.like)),
        less=parsed.less,
        picture=picture,
        filters=narrowed(parsed.filters, _filters(asked, *clock)),
        sort=_one_of("sort", asked.sort, get_args(Sort)),
        group=_one_of("group", asked.group, get_args(Group)),
        min_relevance=_one_of("min_relevance", asked.min_relevance, get_args(MinRelevance)),
        cursor=asked.cursor,
        interpreted=parsed.interpreted,
        notes=parsed.notes,
    )
    if asked.cursor is None and not _asks_for_something(query):
        raise QueryError("The query is empty. Say in q what the photo shows: q=mountains.")
    return query


def _asks_for_something(query: Query) -> bool:
    given = (query.words, query.without, query.more, query.less)
    return any(given) or query.picture is not None or query.filters != Filters()


def _clock(asked: Asked, hemisphere: Callable[[], Hemisphere]) -> tuple[datetime, Hemisphere]:
    now = datetime.now()  # noqa: DTZ005 - photos have local wall-clock times
    given = (asked.q, asked.after or "", asked.before or "")
    return now, hemisphere() if any(map(language.names_season, given)) else "north"


def _filters(asked: Asked, now: datetime, hemisphere: Hemisphere) -> Filters:
    """Of the parameters that are not in q."""

    def time(text: str) -> str | None:
        start = language.parse_time(text, now, hemisphere).start
        return None if start is None else language.wall_clock(start)

    return Filters(
        after=_read("after", asked.after, time),
        before=_read("before", asked.before, time),
        folder=_read("folder", asked.folder, language.parse_folder),
        types=_read("type", asked.type, language.parse_types) or (),
        cameras=_several("camera", asked.camera, language.parse_camera),
        near=_read("near", asked.near, language.parse_near),
        has=_read("has", asked.has, language.parse_has) or (),
        orientation=_read("orientation", asked.orientation, language.parse_orientation),
        min_width=asked.min_width,
        min_height=asked.min_height,
        min_megapixels=asked.min_megapixels,
        rating=asked.rating,
        keywords=_several("keyword", asked.keyword, language.parse_keyword),
    )


def _read(name: str, given: str | None, read: Callable[[str], T]) -> T | None:
    if given is None:
        return None
    try:
        return read(_valid_unicode(given))
    except QueryError as error:
        raise QueryError(f"{name}: {error}") from error


def _several(name: str, given: str | None, read: Callable[[str], str]) -> tuple[str, ...]:
    parts = [] if given is None else given.split(",")
    return tuple(part for text in parts if (part := _read(name, text, read)) is not None)


def _likes(like: str | None) -> tuple[str, ...]:
    likes = _several("like", like, language.parse_id)
    if len(likes) > _MOST_LIKE:
        raise QueryError(f"like names {len(likes)} photos; at most {_MOST_LIKE} are compared.")
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
