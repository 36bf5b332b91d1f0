"""What may be asked: parameters to a query, or a sentence that says what is wrong."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, get_args

from crispd import query as query_module
from crispd.errors import QueryError
from crispd.filters.conjunction import add_conditions, merge_filters
from crispd.filters.operators import read_condition
from crispd.filters.table import FILTERS
from crispd.filters.values import parse_id
from crispd.query.emoji import spell_out
from crispd.query.parsed_query import ParsedQuery
from crispd.query.time_reader import ClockTimeReader
from crispd.types import Condition, Filters, Group, MinRelevance, Query, Sort

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from crispd.filters.definition import Filter, TimeReader
    from crispd.query import Hemisphere
    from crispd.types import EncodedPhoto, KnownNames

T = TypeVar("T")

MAX_TEXT_LENGTH = 10_000
MAX_RESULTS = 200
DEFAULT_RESULTS = 30
_MAX_SIMILAR_PHOTOS = 10


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """Parameters as a client gave them; None for those left out. ``filters``: by their names."""

    q: str = ""
    limit: int = DEFAULT_RESULTS
    rerank: bool = True
    spelling: bool = True
    parse: bool = True
    min_relevance: str | None = None
    sort: str | None = None
    group: str | None = None
    closest: bool = True
    cursor: str | None = None
    like: str | None = None
    language: str | None = None
    filters: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, q: str = "", **given: Any) -> SearchRequest:
        """Of parameters by their names, filters or not."""
        filters = {name: given.pop(name) for name in FILTERS if name in given}
        return cls(q, filters=filters, **given)


def _is_northern() -> Hemisphere:
    return "north"


def make_query(
    asked: SearchRequest,
    picture: EncodedPhoto | None = None,
    hemisphere: Callable[[], Hemisphere] = _is_northern,
    names: KnownNames | None = None,
) -> Query:
    """A query, or QueryError with a sentence that says what is wrong and what is allowed.

    ``hemisphere``: whose seasons are meant; asked only where one is named. ``names``: those of the
    library.
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
    now = datetime.now()  # noqa: DTZ005 - photos have local wall-clock times
    times = ClockTimeReader(now, cache(hemisphere))
    parsed = _parsed(text, times, names) if asked.parse else ParsedQuery(text)
    if not any(map(_is_visible, parsed.words)):
        parsed = replace(parsed, words="")
    beside = _parameter_filters(asked.filters, times)
    query = Query(
        text,
        asked.limit,
        asked.rerank,
        asked.spelling,
        words=spell_out(parsed.words),
        without=parsed.without,
        days=parsed.days,
        more=(*parsed.more, *_similar_photo_ids(asked.like)),
        less=parsed.less,
        picture=picture,
        filters=merge_filters(parsed.filters, beside),
        printed=None if parsed.printed is None else merge_filters(parsed.printed, beside),
        beside=None if parsed.filters == Filters() else beside,
        sort=_one_of("sort", asked.sort, get_args(Sort)),
        group=_one_of("group", asked.group, get_args(Group)),
        min_relevance=_one_of("min_relevance", asked.min_relevance, get_args(MinRelevance)),
        closest=asked.closest,
        cursor=asked.cursor,
        interpreted=parsed.interpreted,
        notes=parsed.notes,
        language=(asked.language or "").partition("-")[0].lower(),
    )
    if query.sort == "distance" and query.filters.value("near") is None:
        raise QueryError("sort is 'distance', but from where? Give near too: near=48.86,2.35.")
    if asked.cursor is None and not _has_criteria(query):
        raise QueryError("The query is empty. Say in q what the photo shows: q=mountains.")
    return query


def make_filters(
    given: Mapping[str, Any], hemisphere: Callable[[], Hemisphere] = _is_northern
) -> Filters:
    """Filters by their names without a query; None for those left out. Raises QueryError."""
    now = datetime.now()  # noqa: DTZ005 - as above
    return _parameter_filters(given, ClockTimeReader(now, cache(hemisphere)))


def _has_criteria(query: Query) -> bool:
    given = (query.words, query.without, query.more, query.less)
    return any(given) or query.picture is not None or query.filters != Filters()


def _parsed(text: str, times: ClockTimeReader, names: KnownNames | None) -> ParsedQuery:
    hemisphere = times.hemisphere() if query_module.mentions_season(text) else "north"
    return query_module.parse(text, times.now, hemisphere, names)


def _parameter_filters(given: Mapping[str, Any], times: TimeReader) -> Filters:
    """Of the parameters that are not in q."""
    conditions = []
    for name, value in given.items():
        if value is not None:
            entry = FILTERS[name]
            values = _texts(entry, value, times) if entry.kind is str else (value,)
            conditions.append(Condition(name, values))
    return add_conditions(Filters(), conditions)


def _texts(entry: Filter, given: str, times: TimeReader) -> tuple[Any, ...]:
    parts = given.split(",") if entry.commas else [given]
    readings = [
        _parse_value(entry.name, part, lambda text: read_condition(entry, text, times))
        for part in parts
    ]
    return tuple(value for one in readings for part in one.conditions for value in part.values)


def _parse_value(name: str, given: str, read: Callable[[str], T]) -> T:
    try:
        return read(_valid_unicode(given))
    except QueryError as error:
        raise QueryError(f"{name}: {error}") from error


def _similar_photo_ids(like: str | None) -> tuple[str, ...]:
    parts = [] if like is None else like.split(",")
    likes = tuple(_parse_value("like", part, parse_id) for part in parts)
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
