"""Times in German, French and Czech, as the English words that mean the same.

A language is two tables: what single words mean, by the kind of word, and phrases of such words
with their English order. Only whole phrases are taken, so that a word that another language has,
too, stays what it is: "hier" is a German word, "mars" a planet, "do" a verb.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# Kinds of words: N a number, U a unit, S a season, M a month, W a weekday, F a feast, L "last",
# C "this", P a part of a year; T is any of U, S, M and W. Y is a year, D a day of a month.
_ANY = {"T": "USMW"}
_YEAR = re.compile(r"1[89][0-9]{2}|20[0-9]{2}")
_DAY = re.compile(r"[12]?[0-9]|3[01]")
_COUNT = re.compile(r"[1-9][0-9]{0,2}")
_DIGITS = {"Y": _YEAR, "D": _DAY, "N": _COUNT}
_ARTICLE = re.compile(r"^[ld]'(?=.)")
# "Mars 2020" may be a rover.
_NOT_ALONE = frozenset({"mars"})


def _table(**kinds: str) -> dict[str, dict[str, str]]:
    """Of ``english: word word; english: word``, by kind."""
    return {
        kind: {
            word: english.strip()
            for entry in entries.split(";")
            for english, _, words in [entry.partition(":")]
            for word in words.split()
        }
        for kind, entries in kinds.items()
    }


_GERMAN = _table(
    N="1: ein eine einem einer; 2: zwei; 3: drei; 4: vier; 5: fünf; 6: sechs; 7: sieben; 8: acht;"
    " 9: neun; 10: zehn; 11: elf; 12: zwölf",
    U="day: tag tage tagen; week: woche wochen; month: monat monate monaten; year: jahr jahre"
    " jahren jahres; weekend: wochenende",
    S="spring: frühling frühjahr; summer: sommer; autumn: herbst; winter: winter",
    M="january: januar jänner; february: februar; march: märz; april: april; may: mai; june: juni;"
    " july: juli; august: august; september: september; october: oktober; november: november;"
    " december: dezember",
    W="monday: montag; tuesday: dienstag; wednesday: mittwoch; thursday: donnerstag; "
    " friday: freitag; saturday: samstag sonnabend; sunday: sonntag",
    L="last: letzte letzten letzter letztes letztem vorige vorigen voriger voriges vorigem"
    " vergangene vergangenen vergangener vergangenes vergangenem",
    C="this: diese diesen dieser dieses diesem",
    P="early: anfang; mid: mitte; late: ende",
)
_FRENCH = _table(
    N="1: un une; 2: deux; 3: trois; 4: quatre; 5: cinq; 6: six; 7: sept; 8: huit; 9: neuf;"
    " 10: dix; 11: onze; 12: douze",
    U="day: jour jours; week: semaine semaines; month: mois; year: an ans année années;"
    " weekend: week-end weekend",
    S="spring: printemps; summer: été; autumn: automne; winter: hiver",
    M="january: janvier; february: février fevrier; march: mars; april: avril; may: mai;"
    " june: juin; july: juillet; august: août aout; september: septembre; october: octobre;"
    " november: novembre; december: décembre decembre",
    W="monday: lundi; tuesday: mardi; wednesday: mercredi; thursday: jeudi; friday: vendredi;"
    " saturday: samedi; sunday: dimanche",
    L="last: dernier dernière derniers dernières passé passée",
    C="this: ce cet cette",
    P="early: début",
    F="noël: noël; pâques: pâques; pentecôte: pentecôte; saint-sylvestre: saint-sylvestre",
)
_CZECH = _table(
    N="1: jeden jedním jedna jedna; 2: dva dvě dvěma; 3: tři třemi; 4: čtyři čtyřmi; 5: pět pěti;"
    " 6: šest šesti; 7: sedm sedmi; 8: osm osmi; 9: devět devíti; 10: deset deseti",
    U="day: den dny dní dnem; week: týden týdny týdnů týdnem; month: měsíc měsíce měsíců měsíci"
    " měsícem; year: rok roky roku let lety rokem; weekend: víkend víkendu",
    S="spring: jaro jara jaře; summer: léto léta létě; autumn: podzim podzimu; winter: zima"
    " zimu zimy zimě",
    M="january: leden ledna lednu; february: únor února únoru; march: březen března březnu;"
    " april: duben dubna dubnu; may: květen května květnu; june: červen června červnu;"
    " july: červenec července červenci; august: srpen srpna srpnu; september: září;"
    " october: říjen října říjnu; november: listopad listopadu;"
    " december: prosinec prosince prosinci",
    W="monday: pondělí; tuesday: úterý; wednesday: středu středa; thursday: čtvrtek; friday: pátek;"
    " saturday: sobotu sobota; sunday: neděli neděle",
    L="last: minulý minulá minulé minulého minulou minulém",
    C="this: tento tato toto tuto tohoto této letošní",
    P="early: začátkem; late: koncem",
    F="vánoce: vánoce vánocích; velikonoce: velikonoce velikonocích; silvestr: silvestr silvestra",
)

# What is written > what it means in English; a number is the word of that place among those that
# are written as a kind.
_GERMAN_PHRASES = """
    vor N U > 0 1 ago; L T > 0 1; C T > 0 1; L N U > 0 1 2; die L N U > 0 1 2
    in den L N U > 0 1 2; am W > on 0; P Y > 0 1; heute > today; gestern > yesterday
    vorgestern > the day before yesterday; letzte nacht > last night
    seit|ab Y > since 0; bis Y > until 0; vor Y > before 0; nach Y > after 0
    seit|ab M Y > since 0 1; bis M Y > until 0 1; vor M Y > before 0 1; nach M Y > after 0 1
    seit M > since 0; seit L T > since 0 1; vor L T > before 0 1; seit S Y > since 0 1
    zwischen Y und Y > between 0 and 1; von Y bis Y > from 0 to 1
