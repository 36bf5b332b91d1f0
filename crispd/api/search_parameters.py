"""Search parameters, shared by every way to call ``/search``."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, create_model

from crispd.filters.definition import Filter
from crispd.filters.table import FILTERS
from crispd.http.accept_language import accepted_languages
from crispd.query.request import DEFAULT_RESULTS, MAX_RESULTS, MAX_TEXT_LENGTH, SearchRequest

M = TypeVar("M", bound=BaseModel)
_MOST_NUMBER = 1_000_000
_LONGEST_FILTER = 4096  # a path of Linux; what else is asked for is shorter
_LONGEST_CHOICE = 100


def _about(sentence: str, *examples: Any, **limits: Any) -> Any:
    return Field(description=sentence, examples=list(examples) or None, **limits)


def _text(sentence: str, *examples: str, most: int = _LONGEST_FILTER) -> Any:
    return _about(sentence, *examples, max_length=most)


def _parameter(entry: Filter) -> Any:
    """A filter of the table as a field that may be left out."""
    if entry.kind is str:
        most = _LONGEST_CHOICE if entry.choices else _LONGEST_FILTER
        about = _about(entry.description, *entry.examples, max_length=most)
    else:
        most = _MOST_NUMBER if entry.most is None else entry.most
        about = _about(entry.description, *entry.examples, ge=entry.least, le=most)
    return Annotated[entry.kind | None, about], None


def with_filters(model: type[M]) -> type[M]:
    """The same model with a field for each filter of the table."""
    fields: dict[str, Any] = {name: _parameter(entry) for name, entry in FILTERS.items()}
    return create_model(
        model.__name__, __base__=model, __module__=__name__, __doc__=model.__doc__, **fields
    )


@with_filters
class SearchParameters(BaseModel):
    """In the address, in a form, or as JSON: those of ``SearchRequest``, with what they are and
    limits, and the filters of the table.

    ``crispd.client.calls.SearchOptions`` has them too, since a client loads nothing of the service.
    A test holds all three and ``docs/http.md`` together.
    """

    model_config = ConfigDict(extra="forbid")

    q: Annotated[
        str,
        _text(
            "What the photo shows, with filters as docs/search.md has them.",
            "a stream in the forest",
            "flowers -orange after:2020-06",
            most=MAX_TEXT_LENGTH,
        ),
    ] = ""
    limit: Annotated[int, _about("Photos at most.", ge=1, le=MAX_RESULTS)] = DEFAULT_RESULTS
    rerank: Annotated[bool, _about("false: the coarse order.")] = True
    spelling: Annotated[bool, _about("false: words as they are written.")] = True
    parse: Annotated[bool, _about("false: q is nothing but words.")] = True
    min_relevance: Annotated[
        str | None, _text("likely, maybe (default) or all.", "all", most=_LONGEST_CHOICE)
    ] = None
    sort: Annotated[
        str | None, _text("relevance, newest, oldest or distance.", "newest", most=_LONGEST_CHOICE)
    ] = None
    group: Annotated[
        str | None,
        _text(
            "duplicates: one of photos that are nearly the same.",
            "duplicates",
            most=_LONGEST_CHOICE,
        ),
    ] = None
    closest: Annotated[bool, _about("false: no nearest photos where nothing may be it.")] = True
    cursor: Annotated[str | None, _text("next of the page before.")] = None
    like: Annotated[str | None, _text("Ids of photos that it shall be like.")] = None
    language: Annotated[
        str | None,
        _text(
            "Of whoever asks, for words that several languages have and for slips; else that of "
            "Accept-Language.",
            "de",
            most=_LONGEST_CHOICE,
        ),
    ] = None

    def to_request(self, headers: Mapping[str, str] = MappingProxyType({})) -> SearchRequest:
        """The same for the search, once limits have been looked at. ``headers``: of the request."""
        given = self.model_dump()
        if not self.language:
            spoken = accepted_languages(headers.get("accept-language", ""))
            given["language"] = next(iter(spoken), None)
        return SearchRequest.of(**given)


class SearchBody(SearchParameters):
    """As JSON: numbers are numbers, true and false no texts."""

    model_config = ConfigDict(
        strict=True,
        json_schema_extra={
            "example": {"q": "a stream in the forest", "limit": 10, "after": "2020"}
        },
    )
