"""Function words: those of a text that say nothing of what is seen, by language.

Articles, prepositions, conjunctions, pronouns and forms of "to be"; and words that only say that it
is a photo.
"""

from __future__ import annotations

_WORDS = {
    "en": """
        a an the of in on at to with and or by for from is are was were be being his her their its
        my our this that these those there it he she they as into onto photo photos picture pictures
        image images pic pics snapshot""",
    "de": """
        der die das den dem des ein eine einen einem einer eines von vom in im ins auf an am ans zu
        zum zur mit und oder bei beim für aus nach vor über unter ist sind war waren wird werden
        sein seine seinen seinem seiner ihr ihre ihren ihrem ihrer mein meine meinen meinem meiner
        unser unsere unseren unserem unserer dieser diese dieses diesen diesem dort da es er sie als
        sich foto fotos bild bilder aufnahme aufnahmen""",
    "fr": """
        le la les l un une des du de d au aux à en dans sur sous chez avec et ou par pour est sont
        était étaient être son sa ses leur leurs mon ma mes notre nos ce cet cette ces c il elle ils
        elles se s qui comme vers photo photos image images photographie photographies cliché
        clichés""",
    "cs": """
        a i o u v ve na s se z ze k ke do od po pro při nad pod za před mezi nebo je jsou byl byla
        bylo byli být jeho její jejich svůj svou svým můj moje mé mém náš naše naší tento tato toto
        ten ta to ty tam on ona ono oni jako který která které fotka fotky fotek foto fotografie
        fotografií obrázek obrázky snímek snímky""",
}
FUNCTION_WORDS = {code: frozenset(words.split()) for code, words in _WORDS.items()}
_ALL = frozenset().union(*FUNCTION_WORDS.values())


def function_words(language: str) -> frozenset[str]:
    """Of a language by its code ("en", "en-GB"); of one that is not here, those of all that are."""
    return FUNCTION_WORDS.get(language.partition("-")[0], _ALL)
