"""Words that exclude, and where an excluded thing ends, by language."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


@dataclass(frozen=True, slots=True)
class NegationRules:
    """Those of one language.

    ``negators``: no, not, without; ``only_before``: of these, the ones that are none unless such a
    word, or an elided one, follows. ``nobody``: words for no person, by what people are
    called; ``before``: words that belong to the exclusion in front; ``small``: words before a
    thing; ``joined``: between things; ``instead``: behind them; ``ends``: what no thing goes on
    with; ``verbs``: before "not"; ``no_things``: what is nothing to be seen. ``closes``: whether a
    thing ends behind a word, as it is written and in lower case, before the next; ``ties``: what
    goes on there all the same. ``doubled``: words that negate a sentence with a negator, as "ne …
    pas" does; ``doubled_verb``: with what its verb begins beside a word for nobody.
    """

    negators: frozenset[str]
    small: frozenset[str]
    joined: frozenset[str]
    ends: frozenset[str]
    closes: Callable[[str, str, str], bool]
    before: frozenset[str] = frozenset()
    instead: frozenset[str] = frozenset()
    verbs: frozenset[str] = frozenset()
    no_things: frozenset[str] = frozenset()
    ties: frozenset[str] = frozenset()
    doubled: frozenset[str] = frozenset()
    doubled_verb: str = ""
    nobody: Mapping[str, str] = field(default_factory=dict)
    only_before: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


_GERMAN_NEGATORS = _words("ohne kein keine keinen keinem keiner keines nicht")
_ENGLISH_NEGATORS = frozenset({"without", "no", "not"})
# English and German share theirs: people mix both.
_ARTICLES = _words(
    "a an the any some der die das dem den des ein eine einen einem einer irgendwelche"
)
_PREPOSITIONS = _words(
    """in on at with of near under inside by from for over behind beside into to
    auf im in am an mit bei unter vor hinter neben über aus von zu"""
)
_JOINED = _words("or nor and oder noch und")
_INSTEAD = frozenset({"but", "sondern"})
_ENDS = (
    _ARTICLES | _PREPOSITIONS | _JOINED | _ENGLISH_NEGATORS | _GERMAN_NEGATORS
    | _INSTEAD | _words("aber that which who is are was were while during")
)  # fmt: skip
# Signs and turns of speech: what stands behind "no" or "not" is nothing to be seen.
_NO_THINGS = _words(
    """parking smoking entry exit one more longer way matter idea problem name filter limits
    only just so very yet even too quite really sure all every everyone always
    far mehr nur so sehr ganz immer alle jeder viel wie allzu gar noch schon"""
)
_PLURALS = _words("people children men women kids menschen leute kinder personen")
# What "not" belongs to in whole sentences, as captions are: "that is not on the boat".
_VERBS = _words("is are was were be do does did can could has have ist sind war waren")


def _closes_english(_written: str, word: str, _following: str) -> bool:
    return word in _PLURALS or (word.endswith("s") and not word.endswith(("ss", "us", "is")))


def _closes_german(written: str, word: str, _following: str) -> bool:
    """Behind the first noun, which has a capital."""
    return word in _PLURALS or written[:1].isupper()


def _english_or_german(
    negators: frozenset[str], nobody: Mapping[str, str], closes: Callable[[str, str, str], bool]
) -> NegationRules:
    return NegationRules(
        negators,
        _ARTICLES | _PREPOSITIONS,
        _JOINED,
        _ENDS,
        closes,
        before=_words("with and but mit und aber"),
        instead=_INSTEAD,
        verbs=_VERBS,
        no_things=_NO_THINGS,
        nobody=nobody,
    )


_FRENCH_BEFORE_NOUNS = _words(
    """petit petite petits petites grand grande grands grandes gros grosse grosses jeune jeunes
    vieux vieille vieilles beau belle beaux belles autre autres deux trois"""
)
# Colours stand behind their noun.
_FRENCH_COLOURS = _words(
    """rouge rouges bleu bleue bleus bleues vert verte verts vertes jaune jaunes noir noire noirs
    noires blanc blanche blancs blanches gris grise grises brun brune bruns brunes rose roses orange
    violet violette"""
)
_FRENCH_SMALL = _words(
    """porter le la les un une seul seule des du de au aux sur dans en à sous chez avec près devant
    derrière"""
)
_FRENCH_JOINED = _words("ou et ni")
_FRENCH_NEGATORS = _words("sans pas aucun aucune")


def _closes_french(_written: str, word: str, following: str) -> bool:
    """Behind the first noun and its colour."""
    return word not in _FRENCH_BEFORE_NOUNS and following not in _FRENCH_COLOURS


_CZECH_SMALL = _words(
    """na v ve u s se z ze k ke do od po pro při nad pod před za mezi svého své svých svou jediného
    jediné"""
)
_CZECH_JOINED = _words("a i ani nebo či")
_CZECH_NEGATORS = _words(
    """bez beze žádný žádná žádné žádní žádného žádnou žádných žádnému žádným zadny zadna zadne
    ne"""
)
_CZECH_ADJECTIVES = ("ý", "á", "é", "ého", "ích", "ých", "ího", "ou", "ým", "ými")
_CZECH_PEOPLE = _words("lidí dětí")


def _closes_czech(_written: str, word: str, _following: str) -> bool:
    """Behind the first word that does not look like an adjective."""
    return word in _CZECH_PEOPLE or not word.endswith(_CZECH_ADJECTIVES)


_EVERY = (
    _english_or_german(_ENGLISH_NEGATORS, {"nobody": "people", "no-one": "people"},
                       _closes_english),
    _english_or_german(_GERMAN_NEGATORS, {"niemand": "Menschen", "niemanden": "Menschen"},
                       _closes_german),
    NegationRules(
        negators=_FRENCH_NEGATORS,
        small=_FRENCH_SMALL,
        joined=_FRENCH_JOINED,
        ends=_FRENCH_SMALL | _FRENCH_JOINED | _FRENCH_NEGATORS
        | _words("mais qui que dont où est sont était étaient pendant lors pour par"),
        closes=_closes_french,
        ties=frozenset({"de"}),
        doubled=frozenset({"ne"}),
        before=_words("et mais avec"),
        instead=frozenset({"mais"}),
        verbs=_words("est sont était étaient a ont fait font n'est n'a peut sait veut"),
        no_things=_words(
            """fin doute cesse titre nom encore loin mal trop très toujours plus moins vraiment
            seulement tout toute tous beaucoup problème limite manche manches fil moindre"""
        ),
        only_before={"pas": ("de", "sur", "dans", "à", "du", "des", "un", "une")},
    ),
    NegationRules(
        negators=_CZECH_NEGATORS,
        small=_CZECH_SMALL,
        joined=_CZECH_JOINED,
        ends=_CZECH_SMALL | _CZECH_JOINED | _CZECH_NEGATORS
        | _words("ale který která které kteří kde když je jsou byl byla bylo byli"),
        closes=_closes_czech,
        before=_words("a i ale s"),
        instead=frozenset({"ale"}),
        no_things=_words(
            """problému problém konce názvu jména omezení více víc jen moc rukávů ramínek ohledu
            výjimky"""
        ),
        doubled_verb="ne",
        nobody={"nikdo": "lidé", "nikoho": "lidé"},
        only_before={"ne": tuple(_CZECH_SMALL)},
    ),
)  # fmt: skip
RULES = {word: rules for rules in _EVERY for word in (*rules.negators, *rules.nobody)}
