"""What ``crispd eval`` found, put into a card."""

from __future__ import annotations

from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from train.measuring.measured import HEADING, put, section
from train.packing import card as cards

from crispd.errors import PackCorrupt
from crispd.packs.integrity import verify
from crispd.packs.manifest import read_manifest
from tests.packs import small


def arm(name: str, value: float) -> dict[str, Any]:
    share = {"value": value, "low": value - 1, "high": value + 2}
    return {"name": name, "recall": dict.fromkeys(("1", "5", "10"), share), "precision": share}


def found(value: float) -> dict[str, Any]:
    common = {"split": "dev", "photos": 1973, "queries": 865, "empty": {"value": 34.4}}
    arms = [arm(name, value) for name in ("coarse", "fine", "cascade", "served")]
    return {
        "pack": "small@1",
        "sets": [
            {"name": "own", "kind": "words", "domain": "in-domain", "arms": arms, **common},
            {"name": "others", "kind": "sentences", "domain": "strangers", "arms": arms, **common},
        ],
    }


def test_strangers_come_first() -> None:
    text = section(found(10.04))
    assert text.startswith(HEADING)
    assert text.index("others: 865 sentences, 1,973 photos; 34 %") < text.index("own: 865 words")
    assert text.count("10.0 (9.0 to 12.0)") == 3 * 3 + 3 * 4
    assert "| fine |" not in text


def test_the_card_is_rewritten_and_its_checksum_with_it(tmp_path: Path) -> None:
    folder = tmp_path / "pack"
    table = small.write_pack(folder)
    (folder / "CARD.md").write_text("# small\n\nAbout.\n\n## Made from\nNothing.\n\n## Measured\n")
    small.seal(folder, table)
    for value in (10.0, 20.0, 20.0):
        put(folder, found(value))
        verify(folder, read_manifest(folder))
    text = (folder / "CARD.md").read_text()
    assert text.count(HEADING) == 1
    assert text.startswith("# small\n\nAbout.\n\n" + HEADING)
    assert text.endswith("\n\n## Made from\nNothing.\n\n## Measured\n")
    assert "20.0 (19.0 to 22.0)" in text
    assert "10.0 (9.0" not in text
    (folder / "CARD.md").write_text(text + " ")
    with pytest.raises(PackCorrupt):
        verify(folder, read_manifest(folder))


def test_a_new_card_begins_with_them_too() -> None:
    names = {name for _, name, _, _ in Formatter().parse(cards._TEXT) if name}
    text = cards.card(dict.fromkeys(names - {"strangers"}, "-"))
    assert text.index(HEADING) < text.index("Not measured yet") < text.index("## Made from")
