"""``crispd bench``: copies are measured, originals stay, and what cannot be measured is said."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from crispd.bench import board, searching
from crispd.bench.indexing import IndexingFigures
from crispd.bench.sample import Sample
from crispd.bench.searching import SearchFigures
from crispd.cli.app import app
from crispd.platform.linux.processor import machine_name
from crispd.sample_queries import ALBUM
from tests.cli.test_commands import Running, free_port
from tests.cli.test_commands import running as running
from tests.packs.small import write_pack

INDEXING = IndexingFigures(64, 0, 20.0, {"decode": 50.0}, 2**20, 300.0, "mini@6")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("small") / "pack"
    write_pack(folder)
    return folder


@pytest.fixture(autouse=True)
def few_searches(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(searching, "SEARCHES", 4)
    monkeypatch.setattr("crispd.cli.bench.SEARCHES", 4)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))


def bench(tmp_path: Path, small: Path, *words: object) -> tuple[int, str, str]:
    """Exit code and what it printed."""
    told = ["bench", *map(str, words), "--pack", str(small), "--data-dir", str(tmp_path / "data")]
    found = CliRunner().invoke(app, told)
    return found.exit_code, found.stdout, found.stderr + str(found.exception or "")


def photos(tmp_path: Path, count: int) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for path in sorted(ALBUM.glob("*.jpg"))[:count]:
        shutil.copy(path, folder)
    return folder


def test_photos_of_a_folder(tmp_path: Path, small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRISPD_PORT", free_port())
    folder = photos(tmp_path, 5)
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff no picture")
    before = {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()}
    code, text, error = bench(tmp_path, small, folder, "--photos", 6, "--json")
    assert code == 0, error
    found = json.loads(text)
    assert (found["indexing"]["photos"], found["indexing"]["failed"]) == (5, 1)
    assert found["indexing"]["photos_per_second"] > 0
    assert set(found["indexing"]["stages_ms"]) == {"hash", "decode", "encode"}
    assert found["search"]["through"] == "the sample"
    assert found["search"]["photos"] == 5
    assert {"text", "coarse", "total"} <= set(found["search"]["stages_ms"])
    assert found["next"]["photos"] == 10_000
    assert found["line"].count("|") == board.HEAD.count("|")
    assert any("few" in note for note in found["notes"])
    assert before == {
        path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()
    }
    assert not list((tmp_path / "scratch").iterdir())
    assert not (tmp_path / "data").exists()


def test_the_album_and_a_running_crispd(tmp_path: Path, small: Path, running: Running) -> None:
    running.answers["/status"] = (200, json.dumps({"state": "ready", "memory_mb": 321}).encode())
    code, text, error = bench(tmp_path, small, "--photos", 2)
    assert code == 0, error
    assert "sample album" in text
    assert "in a running crispd with 12 photos, 321 MB" in text
    assert text.splitlines()[-2] == board.HEAD
    assert text.splitlines()[-1].endswith("| 321 |")
    assert "Indexing them: 2" in error


@pytest.mark.parametrize(
    ("name", "said"), [(None, "There are no photos in"), ("a.jpg", "None of 1 photos could be")]
)
def test_nothing_to_measure(
    tmp_path: Path, small: Path, name: str | None, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRISPD_PORT", free_port())
    folder = photos(tmp_path, 0)
    if name is not None:
        (folder / name).write_bytes(b"\xff\xd8\xff no picture")
    code, _, error = bench(tmp_path, small, folder)
    assert code != 0
    assert said in error
    assert "crispd bench FOLDER" in error


def test_the_slower_of_processor_and_disk_decides() -> None:
    quick, slow = Sample(64, 4.0, 5.0, False), Sample(64, 4.0, 200.0, False)
    assert board.next_photos(quick, INDEXING).seconds == 500
    assert board.next_photos(slow, INDEXING).seconds == 2000
    assert board.next_photos(slow, INDEXING).disk_mb == 10_000


def test_a_line_of_the_table() -> None:
    machine = board.Board("A | B", "aarch64", 4, 8192, "3.12.1")
    line = board.board_line(machine, INDEXING, SearchFigures(1200, 7.0, 9.0, {}), 310.4)
    assert line == (
        "| A / B (aarch64) | 4 | 8.0 GB | 3.12.1 | mini@6 | 20.0 | 7.0/9.0 (1,200 photos) | 310 |"
    )


def test_what_a_machine_is_called(tmp_path: Path) -> None:
    board_file, cpuinfo = tmp_path / "model", tmp_path / "cpuinfo"
    cpuinfo.write_text("processor\t: 0\nmodel name\t: Intel(R)  N100\n")
    assert machine_name(board_file, cpuinfo) == "Intel(R) N100"
    board_file.write_text("Raspberry Pi 5 Model B Rev 1.0\0")
    assert machine_name(board_file, cpuinfo) == "Raspberry Pi 5 Model B Rev 1.0"
    assert machine_name(tmp_path / "no", tmp_path / "nor")