"""
_FRENCH_PHRASES = """
    il y a N U > 0 1 ago; T L > 1 0; la|le T L > 1 0; F L > 1 0; C T > 0 1; les N L U > 1 0 2
    aujourd'hui > today; d'hier > yesterday; hier soir > yesterday
    avant-hier > the day before yesterday; avant hier > the day before yesterday
    en M > in 0; en M Y > 0 1; M Y > 0 1; D M Y > 0 1 2; le D M > 0 1; S Y > 0 1; P Y > 0 1
    depuis Y > since 0; jusqu'en Y > until 0; avant Y > before 0; après Y > after 0
    depuis M Y > since 0 1; jusqu'en M Y > until 0 1; avant M Y > before 0 1
    après M Y > after 0 1; depuis M > since 0; depuis T L > since 1 0; avant T L > before 1 0
    entre Y et Y > between 0 and 1; de Y à Y > from 0 to 1
"""
_CZECH_PHRASES = """
    před N U > 0 1 ago; před U > a 0 ago; L T > 0 1; L F > 0 1; C T > 0 1
    loni|vloni > last year; loni|vloni v|ve|na T > last 0; loni|vloni o|na F > last 0
    předloni > two years ago; předloni v|ve|na T > two years ago in 0
    letos > this year; letos v|ve|na T > this 0
    dnes > today; včera > yesterday; předevčírem > the day before yesterday
    v|ve M > in 0; v|ve M Y > 0 1; M Y > 0 1; D M Y > 0 1 2; S Y > 0 1; v|ve|na S Y > 0 1
    P Y > 0 1; v|ve roce Y > in 0; od Y > since 0; od roku Y > since 0; do roku Y > until 0
    před rokem Y > before 0; po roce Y > after 0; od M Y > since 0 1
    mezi Y a Y > between 0 and 1; mezi roky Y a Y > between 0 and 1; od Y do Y > from 0 to 1
    od roku Y do roku Y > from 0 to 1
