"""Words of files in the cases that Czech puts them into."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crispd.query.languages.czech_cases import nominatives
from crispd.search.words.kinds import NAME_FIELDS

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from crispd.search.words.word_source import WordSource
    from crispd.types import Labels

_CZECH = "cs"
_FIELDS = (*NAME_FIELDS, "person", "place")


def in_its_cases(source: WordSource, languages: Collection[str | None]) -> WordSource:
    """``source`` as somebody means it who asks in one of ``languages``."""
    return CzechCaseSource(source) if _CZECH in languages else source


@dataclass(frozen=True, slots=True)
class CzechCaseSource:
    """A word source that also knows names by their other cases. A ``WordSource`` itself."""

    source: WordSource

    def __len__(self) -> int:
        return len(self.source)

    def lookup(self, words: Sequence[str]) -> list[dict[str, Labels]]:
        """Rows of the photos that have each word, or else a name that it is a case of."""
        found = self.source.lookup(words)
        missing = [at for at, rows in enumerate(found) if not any(map(len, rows.values()))]
        cases = [(at, name) for at in missing for name in nominatives(words[at])]
        if not cases:
            return found
        for (at, _), rows in zip(
            cases, self.source.lookup([name for _, name in cases]), strict=True
        ):
            named = {field: rows[field] for field in _FIELDS if len(rows.get(field, ()))}
            if named and not any(map(len, found[at].values())):
                found[at] = named
        return found

    def lookup_part(self, part: str) -> dict[str, Labels]:
        """Rows of the photos that have it inside another word."""
        return self.source.lookup_part(part)
