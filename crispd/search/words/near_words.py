"""Words that name nothing here, and what the library has that is written nearly the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crispd.search.words.czech_names import in_its_cases
from crispd.search.words.word_evidence import content_words
from crispd.types import Note, code_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from crispd.search.metadata_index.metadata_index import MetadataIndex
    from crispd.search.words.word_source import WordSource

_MOST_WORDS = 8
_MOST_NOTES = 2
_MOST_TRIED = 3
_SHORTEST = 4  # letters; of three, half a dictionary is a slip away


@dataclass(frozen=True, slots=True)
class NearWords:
    """Thread-safe where its parts are. ``is_visual``: whether the models know a word."""

    source: WordSource
    metadata_index: MetadataIndex
    is_visual: Callable[[str], bool]

    def notes(
        self, text: str, already: Sequence[str], languages: Sequence[str | None] = ()
    ) -> tuple[Note, ...]:
        """A note for each word of a query that neither files nor models know, where something is
        near; not for those that a note put right ``already``. ``languages``: that the query may be
        in. Raises StorageError.
        """
        read = {
            word.casefold()
            for note in already
            if isinstance(note, Note) and code_of(note) == "spelling"
            for word in str(note.values["written"]).split()
        }
        words = [
            word
            for word in content_words(text)[:_MOST_WORDS]
            if len(word) >= _SHORTEST
            and word.isalpha()
            and word.casefold() not in read
            and not self.is_visual(word.casefold())
        ]
        if not words:
            return ()
        source = in_its_cases(self.source, languages)
        unknown = [word for word, has in zip(words, _known(source, words), strict=True) if not has]
        notes = [
            Note(
                f"No photo here has {word}. Did you mean {meant}?",
                "near_miss", field="q", written=word, meant=meant,
            )
            for word, meant in self._meant(unknown)
        ]  # fmt: skip
        return tuple(notes[:_MOST_NOTES])

    def _meant(self, words: Sequence[str]) -> Iterator[tuple[str, str]]:
        """With the likeliest word that a photo has now."""
        for word in words:
            others = self.metadata_index.words_alike(word)[:_MOST_TRIED]
            known = zip(others, _known(self.source, others), strict=True)
            meant = next((other for other, has in known if has), None)
            if meant is not None:
                yield word, meant


def _known(source: WordSource, words: Sequence[str]) -> list[bool]:
    return [any(map(len, by_field.values())) for by_field in source.lookup(words)]
