"""The list of words of a pack."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crispd.errors import PackCorrupt
from crispd.packs.pack import load_pack
from crispd.packs.text.training_words import read_training_words
from tests.packs.small import seal, write_pack

if TYPE_CHECKING:
    from pathlib import Path


def test_a_pack_brings_its_words(tmp_path: Path) -> None:
    table = write_pack(tmp_path)
    assert load_pack(tmp_path, index_threads=1, search_threads=1).words == {}
    (tmp_path / "words.txt").write_text("dog\t12\nrex\t0\n", encoding="utf-8")
    seal(tmp_path, {**table, "text": {**table["text"], "words": "words.txt"}})
    pack = load_pack(tmp_path, index_threads=1, search_threads=1)
    assert pack.words == {"dog": 12, "rex": 0}


def test_a_listed_file_must_be_there(tmp_path: Path) -> None:
    table = write_pack(tmp_path)
    seal(tmp_path, {**table, "text": {**table["text"], "words": "words.txt"}})
    with pytest.raises(PackCorrupt, match=r"words\.txt"):
        load_pack(tmp_path, index_threads=1, search_threads=1)


@pytest.mark.parametrize(
    "line", ["dog", "dog 1", "\t1", "dog\t", "dog\t-1", "dog\tx", "dog\t1\n\n"]
)
def test_a_wrong_line_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "words.txt"
    path.write_text(f"cat\t1\n{line}", encoding="utf-8")
    with pytest.raises(PackCorrupt, match=r"line [23]"):
        read_training_words(path)


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "words.txt"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(PackCorrupt, match="cannot be read"):
        read_training_words(path)