"""


@dataclass(frozen=True, slots=True)
class _Phrase:
    """``written``: kinds by their letters, other words with "|" between; ``meant``: in English."""

    written: tuple[str, ...]
    meant: tuple[str, ...]
    words: dict[str, dict[str, str]]

    def match(self, words: Sequence[str], at: int) -> list[TranslatedWord] | None:
        """In the words from ``at`` on; None where they are something else."""
        if len(words) < at + len(self.written):
            return None
        read: list[TranslatedWord] = []
        others: list[int] = []
        for place, wanted in enumerate(self.written, at):
            if not wanted.isupper():
                if words[place] not in wanted.split("|"):
                    return None
                others.append(place)
                continue
            english = self._kind(wanted, words[place])
            if english is None:
                return None
            read.append(TranslatedWord(english, place, place + 1))
        if words[at] in _NOT_ALONE:
            return None
        if all(map(str.isdigit, self.meant)):  # the small words belong to those beside them
            read[0] = replace(read[0], first=at)
            read[-1] = replace(read[-1], behind=at + len(self.written))
            others = []
        first, behind = (others[0], others[-1] + 1) if others else (at, at + len(self.written))
        return [
            read[int(each)] if each.isdigit() else TranslatedWord(each, first, behind)
            for each in self.meant
        ]

    def _kind(self, letter: str, word: str) -> str | None:
        digits = _DIGITS.get(letter)
        if digits is not None and digits.fullmatch(word):
            return word
        for each in _ANY.get(letter, letter):
            known = self.words.get(each, {})
            english = known.get(word) or known.get(_ARTICLE.sub("", word))
            if english is not None:
                return english
        return None


@dataclass(frozen=True, slots=True)
class TranslatedWord:
    """A word, and the words (first, behind) that it was made of."""

    text: str
    first: int
    behind: int


def _phrases(words: dict[str, dict[str, str]], text: str) -> Iterator[_Phrase]:
    for entry in re.split("[;\n]", text.strip()):
        written, _, meant = entry.partition(">")
        yield _Phrase(tuple(written.split()), tuple(meant.split()), words)


# the longest first
_ALL = sorted(
    (
        *_phrases(_GERMAN, _GERMAN_PHRASES),
        *_phrases(_FRENCH, _FRENCH_PHRASES),
        *_phrases(_CZECH, _CZECH_PHRASES),
    ),
    key=lambda phrase: -len(phrase.written),
)


_NUMBER = "0"  # in the place of any number, in ``_BY_FIRST_WORD``


def _by_first_word() -> dict[str, list[int]]:
    """Places in ``_ALL`` of the phrases that may begin with a word."""
    found: dict[str, list[int]] = {}
    for number, phrase in enumerate(_ALL):
        first = phrase.written[0]
        if first.isupper():
            kinds = _ANY.get(first, first)
            words = {word for kind in kinds for word in phrase.words.get(kind, ())}
            words |= {_NUMBER} if first in _DIGITS else set()
        else:
            words = set(first.split("|"))
        for word in words:
            found.setdefault(word, []).append(number)
    return found


_BY_FIRST_WORD = _by_first_word()
_EVERY = (_GERMAN, _FRENCH, _CZECH)
_LANGUAGES = {"de": _GERMAN, "fr": _FRENCH, "cs": _CZECH}
# By language all words for times: months, weekdays, seasons and those around them.
TIME_WORDS = {
    code: frozenset(
        word for words in table.values() for word in words
    ) | frozenset(
        word
        for phrase in _ALL if phrase.words is table
        for written in phrase.written if not written.isupper()
        for word in written.split("|")
    )
    for code, table in _LANGUAGES.items()
}  # fmt: skip
MONTHS = {word: english for words in _EVERY for word, english in words["M"].items()}
SEASONS = {word: english for words in _EVERY for word, english in words["S"].items()}


def _beginning(word: str) -> Iterator[_Phrase]:
    """Phrases that may begin with a word, in the order of ``_ALL``: trying all of them with every
    word took a tenth of a search.
    """
    numbers = [*_BY_FIRST_WORD.get(word, ()), *_BY_FIRST_WORD.get(_ARTICLE.sub("", word), ())]
    if word.isdigit():
        numbers += _BY_FIRST_WORD[_NUMBER]
    return (_ALL[number] for number in sorted(set(numbers)))


def in_english(words: Sequence[str]) -> list[TranslatedWord]:
    """``words``, lower case, with the times of other languages in English ones."""
    found: list[TranslatedWord] = []
    at = 0
    while at < len(words):
        phrase = next(
            ((each, read) for each in _beginning(words[at]) if (read := each.match(words, at))),
            None,
        )
        if phrase is None:
            found.append(TranslatedWord(words[at], at, at + 1))
            at += 1
        else:
            found += phrase[1]
            at += len(phrase[0].written)
    return found
