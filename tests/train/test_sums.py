"""Checksums of a pack, and of the packs beside it that read with its files."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from train.packing.sums import sums, write_sums

from tests.packs import golden

MODELS = golden.PACK.parent


@pytest.fixture
def packs(tmp_path: Path) -> tuple[Path, Path]:
    """mini, and tiny that has its words from there; both as they should be."""
    mini, tiny = tmp_path / "mini", tmp_path / "tiny"
    for folder in (mini, tiny):
        folder.mkdir()
        (folder / "image.onnx").write_text(folder.name)
    (mini / "words.txt").write_text("dog\t1\n")
    head = 'format = 1\n\n[text]\nfile = "text.onnx"\n\n[fine]\nfile = "fine.onnx"\n'
    (mini / "pack.toml").write_text(head + sums(mini))
    (tiny / "pack.toml").write_text(head + sums(tiny, [(mini / "words.txt", "mini")]))
    return mini, tiny


def _files(folder: Path) -> dict[str, tuple[str | None, int]]:
    found = tomllib.loads((folder / "pack.toml").read_text())["files"]
    return {file["path"]: (file.get("pack"), file["bytes"]) for file in found}


def test_a_changed_file_is_told_in_every_manifest_that_has_it(packs: tuple[Path, Path]) -> None:
    mini, tiny = packs
    (mini / "words.txt").write_text("dogs\t23\n")
    write_sums(mini)
    assert _files(mini)["words.txt"] == (None, 8)
    assert _files(tiny) == {"image.onnx": (None, 4), "words.txt": ("mini", 8)}


def test_a_new_file_and_what_is_said_of_it_is_shared(packs: tuple[Path, Path]) -> None:
    mini, tiny = packs
    (mini / "languages.onnx").write_text("de")
    text = (mini / "pack.toml").read_text()
    part = '\n[languages]\nfile = "languages.onnx"\ncodes = ["de"]\n'
    text = text.replace("\n[[files]]", f"{part}\n[[files]]", 1)
    (mini / "pack.toml").write_text(text.replace('"text.onnx"', '"other.onnx"'))
    write_sums(mini)
    assert _files(tiny)["languages.onnx"] == ("mini", 2)
    found, wanted = (tomllib.loads((each / "pack.toml").read_text()) for each in (tiny, mini))
    assert [found[part] == wanted[part] for part in ("text", "languages", "fine")] == [True] * 3


def test_nothing_else_changes(packs: tuple[Path, Path]) -> None:
    mini, tiny = packs
    before = [(each / "pack.toml").read_text() for each in packs]
    write_sums(mini)
    write_sums(tiny)
    assert [(each / "pack.toml").read_text() for each in packs] == before


def test_the_command_needs_nothing_of_the_recipe(packs: tuple[Path, Path]) -> None:
    mini, tiny = packs
    (mini / "words.txt").write_text("dogs\t23\n")
    command = [sys.executable, "-m", "train.packing.sums", str(mini)]
    subprocess.run(command, env={"PYTHONPATH": str(MODELS)}, check=True)
    assert _files(tiny)["words.txt"] == ("mini", 8)


def test_sums_of_the_packs_that_ship_hold() -> None:
    """Else: ``PYTHONPATH=models python -m train.packing.sums models/mini``."""
    for name in ("mini", "tiny"):
        folder = MODELS / name
        text = (folder / "pack.toml").read_text(encoding="utf-8")
        shared = [
            (MODELS / file["pack"] / file["path"], file["pack"])
            for file in tomllib.loads(text)["files"]
            if "pack" in file
        ]
        assert text.endswith(sums(folder, shared)), (
            f"files of {name} changed: run PYTHONPATH=models python -m train.packing.sums "
            "models/mini, which tells the packs that share them as well"
        )
