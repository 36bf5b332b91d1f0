"""Words that the models know, of all languages of the pack, and names."""

from __future__ import annotations

import pytest

from crispd.service.visual_words import VisualWords
from tests.packs import golden


@pytest.fixture(scope="module")
def is_visual() -> VisualWords:
    pack = golden.shipped()
    _, *others = pack.manifest.language_codes
    return VisualWords(pack.words, pack.other_words, others)


@pytest.mark.parametrize(
    "word",
    ["dog", "grass", "hund", "gras", "kirche", "chien", "herbe", "pes", "tráva",
     # villages are called so
     "wald", "plage", "moře",
     # English has them as well
     "chat", "most", "boot"],
)  # fmt: skip
def test_what_may_be_seen(is_visual: VisualWords, word: str) -> None:
    assert is_visual(word)


@pytest.mark.parametrize(
    "word", ["algarve", "anna", "kiel", "italien", "essen", "paříž", "zqx", ""]
)
def test_names(is_visual: VisualWords, word: str) -> None:
    assert not is_visual(word)


def test_without_other_languages_there_are_the_packs_words() -> None:
    plain = VisualWords({"dog": 3, "seldom": 2})
    assert [plain(word) for word in ("dog", "seldom", "hund")] == [True, False, False]
