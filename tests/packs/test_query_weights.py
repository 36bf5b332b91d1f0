"""What of a question decides: the class part's share, and the trust in the fine stage."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crispd.packs.constants.parts import QueryPart
from crispd.packs.fine.token_storage import stored_bytes
from crispd.packs.pack import Pack
from crispd.packs.text.function_words import FUNCTION_WORDS
from crispd.packs.text.query_weights import QueryWeights, content_words
from tests.packs import golden

# share: e to the power of the class part's length, one half for each word beyond the first


def part(share: tuple[float, float, float, float], trust: tuple[float, float, float]) -> QueryPart:
    return QueryPart(captions=(0, 2), classes=(2, 4), share=share, trust=trust)


PART = part((0.0, -1.0, 1.0, 0.0), (1.0, 2.0, 1.0))
AXES = np.eye(5, dtype=np.float32)[:3]


def unit(*values: float) -> np.ndarray:
    vector = np.array(values, np.float32)
    return np.asarray(vector / np.linalg.norm(vector), np.float32)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("goldfish", 1), ("a photo of a goldfish", 1), ("christmas trees", 2), ("", 1),
        ("of the", 1),
        ("A man in a red shirt on the beach.", 4), ("Bäume im Schnee", 3),
    ],
)  # fmt: skip
def test_words_that_say_what_is_seen(text: str, words: int) -> None:
    assert content_words(text) == words


@pytest.mark.parametrize(
    ("language", "text", "words"),
    [
        ("de", "ein Hund", 1), ("de", "Fotos von einem Hund im Schnee", 2), ("de", "Hund", 1),
        ("fr", "un chien", 1), ("fr", "une photo d'un chien sur l'herbe", 2),
        ("fr", "les enfants jouent dans la forêt", 3),
        ("cs", "fotka psa", 1), ("cs", "děti a pes v lese", 3), ("cs", "les u jezera", 2),
        ("de-AT", "ein Hund", 1), ("ja", "ein dog on une plage", 2),
    ],
)  # fmt: skip
def test_small_words_count_in_no_language(language: str, text: str, words: int) -> None:
    assert content_words(text, language) == words


def test_each_language_of_the_pack_has_its_small_words() -> None:
    languages = golden.shipped().manifest.languages
    assert languages is not None
    assert set(FUNCTION_WORDS) == {golden.shipped().manifest.pack.language, *languages.codes}


@pytest.mark.parametrize(
    ("language", "bare", "said"),
    [("de", "Hund", "ein Hund"), ("fr", "chien", "un chien"), ("cs", "pes", "fotka psa")],
)
def test_a_word_with_its_article_is_one_word(language: str, bare: str, said: str) -> None:
    encoder = golden.shipped().text_encoder
    assert encoder.encode(said, language).words == encoder.encode(bare, language).words == 1


vectors = st.lists(st.floats(-1, 1, width=32), min_size=5, max_size=5)


@given(vectors, st.integers(1, 40))
def test_any_vector_stays_a_unit_vector_and_trust_within_bounds(
    values: list[float], words: int
) -> None:
    if np.linalg.norm(values) < 1e-3:
        values = [1.0, 0, 0, 0, 0]
    given_vector = unit(*values)
    found = QueryWeights(PART, AXES)(given_vector, words)
    assert np.linalg.norm(found.embedding) == pytest.approx(1, abs=1e-5)
    assert 1 <= found.share <= math.exp(2.5) + 1e-9
    assert found.trust > 0
    # parts keep their directions, and what is in no part goes with the captions'
    outside = [0, 1, 4]
    ratio = np.linalg.norm(given_vector[outside]) / max(
        np.linalg.norm(found.embedding[outside]), 1e-9
    )
    assert found.embedding[outside] * ratio == pytest.approx(given_vector[outside], abs=1e-4)


def test_a_heavier_class_part_leaves_less_trust() -> None:
    weights = QueryWeights(part((math.log(4.0), 0.0, 0.0, 0.0), (2.0, 1.0, 1.0)), AXES)
    found = weights(unit(1, 0, 1, 0, 0), 1)
    assert found.share == pytest.approx(4)
    assert found.embedding[2] == pytest.approx(4 * found.embedding[0])
    norm = np.linalg.norm([1, 4]) / np.linalg.norm([1, 1])
    assert found.trust == pytest.approx(0.5 / norm)
    plain = QueryWeights(part((0.0, 0.0, 0.0, 0.0), (2.0, 1.0, 1.0)), AXES)(unit(1, 0, 1, 0, 0), 1)
    assert (plain.share, plain.trust) == (1.0, pytest.approx(1.0))


def most_trust(pack: Pack) -> float:
    """What fine scores count at most."""
    assert pack.manifest.question is not None
    return pack.manifest.question.trust[2]


@pytest.fixture(scope="module")
def pack() -> Pack:
    return golden.shipped()


@pytest.mark.parametrize(
    "name", ["goldfish", "a photo of a goldfish", "christmas tree", "goldfishes"]
)
def test_names_are_for_the_classes_to_tell(pack: Pack, name: str) -> None:
    text = pack.text_encoder.encode(name)
    assert text.share > 2.5
    assert text.trust < 0.75 * most_trust(pack)


@pytest.mark.parametrize(
    "sentence", ["two dogs run along the beach", "a boy in a red jacket slides down a snowy hill"]
)
def test_sentences_are_for_captions_and_the_fine_stage(pack: Pack, sentence: str) -> None:
    text = pack.text_encoder.encode(sentence)
    assert text.share < 3
    assert text.trust > 0.95 * most_trust(pack)


def test_a_fine_score_counts_as_much_as_its_question_trusts_it(pack: Pack) -> None:
    assert pack.reranker is not None
    text = pack.text_encoder.encode("a dog")
    part = pack.manifest.tokens
    assert part is not None
    tokens = [bytes(stored_bytes(part))] * 2
    whole = pack.reranker.score(replace(text, trust=1.0), tokens)
    half = pack.reranker.score(replace(text, trust=0.5), tokens)
    assert half == pytest.approx(0.5 * whole)
