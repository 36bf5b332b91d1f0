"""Make the English dictionary of crispd/search from SCOWL: ``python scripts/dictionary.py``.

SCOWL is Kevin Atkinson's word lists for spell checkers (Debian: ``apt install scowl``), which sort
words by how common they are. A class a word, the commonest dialect and variant of it:

    9: SCOWL 10, 8: 20, 7: 35, 6: 40, 5: 50, 4: 55, 3: 60, 2: 70, 1: 80, 0: names, abbreviations

SCOWL 95 is left out, as are seldom variants: they hold many slips of the finger. Words have four to
24 letters, a to z, without their accents. Plurals in s of the rarer classes are left out where the
singular is there: ``Dictionary`` knows them by it.
"""

from __future__ import annotations

import argparse
import re
import shutil
import unicodedata
from pathlib import Path

CLASSES = {10: 9, 20: 8, 35: 7, 40: 6, 50: 5, 55: 4, 60: 3, 70: 2, 80: 1}
NAME = 0
SHORTEST, LONGEST = 4, 24
COMMON = 5  # from this class on the spelling may put a word in place of another
TARGET = Path(__file__).parent.parent / "crispd" / "query" / "dictionaries"


def words_of(path: Path) -> set[str]:
    """Words of a list, in lower case, without accents and possessive endings."""
    data = path.read_bytes()
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    plain = unicodedata.normalize("NFKD", text.lower())
    lines = "".join(letter for letter in plain if not unicodedata.combining(letter)).splitlines()
    if "contractions" in path.name:  # couldn't is read as couldn and t
        return {part for line in lines for part in re.findall("[a-z]+", line)}
    return {line.removesuffix("'s") for line in lines}


def read(folder: Path) -> dict[str, int]:
    """Class by word."""
    found: dict[str, int] = {}
    for path in sorted(folder.iterdir()):
        region, _, rest = path.name.partition("-")
        kind, _, level = rest.rpartition(".")
        commonness = CLASSES.get(int(level))
        if commonness is None or "variant_3" in region:
            continue
        if "variant_2" in region and int(level) > 70:
            continue
        if kind != "words":
            commonness = NAME
        for word in words_of(path):
            if re.fullmatch("[a-z]+", word) and SHORTEST <= len(word) <= LONGEST:
                found[word] = max(found.get(word, NAME), commonness)
    return found


def main() -> None:
    """Write the dictionary and its licence."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scowl", type=Path, default=Path("/usr/share/dict/scowl"))
    parser.add_argument("--licence", type=Path, default=Path("/usr/share/doc/scowl/copyright"))
    options = parser.parse_args()
    words = read(options.scowl)
    kept = {
        word: commonness
        for word, commonness in words.items()
        if commonness >= COMMON or not (word.endswith("s") and word[:-1] in words)
    }
    ordered = sorted(kept, key=lambda word: (len(word), word))
    lines = [f"{word}\t{kept[word]}\n" for word in ordered]
    (TARGET / "en.txt").write_text("".join(lines), encoding="ascii")
    shutil.copyfile(options.licence, TARGET / "en.LICENCE.txt")
    print(f"{len(lines)} words")


if __name__ == "__main__":
    main()
