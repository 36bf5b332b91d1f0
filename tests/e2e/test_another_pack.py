"""Another pack: known photos are encoded again, and what the old one made is kept."""

from __future__ import annotations

import json
from pathlib import Path

from tests.e2e.server import command
from tests.packs.small import manifest_table, seal, write_pack


def crispd(data: Path, pack: Path, *words: str) -> str:
    done = command(data, *words, pack=str(pack))
    assert done.returncode == 0, done.stderr
    return done.stdout


def small_pack(folder: Path, version: str) -> Path:
    folder.mkdir()
    write_pack(folder)
    table = manifest_table()
    table["pack"]["version"] = version
    seal(folder, table)
    assert f'version = "{version}"' in (folder / "pack.toml").read_text(encoding="utf-8")
    return folder


def test_photos_known_by_another_pack_are_encoded_again(photos: Path, tmp_path: Path) -> None:
    count = sum(1 for path in photos.rglob("*") if path.is_file())
    data = tmp_path / "data"
    first, second = small_pack(tmp_path / "one", "1"), small_pack(tmp_path / "two", "2")
    for pack, encoded in ((first, count), (second, count), (second, 0), (first, 0)):
        said = crispd(data, pack, "index", str(photos))
        assert f"{encoded} photos encoded" in said, said
        found = json.loads(crispd(data, pack, "search", "a dog", "--limit", "50", "--json"))
        assert len(found["results"]) == count
