"""Texts in other languages: which tower reads them, and what it gives."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crispd.errors import PackCorrupt, PackMismatch
from crispd.packs.manifest import LanguagesPart, read_manifest
from crispd.packs.pack import load_pack
from crispd.packs.text.hashed_words import hashed, words_of
from crispd.packs.text.known_words import KnownWords
from crispd.packs.text.language_tower import LanguageReading, LanguageTower
from crispd.packs.text.multilingual import MultilingualTextEncoder
from crispd.types import CacheStats, EncodedText
from tests.packs import golden, small

if TYPE_CHECKING:
    from pathlib import Path

PART = LanguagesPart(
    file="languages.onnx", codes=("de", "fr"), buckets=1000, shortest=3, longest=4, max_words=5
)
NOTHING = np.zeros(0, np.float32)


# --- parts of words ---------------------------------------------------------------------------


def test_words_are_parted_alike_however_their_marks_are_written() -> None:
    assert words_of("Kočka, na STŘEŠE!") == ["kočka", "na", "střeše"]
    assert words_of("kočka") == words_of("koc\u030cka")
    assert words_of("l'été_2022") == ["l", "été", "2022"]


def test_a_word_is_its_runs_and_itself() -> None:
    # <ab>: itself, <ab, ab>
    assert len(hashed(["ab"], PART).parts[0]) == 3
    both = hashed(["hund", "hunde"], PART)
    assert both.parts.shape[0] == 2
    assert len(set(both.parts[0]) & set(both.parts[1])) >= 4


def test_a_short_word_is_filled_up_with_no_part() -> None:
    found = hashed(["a", "strassenbahn"], PART)
    assert found.parts[0, -1] == PART.buckets
    assert found.pairs[0] == PART.buckets
    assert 0 <= found.pairs[1] < PART.buckets


def test_long_texts_are_cut() -> None:
    assert not hashed(["w"] * 5, PART).cut
    long = hashed(["w"] * 6, PART)
    assert (long.cut, len(long.pairs)) == (True, 5)


def test_nothing_is_one_word_without_parts() -> None:
    found = hashed([], PART)
    assert (found.parts.tolist(), found.pairs.tolist()) == ([[PART.buckets]], [PART.buckets])


@given(st.text())
def test_any_text_is_numbered(text: str) -> None:
    found = hashed(words_of(text), PART)
    assert found.parts.min() >= 0
    assert found.parts.max() <= PART.buckets
    assert len(found.parts) == len(found.pairs) <= PART.max_words


# --- which tower ------------------------------------------------------------------------------


@dataclass
class Own:
    """Remembers what it was asked."""

    asked: list[str] = field(default_factory=list)
    use = CacheStats(3, 4)

    def encode(self, text: str, spoken: str = "") -> EncodedText:
        self.asked.append(text)
        return EncodedText(NOTHING, NOTHING, NOTHING)

    def other_language(self, text: str, spoken: str = "") -> str | None:
        return None


@dataclass
class Tower:
    """As sure of each language as it is told to be."""

    sure: dict[str, float]
    read_texts: list[str] = field(default_factory=list)

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(code for code in self.sure if code != "en")

    def read(self, text: str) -> LanguageReading:
        self.read_texts.append(text)
        return LanguageReading(
            EncodedText(np.ones(len(text), np.float32), NOTHING, NOTHING), self.sure
        )


KNOWN = {"hund", "strand", "de:boot", "fr:boot"}


def encoder(own: Own, **sure: float) -> MultilingualTextEncoder:
    counts = {"dog": 9, "und": 0, "strand": 0, "boot": 5, "train": 206}
    return MultilingualTextEncoder(own, "en", Tower(sure), counts, KNOWN)  # type: ignore[arg-type]


def test_another_language_goes_to_the_tower() -> None:
    own = Own()
    german = encoder(own, en=0.1, de=0.85, fr=0.05)
    assert german.other_language("ein  hund") == "de"
    assert german.encode("ein  hund").embedding.size == len("ein hund")
    assert own.asked == []
    assert german.use == CacheStats(3, 4)


@pytest.mark.parametrize(
    ("text", "sure"),
    [
        ("dog", {"en": 0.1, "de": 0.9}),  # the pack met the word
        ("", {"en": 0.1, "de": 0.9}),
        ("img2022", {"en": 0.1, "de": 0.9}),  # a name of a file
        ("und", {"en": 0.1, "de": 0.9}),  # by itself, a word that exists is the pack's
        ("ein hund", {"en": 0.9, "de": 0.1}),
        ("ein hund", {"en": 0.2, "de": 0.8, "fr": 0.0}),  # not sure enough
        ("hudn", {"en": 0.06, "de": 0.94}),  # one word may be a slip
        ("un perro", {"en": 0.2, "de": 0.2, "fr": 0.1}),  # Spanish, which nothing reads
    ],
)
def test_what_is_in_no_other_known_language_is_read_as_the_packs(
    text: str, sure: dict[str, float]
) -> None:
    own = Own()
    assert encoder(own, **sure).other_language(text) is None
    encoder(own, **sure).encode(text)
    assert own.asked == [text]


def test_words_that_merely_exist_speak_for_no_language() -> None:
    assert encoder(Own(), en=0.1, de=0.9).other_language("und dog") == "de"


@pytest.mark.parametrize(
    ("text", "spoken", "sure", "language"),
    [
        ("Hund", "", {"en": 0.3, "de": 0.5, "fr": 0.2}, "de"),  # it was taught
        ("strand", "", {"en": 0.02, "de": 0.95, "fr": 0.02}, "de"),  # English has it too, rarely
        ("strand", "", {"en": 0.2, "de": 0.8, "fr": 0.0}, None),
        ("boot", "", {"en": 0.0, "de": 1.0, "fr": 0.0}, None),  # captions have it
        ("boot", "de", {"en": 0.1, "de": 0.85, "fr": 0.0}, "de"),
        ("boot", "fr", {"en": 0.1, "de": 0.85, "fr": 0.0}, None),
        ("boot", "xx", {"en": 0.1, "de": 0.85, "fr": 0.0}, None),
        ("boot am strand", "de", {"en": 0.1, "de": 0.7, "fr": 0.1}, None),  # "am" is not known
        ("boot strand", "de", {"en": 0.1, "de": 0.7, "fr": 0.1}, "de"),
        ("train", "de", {"en": 0.0, "de": 1.0, "fr": 0.0}, None),  # captions have it often
    ],
)
def test_one_word(text: str, spoken: str, sure: dict[str, float], language: str | None) -> None:
    assert encoder(Own(), **sure).other_language(text, spoken) == language


@pytest.mark.parametrize(
    ("text", "spoken", "times"),
    [
        ("dog", "", 0),
        ("dog boot", "en", 0),
        ("train", "de", 0),  # whoever asks
        ("boot", "de", 1),
        ("dog hund", "", 1),
    ],
)
def test_the_tower_is_not_asked_where_it_changes_nothing(
    text: str, spoken: str, times: int
) -> None:
    tower = Tower({"en": 0.0, "de": 1.0, "fr": 0.0})
    counts = {"dog": 9, "boot": 5, "train": 206}
    own = MultilingualTextEncoder(Own(), "en", tower, counts, KNOWN)  # type: ignore[arg-type]
    own.other_language(text, spoken)
    assert len(tower.read_texts) == times


@given(st.sets(st.text(max_size=12), max_size=200))
def test_known_words_forget_none(words: set[str]) -> None:
    known = KnownWords.of(words)
    assert all(word in known for word in words)


def test_few_other_words_seem_known(tmp_path: Path) -> None:
    KnownWords.of([f"word {number}" for number in range(2000)]).write(tmp_path / "words")
    known = KnownWords.read(tmp_path / "words")
    assert (tmp_path / "words").stat().st_size == 3000
    assert sum(f"other {number}" in known for number in range(2000)) < 20  # 3 of 1,000


def test_known_words_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(PackCorrupt, match="cannot be read"):
        KnownWords.read(tmp_path / "none")
    (tmp_path / "empty").write_bytes(b"")
    with pytest.raises(PackCorrupt, match="is empty"):
        KnownWords.read(tmp_path / "empty")


# --- the graph --------------------------------------------------------------------------------


@pytest.fixture
def speaking(folder: Path) -> Path:
    """The small pack with German and French."""
    small.add_languages(folder, small.manifest_table())
    return folder


def test_a_pack_of_several_languages(speaking: Path) -> None:
    found = read_manifest(speaking)
    assert found.language_codes == ("en", "de", "fr")
    assert "languages.onnx" in found.used_files
    pack = load_pack(speaking, index_threads=1, search_threads=1)
    assert isinstance(pack.text_encoder, MultilingualTextEncoder)


def test_the_tower_reads_a_text(speaking: Path) -> None:
    manifest = read_manifest(speaking)
    assert manifest.languages is not None
    tower = LanguageTower(speaking, manifest, manifest.languages, 1)
    found = tower.read("ein roter Hund")
    assert found.encoded.tokens.shape == (3, small.TOKEN_DIM)
    assert found.encoded.word_mask.tolist() == [1, 1, 1]
    assert np.linalg.norm(found.encoded.embedding) == pytest.approx(1, abs=1e-5)
    assert not found.encoded.embedding.flags.writeable
    assert [*found.sure] == ["en", "de", "fr"]
    assert sum(found.sure.values()) < 1
    assert not found.encoded.cut
    assert tower.read("a b c d e f").encoded.cut
    assert tower.read("ein roter Hund") is found


def test_without_tokens_there_is_an_embedding_alone(folder: Path) -> None:
    table = small.manifest_table()
    del table["tokens"], table["fine"]
    small.add_languages(folder, table)
    manifest = read_manifest(folder)
    assert manifest.languages is not None
    found = LanguageTower(folder, manifest, manifest.languages, 1).read("ein Hund").encoded
    assert (found.embedding.shape, found.tokens.size) == ((small.DIM,), 0)


@pytest.mark.parametrize(
    ("spoilt", "said"),
    [({"codes": 3}, "languages"), ({"dim": 9}, "embeddings"), ({"token_dim": 7}, "tokens")],
)
def test_a_tower_that_does_not_fit(speaking: Path, spoilt: dict[str, int], said: str) -> None:
    small.language_graph(speaking / "languages.onnx", **spoilt)
    table = small.manifest_table()
    table["languages"] = {
        "file": "languages.onnx", "codes": ["de", "fr"], "buckets": small.BUCKETS, "shortest": 3,
        "longest": 4, "max_words": 5,
    }  # fmt: skip
    small.seal(speaking, table)
    with pytest.raises(PackMismatch, match=said):
        load_pack(speaking, index_threads=1, search_threads=1)


def test_the_gain_is_that_of_other_languages_alone() -> None:
    part = golden.shipped().manifest.relevance
    assert part is not None
    assert part.languages_gain > 1
    encoder = golden.shipped().text_encoder
    assert encoder.encode("a dog in the snow").gain == 1
    assert encoder.encode("ein Hund im Schnee").gain == part.languages_gain


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("codes", [], "a list of languages"),
        ("codes", [3], "a list of languages"),
        ("buckets", 0, "above 0"),
        ("longest", 2, "not below shortest"),
        ("file", "../x", "inside the pack"),
    ],
)
def test_what_is_wrong_with_the_languages(folder: Path, key: str, value: object, said: str) -> None:
    table = small.manifest_table()
    small.add_languages(folder, table)
    table["languages"][key] = value
    small.seal(folder, table)
    with pytest.raises(PackCorrupt, match=said):
        read_manifest(folder)
