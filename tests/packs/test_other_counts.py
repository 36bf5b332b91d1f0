"""Counts of words in other languages."""

from __future__ import annotations

import lzma
from pathlib import Path

import pytest

from crispd.errors import PackCorrupt
from crispd.packs.text.other_counts import OtherCounts
from tests.packs import golden


def written(path: Path, text: str) -> OtherCounts:
    path.write_bytes(lzma.compress(text.encode()))
    return OtherCounts(path)


def test_each_language_has_its_own(tmp_path: Path) -> None:
    counts = written(tmp_path / "a", "de\thund\t8\nfr\tchien\t16\nde\tkatze\t4\n")
    assert counts("de") == {"hund": 8, "katze": 4}
    assert counts("fr") == {"chien": 16}
    assert counts("cs") == {}


@pytest.mark.parametrize("text", ["hund\t8\n", "de\t\t8\n", "de\thund\tx\n", "de hund 8\n"])
def test_what_is_wrong_is_named(tmp_path: Path, text: str) -> None:
    with pytest.raises(PackCorrupt, match="line 2: a language, a word and a count"):
        written(tmp_path / "a", f"de\thund\t8\n{text}")("de")


def test_what_is_no_such_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"no xz")
    for name in ("a", "nothing"):
        with pytest.raises(PackCorrupt, match="Install the pack again"):
            OtherCounts(tmp_path / name)("de")


def test_those_that_ship_are_of_every_language() -> None:
    pack = golden.shipped()
    assert pack.manifest.languages is not None
    for code in pack.manifest.languages.codes:
        assert len(pack.other_counts(code)) > 3000
