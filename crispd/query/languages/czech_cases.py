"""Czech names in their cases: "v Praze" is in Praha, "fotky Anny" are of Anna.

By endings alone, which say no gender: each gives what the name may be, the likeliest first.
"""

from __future__ import annotations

from crispd.types import folded

# Without accents, as names are compared. The consonant before an ending may be a softened one.
_ENDINGS = (
    ("ovi", ("", "o")), ("ich", ("e", "y")), ("ech", ("y", "a")), ("ami", ("a", "y")),
    ("ou", ("a",)), ("em", ("", "o")), ("ze", ("ha", "ga")), ("ce", ("ka",)), ("se", ("cha",)),
    ("ii", ("ie",)), ("ic", ("ice",)), ("e", ("a", "", "o")), ("y", ("a", "")),
    ("u", ("a", "", "o")), ("i", ("", "e", "a")), ("a", ("", "o")),
)  # fmt: skip
_SHORTEST = 3  # letters of a name


def nominatives(word: str) -> tuple[str, ...]:
    """Names, in lower case and without accents, that ``word`` may be a case of; not itself."""
    plain = folded(word)
    found: dict[str, None] = {}
    for ending, others in _ENDINGS:
        if plain.endswith(ending):
            stem = plain[: len(plain) - len(ending)]
            found.update(dict.fromkeys(stem + other for other in others))
    return tuple(name for name in found if len(name) >= _SHORTEST and name != plain)
