"""The parameters of a search, as every call of it takes them."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from crispd.query.request import DEFAULT_RESULTS, MAX_RESULTS, MAX_TEXT_LENGTH, SearchRequest

_MOST_PIXELS, _MOST_MEGAPIXELS = 1_000_000, 1_000_000
_LONGEST_FILTER = 4096  # a path of Linux; what else is asked for is shorter
_LONGEST_CHOICE = 100


def _about(sentence: str, *examples: Any, **limits: Any) -> Any:
    return Field(description=sentence, examples=list(examples) or None, **limits)


def _text(sentence: str, *examples: str, most: int = _LONGEST_FILTER) -> Any:
    return _about(sentence, *examples, max_length=most)


_Side = Annotated[int | None, _about("Pixels at least.", 2000, ge=1, le=_MOST_PIXELS)]


class SearchParameters(BaseModel):
    """In the address, in a form, or as JSON: those of ``Asked``, with what they are and limits.

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
        str | None, _text("relevance, newest or oldest.", "newest", most=_LONGEST_CHOICE)
    ] = None
    group: Annotated[
        str | None,
        _text(
            "duplicates: one of photos that are nearly the same.",
            "duplicates",
            most=_LONGEST_CHOICE,
        ),
    ] = None
    cursor: Annotated[str | None, _text("next of the page before.")] = None
    after: Annotated[str | None, _text("Taken then or later.", "2020-06", "last summer")] = None
    before: Annotated[str | None, _text("Taken earlier.", "2021-01-01T12:00")] = None
    folder: Annotated[str | None, _text("In it or below.", "2019/party")] = None
    type: Annotated[str | None, _text("One or more types.", "heic", "raw,jpeg")] = None
    camera: Annotated[str | None, _text("A part of its maker or model.", "pixel")] = None
    near: Annotated[str | None, _text("Degrees and a radius.", "48.86,2.35,5km")] = None
    has: Annotated[str | None, _text("gps, keywords, rating; all of those given.", "gps")] = None
    orientation: Annotated[
        str | None, _text("landscape, portrait or square.", "portrait", most=_LONGEST_CHOICE)
    ] = None
    min_width: _Side = None
    min_height: _Side = None
    min_megapixels: Annotated[float | None, _about("At least.", 12, ge=0, le=_MOST_MEGAPIXELS)] = (
        None
    )
    rating: Annotated[int | None, _about("Stars at least.", 4, ge=1, le=5)] = None
    keyword: Annotated[str | None, _text("Keywords, all of those given.", "lena,beach")] = None
    like: Annotated[str | None, _text("Ids of photos that it shall be like.")] = None

    def to_request(self) -> SearchRequest:
        """The same for the search, once limits have been looked at."""
        return SearchRequest.of(**self.model_dump())


class SearchBody(SearchParameters):
    """As JSON: numbers are numbers, true and false no texts."""

    model_config = ConfigDict(
        strict=True,
        json_schema_extra={
            "example": {"q": "a stream in the forest", "limit": 10, "after": "2020"}
        },
    )
