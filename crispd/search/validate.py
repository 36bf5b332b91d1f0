"""What may be asked."""

from __future__ import annotations

from crispd.errors import QueryError
from crispd.types import Query

LONGEST_TEXT = 10_000
MOST_RESULTS = 200
DEFAULT_RESULTS = 30


def make_query(
    text: str, *, limit: int = DEFAULT_RESULTS, rerank: bool = True, spelling: bool = True
) -> Query:
    """A query, or QueryError with a sentence that says what is wrong and what is allowed."""
    words = _valid_unicode(text).strip()
    if not any(_is_visible(character) for character in words):
        raise QueryError("The query is empty. Say in q what the photo shows: q=dog on a beach.")
    if len(words) > LONGEST_TEXT:
        raise QueryError(f"The query has {len(words)} characters; at most {LONGEST_TEXT} are read.")
    if not 1 <= limit <= MOST_RESULTS:
        raise QueryError(f"limit is {limit}; a whole number from 1 to {MOST_RESULTS} is expected.")
    return Query(words, limit, rerank, spelling)


def _valid_unicode(text: str) -> str:
    """Lone surrogates become U+FFFD: the text is sent back, and they cannot be written as UTF-8."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _is_visible(character: str) -> bool:
    """Not a space, a control character, a zero-width one or what was no character at all."""
    return character.isprintable() and not character.isspace() and character != "\ufffd"
