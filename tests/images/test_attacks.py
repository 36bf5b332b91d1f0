"""Files that attack decoders: no crash, no hang, memory bounded, originals as they were."""

from __future__ import annotations

import hashlib
import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from tests.images import attacks

REPOSITORY = Path(__file__).parents[2]
SEEDS = attacks.seeds()
BOMBS = sorted(attacks.BOMBS)
SECONDS = 10.0
# Pixels of the largest picture within the limit (4 bytes each), Python and the libraries.
MOST_MB = 4 * attacks.LIMITS.max_pixels // 2**20 + 250


def survived(folder: Path, timeout: float) -> dict[str, dict[str, object]]:
    """What became of each file, in a process of its own; fails where that did not live."""

    def sums() -> dict[str, str]:
        return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.iterdir()}

    before = sums()
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "tests.images.attacks", str(folder)],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, f"{lines[-1:]} ended with {done.returncode}\n{done.stderr[-3000:]}"
    found = {line["name"]: line for line in lines if "name" in line}
    assert set(found) == set(before)
    assert sums() == before
    slow = {name: line for name, line in found.items() if float(line["seconds"]) > SECONDS}
    assert not slow
    return found


def mutants(folder: Path, of_each: int, first: int = 0) -> None:
    for name, data in SEEDS.items():
        for number in range(first, first + of_each):
            dice = random.Random(f"{name} {number}")
            (folder / f"{number:05}-{name}").write_bytes(attacks.damaged(data, dice))


def test_whole_files_are_indexed(tmp_path: Path) -> None:
    for name, data in SEEDS.items():
        (tmp_path / name).write_bytes(data)
    found = survived(tmp_path, 300)
    assert {name for name, line in found.items() if line["what"] != "indexed"} == set()


def test_damaged_files(tmp_path: Path) -> None:
    mutants(tmp_path, 12)
    found = survived(tmp_path, 300)
    whats = {str(line["what"]) for line in found.values()}
    assert {"indexed", "damaged"} <= whats
    assert max(int(str(line["peak_mb"])) for line in found.values()) < MOST_MB


@pytest.mark.slow
@pytest.mark.parametrize("part", range(10))
def test_many_more_damaged_files(tmp_path: Path, part: int) -> None:
    mutants(tmp_path, 100, 1000 + 100 * part)
    survived(tmp_path, 600)


@pytest.fixture(scope="module")
def bombs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, object]]:
    folder = tmp_path_factory.mktemp("bombs")
    for name, make in attacks.BOMBS.items():
        if name != LARGEST:
            (folder / name).write_bytes(make())
    return survived(folder, 400)


LARGEST = "pixels-under-the-limit.png"
INDEXED = {
    "exif-in-pieces.jpg", "exif-overlapping.jpg", "exif.webp", "frames.avif", "frames.gif",
    "frames.png", "frames.webp", "pages.tif", "profile.jpg", "profile.png", "text.png",
    "texts.png", "xmp.jpg",
}  # fmt: skip


@pytest.mark.parametrize("name", [name for name in BOMBS if name != LARGEST])
def test_bombs(bombs: dict[str, dict[str, object]], name: str) -> None:
    """A bomb of metadata or frames costs no photo; one of pixels is told from damage."""
    outcome = bombs[name]
    if name in INDEXED:
        assert outcome["what"] == "indexed"
    elif name.startswith(("pixels.", "pixels-progressive")):
        assert outcome["what"] == "too_large"
    else:
        assert outcome["what"] in {"damaged", "truncated"}
    # the largest of these files has 100 MB, which are in memory as well
    assert int(str(outcome["peak_mb"])) < 600


@pytest.mark.slow
def test_the_largest_picture_within_the_limit(tmp_path: Path) -> None:
    (tmp_path / LARGEST).write_bytes(attacks.BOMBS[LARGEST]())
    [outcome] = survived(tmp_path, 400).values()
    assert outcome["what"] == "indexed"
    assert int(str(outcome["peak_mb"])) < MOST_MB
