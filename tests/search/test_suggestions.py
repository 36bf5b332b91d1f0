"""Words that find something, tried a few at a time."""

from __future__ import annotations

import pytest

from crispd.search.suggest import suggestions
from crispd.search.suggest.suggestions import SuggestionProvider
from crispd.types import FileStamp, PhotoMetadata, PhotoRecord, Query, ResultPage, SearchHit

PHOTO = PhotoRecord("a" * 24, 1, "/r", "p.jpg", "h", FileStamp(1, 1), PhotoMetadata(4, 3, "jpeg"))


class Library:
    """Knows how well each word fits."""

    def __init__(self, fits: dict[str, tuple[str | None, float]]) -> None:
        self.fits = fits
        self.asked: list[str] = []

    def search(self, query: Query) -> ResultPage:
        self.asked.append(query.words)
        hits = ()
        if query.words in self.fits:
            label, score = self.fits[query.words]
            hits = (SearchHit(PHOTO, score, 0.1, None, label),)  # type: ignore[arg-type]
        return ResultPage(query.text, query.words, hits, 1, True, 0)


def test_words_that_are_likely_the_surest_first() -> None:
    library = Library({"dog": ("likely", 0.6), "cat": ("maybe", 0.9), "sea": ("likely", 0.8)})
    words, complete = SuggestionProvider(library.search, ("dog", "cat", "sea", "tent")).words(10)
    assert (words, complete) == (("sea", "dog"), True)


def test_what_most_photos_show_comes_first() -> None:
    counts = {"dog": 3, "cat": 40, "sea": 3}

    def search(query: Query) -> ResultPage:
        hit = SearchHit(PHOTO, 0.5 if query.words == "dog" else 0.9, 0.1, None, "likely")
        likely = counts[query.words]
        return ResultPage(query.text, query.words, (hit,), 99, True, 0, likely=likely)

    assert SuggestionProvider(search, tuple(counts)).words(99)[0] == ("cat", "sea", "dog")


def test_a_call_tries_a_few_and_the_next_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suggestions, "_BUDGET_SECONDS", 0.0)
    library = Library({"dog": (None, 0.6), "cat": (None, 0.9)})
    suggester = SuggestionProvider(library.search, ("dog", "cat"))
    assert suggester.words(10) == (("dog",), False)
    assert suggester.words(10) == (("cat", "dog"), True)
    assert suggester.words(10) == (("cat", "dog"), True)
    assert library.asked == ["dog", "cat"]


def test_a_library_that_grew_is_tried_anew() -> None:
    library = Library({"dog": ("likely", 0.6)})
    suggester = SuggestionProvider(library.search, ("dog",))
    for photos, tries in ((10, 1), (11, 1), (20, 2), (21, 2), (0, 2)):
        suggester.words(photos)
        assert len(library.asked) == tries
