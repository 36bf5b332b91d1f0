"""Dictionaries, names of emoji and names of classes become words with English meanings."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from crispd.packs.text.other_counts import OtherCounts
from tests.train import conftest  # noqa: F401 - the recipe is found by it

lexicon = pytest.importorskip("train.languages.lexicon")
word_counts = pytest.importorskip("train.languages.word_counts")

_EMPTY = {name: {} for name, _, _ in lexicon.DICTIONARIES}


def _digits(value: int) -> str:
    found = ""
    while value or not found:
        found = lexicon._DIGITS[value % 64] + found
        value //= 64
    return found


def _dictionary(folder: Path, name: str, texts: dict[str, str]) -> None:
    index, body = "", b""
    for word, text in texts.items():
        stored = text.encode()
        index += f"{word}\t{_digits(len(body))}\t{_digits(len(stored))}\n"
        body += stored
    (folder / f"freedict-{name}.index").write_text(index, encoding="utf-8")
    (folder / f"freedict-{name}.dict.dz").write_bytes(gzip.compress(body))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "dictd").mkdir()
    (tmp_path / "annotations").mkdir()
    texts = {
        **_EMPTY,
        "eng-deu": {
            "00databaseshort": "nothing",
            "dog": "dog /dɒɡ/ <n>\nHund <masc> [zool.], Köter\n   Synonyms: {cur}\n",
            "dogs": "dogs /dɒɡz/\nHunde <pl>\n see: {dog}\n",
        },
        "deu-eng": {"Hund": "Hund /hʊnt/ <masc>\n1. dog\n2. cur, hound\n"},
        "eng-ces": {"dog": "dog <n>\npes\n"},
    }
    for name, found in texts.items():
        _dictionary(tmp_path / "dictd", name, found)
    names = {"en": "dog: face", "de": "Hund: Gesicht", "fr": "tête de chien", "cs": "↑↑↑"}
    for language, name in names.items():
        (tmp_path / "annotations" / f"{language}.xml").write_text(
            f'<annotation cp="🐶">a | b</annotation>\n'
            f'<annotation cp="🐶" type="tts">{name}</annotation>\n', encoding="utf-8",
        )  # fmt: skip
    return tmp_path


def test_words_have_the_meanings_that_photos_show(folder: Path) -> None:
    pairs = _pairs(folder, lexicon.Usage({"dog": 900, "dogs": 90, "face": 90}, {}, frozenset()))
    assert pairs["de", "hund"] == (("dog", 1.0),)  # nobody photographs curs
    assert pairs["de", "hunde"] == (("dogs", 1.0),)
    assert pairs["cs", "pes"] == (("dog", 1.0),)
    assert pairs["fr", "tête de chien"] == (("dog face", 1.0),)
    assert ("de", "hund gesicht") in pairs
    assert not any(language == "cs" and "↑" in word for language, word in pairs)


def _pairs(
    folder: Path, usage: lexicon.Usage
) -> dict[tuple[str, str], tuple[tuple[str, float], ...]]:
    found = lexicon.read_lexicon(folder, usage)
    return {(pair.language, pair.word): pair.meanings for pair in found}


def test_a_word_that_many_dictionaries_have_is_taught_though_no_caption_has_it(
    folder: Path,
) -> None:
    rare, basic = (lexicon.Usage({}, {"dog": times}, frozenset()) for times in (3, 18))
    assert _pairs(folder, rare) == {}
    assert _pairs(folder, basic)["cs", "pes"] == (("dog", 1.0),)
    assert basic.often("dog") > rare.often("dog") > 0


def test_how_often_people_may_ask_for_a_word(folder: Path) -> None:
    usage = lexicon.Usage.read(folder, {"dog": 900})
    assert usage.basic["dog"] == 2  # of dictionaries from English; another's headwords are German
    assert usage.basic["hund"] == 0
    assert ("de", "hund gesicht") in usage.things
    assert usage.seen("dog face") == 0
    assert usage.often("dog") == pytest.approx(30, abs=0.1)


def test_lines_of_a_dictionary() -> None:
    assert lexicon.terms("2. blow-off pipe <n> [techn.], pipe (metal)") == ["blow-off pipe", "pipe"]
    assert lexicon.terms("to pay attention to sth. in a very long phrase") == []


def test_class_names_are_a_thousand_in_three_languages() -> None:
    found = list(lexicon.class_names(Path(lexicon.__file__).with_name("class_names.tsv")))
    assert len(found) == 3000
    assert found[:3] == [(0, "de", "schleie"), (0, "fr", "tanche"), (0, "cs", "lín")]
    assert all(name.strip() == name and name for _, _, name in found)


def test_words_are_counted_in_sentences_and_as_names(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "sentences").mkdir()
    row = {"en": "", "de": "Der Hund frisst", "fr": "le chien mange", "cs": "pes žere"}
    lines = [json.dumps({"split": split, **row}) for split in ("train",) * 40 + ("dev",) * 40]
    (tmp_path / "sentences" / "parallel.jsonl").write_text("\n".join(lines), encoding="utf-8")
    found = word_counts.counted(tmp_path, folder)
    assert found["de"]["hund"] == found["fr"]["chien"] == found["cs"]["žere"] == 40
    assert found["de"]["gesicht"] == 20  # of an emoji
    assert found["cs"]["pes"] == 0  # three letters
    word_counts.write_counts(found, tmp_path / "counts")
    assert OtherCounts(tmp_path / "counts")("de")["hund"] == 32
