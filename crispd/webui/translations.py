"""Translations: strings in the reader's language, from ``strings/*.json``."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from crispd.errors import CrispdError, outcome_of
from crispd.http.accept_language import accepted_languages
from crispd.types import Note, displayable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

FALLBACK_LANGUAGE = "en"


class Translator:
    """Strings of one language as HTML: ``t("photos", n=3)``. Values are escaped unless they are
    Markup.

    ``n``, a whole number, chooses among the forms of CLDR that a string has.
    """

    def __init__(self, language: str, strings: Mapping[str, Any]) -> None:
        self.language = language
        self._strings = strings

    def __call__(self, key: str, **values: object) -> Markup:
        forms = self._strings[key]
        if not isinstance(forms, str):
            forms = forms.get(_plural_form(self.language, values.get("n")), forms["other"])
        return escape(forms).format_map(defaultdict(str, values))

    def note(self, sentence: str) -> Markup:
        """What the service says, where its code is known; its own English otherwise."""
        if isinstance(sentence, Note) and f"note_{sentence.code}" in self._strings:
            return self(f"note_{sentence.code}", **sentence.values)
        return escape(displayable(sentence))

    def error(self, error: CrispdError) -> Markup:
        """Why something failed. English says it all; other languages what kind it is."""
        key = f"failed_{outcome_of(error).status}"
        if self.language == FALLBACK_LANGUAGE or key not in self._strings:
            return escape(displayable(str(error)))
        return self(key)


def _plural_form(language: str, number: object) -> str:
    """The plural form of a whole number, of the rules of CLDR 48. Large round numbers of French are
    ``other`` here: with digits they read the same.
    """
    if number == 1 or (language == "fr" and number == 0):
        return "one"
    return "few" if language == "cs" and number in {2, 3, 4} else "other"


def choose_language(accepted: str, known: Iterable[str]) -> str:
    """The best language of an ``Accept-Language`` header that is known."""
    available = set(known)
    tags = accepted_languages(accepted)
    return next((tag for tag in tags if tag in available), FALLBACK_LANGUAGE)
