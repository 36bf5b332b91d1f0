"""Each check on machines and folders that have what it looks for."""

from __future__ import annotations

import os
import shutil
import sqlite3
from pathlib import Path

import pytest

from crispd.doctor import data
from crispd.doctor.data import check_database, check_index, check_pack, check_text
from crispd.doctor.findings import Finding, Level
from crispd.doctor.folders import check_dropped, check_folders, check_limits
from crispd.doctor.machine import check_clock, check_data_dir, check_disk, check_memory
from crispd.doctor.thumbnail_cache import ThumbnailSettings, check_thumbnails
from crispd.ocr.models import OcrModels
from crispd.pack_switch.places import PackPlaces
from crispd.store.database import Database
from crispd.store.inspection.inspect import DatabaseInspection, inspect_database
from crispd.store.pack_vectors import PackChoice, PackReference
from crispd.types import FileStamp, KnownFile, PhotoState
from crispd.watch.events.inotify_limits import inotify_limits

MB = 2**20


def levels(found: list[Finding]) -> list[Level]:
    for finding in found:
        assert finding.seen
        assert (finding.do == "") == (finding.level is Level.GOOD)
    return [finding.level for finding in found]


@pytest.mark.parametrize(
    ("free", "level"), [(5000, Level.GOOD), (500, Level.WARNING), (10, Level.BAD)]
)
def test_disk(tmp_path: Path, free: int, level: Level) -> None:
    assert levels([check_disk(tmp_path, free * MB)]) == [level]


@pytest.mark.parametrize(
    ("available", "level"), [(3906.25, Level.GOOD), (195.3, Level.WARNING), (None, Level.GOOD)]
)
def test_memory(available: float | None, level: Level) -> None:
    assert levels([check_memory(available)]) == [level]


def test_clock() -> None:
    assert levels([check_clock(3600.0), check_clock(1_800_000_000.0)]) == [
        Level.WARNING,
        Level.GOOD,
    ]


def test_data_folder(tmp_path: Path) -> None:
    assert levels(list(check_data_dir(tmp_path))) == [Level.GOOD]
    assert "not there yet" in next(check_data_dir(tmp_path / "a" / "b")).seen


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_data_folder_of_somebody_else(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    assert levels(list(check_data_dir(tmp_path))) == [Level.BAD]


def files(count: int) -> dict[str, KnownFile]:
    known = KnownFile(FileStamp(1, 1), PhotoState.READY)
    return {f"{number}.jpg": known for number in range(count)}


def test_folders(tmp_path: Path) -> None:
    (tmp_path / "right" / "sub").mkdir(parents=True)
    for name in files(8):
        (tmp_path / "right" / name).write_bytes(b"x")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "z.jpg").write_bytes(b"x")
    (tmp_path / "empty").mkdir()
    known = {str(tmp_path / name): files(8) for name in ("right", "other", "empty", "gone")}
    found = list(check_folders(known))
    by_folder = {
        name: [finding.level for finding in found if finding.what.endswith(name)] for name in known
    }
    assert list(by_folder.values()) == [
        [Level.GOOD],
        [Level.BAD, Level.GOOD],
        [Level.BAD],
        [Level.BAD],
    ]
    assert "8 photos in 2 folders" in found[0].seen
    levels(found)


def test_folders_that_are_kept_only() -> None:
    found = list(check_dropped({"/srv/old": 3, "/srv/older": 1}))
    assert levels(found) == [Level.GOOD, Level.GOOD]
    assert [finding.what for finding in found] == ["folder /srv/old", "folder /srv/older"]
    assert "its 3 photos are kept" in found[0].seen


def test_limits_of_the_kernel(tmp_path: Path) -> None:
    (tmp_path / "max_user_watches").write_text("1000\n")
    (tmp_path / "max_user_instances").write_text("10\n")
    assert levels(list(check_limits(1, 100, inotify_limits(tmp_path)))) == [Level.GOOD]
    [watches, instances] = check_limits(9, 900, inotify_limits(tmp_path))
    assert "max_user_watches=524288" in watches.do
    assert "max_user_instances" in instances.do
    assert list(check_limits(9, 900, inotify_limits(tmp_path / "none"))) == []


def test_packs(tmp_path: Path) -> None:
    finding, pack = check_pack("mini", PackChoice(), PackPlaces(tmp_path / "packs"))
    assert (finding.level, bool(pack)) == (Level.GOOD, True)
    finding, pack = check_pack(str(tmp_path), PackChoice(), PackPlaces(tmp_path / "packs"))
    assert (finding.level, pack) == (Level.BAD, None)
    mini = PackPlaces(tmp_path / "packs").named("mini")
    choice = PackChoice(mini, PackReference("other@1", "other"))
    finding, pack = check_pack("another", choice, PackPlaces(tmp_path / "packs"))
    assert pack == mini.id
    assert "other@1 shall answer" in finding.seen


def test_text_in_photos(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    models = OcrModels(tmp_path / "det", tmp_path / "rec", "r:1")
    monkeypatch.setattr(data, "find_ocr_models", lambda: models)
    assert (check_text("auto").level, "r:1" in check_text("on").seen) == (Level.GOOD, True)
    monkeypatch.setattr(data, "find_ocr_models", lambda: None)
    assert (check_text("auto").level, check_text("on").level) == (Level.GOOD, Level.BAD)
    assert "pip install" in check_text("auto").do
    assert check_text("off").do == ""


def test_databases(tmp_path: Path) -> None:
    path = tmp_path / "crispd.sqlite3"
    assert levels([check_database(inspect_database(path))]) == [Level.GOOD]
    Database.open(path).close()
    before = path.read_bytes()
    found = inspect_database(path)
    assert levels([check_database(found)]) == [Level.GOOD]
    assert path.read_bytes() == before
    shutil.copy(path, tmp_path / "newer.sqlite3")
    with sqlite3.connect(tmp_path / "newer.sqlite3") as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'm999'")
    connection.close()
    assert levels([check_database(inspect_database(tmp_path / "newer.sqlite3"))]) == [Level.BAD]
    old = DatabaseInspection(there=True, revision="m001")
    assert levels([check_database(old)]) == [Level.WARNING]
    path.write_bytes(before[:4096] + b"\xff" * 3 * 4096 + before[4 * 4096 :])  # three pages
    assert levels([check_database(inspect_database(path))]) == [Level.BAD]
    path.write_bytes(b"no database at all" * 100)
    assert levels([check_database(inspect_database(path))]) == [Level.BAD]


def test_indexes(tmp_path: Path) -> None:
    found = DatabaseInspection(there=True, revision="m003", vectors={"mini@1": 3, "mini@2": 7})
    assert "built" in next(check_index(tmp_path, found, "mini@2")).seen
    sidecar = tmp_path / "index.json"
    sidecar.write_text('{"live": 7}')
    assert "as in the database" in next(check_index(tmp_path, found, "mini@2")).seen
    sidecar.write_text('{"live": 5}')
    assert "5 vectors saved of 7" in next(check_index(tmp_path, found, "mini@2")).seen
    sidecar.write_text("{")
    assert levels(list(check_index(tmp_path, found, "mini@2"))) == [Level.WARNING]
    assert levels(list(check_index(tmp_path, found, "mini@3")))[0] == Level.WARNING
    assert list(check_index(tmp_path, DatabaseInspection(), "mini@2")) == []


def keep(folder: Path, size: int, count: int) -> None:
    for number in range(count):
        path = folder / f"{size}px" / f"{number:02x}" / f"{number:064x}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes(4096))


def test_thumbnails(tmp_path: Path) -> None:
    folder, house = tmp_path / "thumbnails", DatabaseInspection(there=True, ready=4, contents=3)
    assert not list(check_thumbnails(folder, house, ThumbnailSettings(320, 0)))
    keep(folder, 320, 3)
    keep(folder, 1280, 1)
    (folder / "320px" / "00" / "half.part").write_bytes(b"half")
    found = list(check_thumbnails(folder, house, ThumbnailSettings(320, 64)))
    assert levels(found) == [Level.GOOD]
    assert found[0].seen == "0 of 64 MB; by their pixels 320: 3, 480: 0, 1280: 1, 2048: 0"
    # that of a photo whose folder is not watched is there, and is none of those
    house.unseen = frozenset({f"{2:064x}"})
    found = list(check_thumbnails(folder, house, ThumbnailSettings(320, 0)))
    assert "320: 2, " in found[0].seen
    assert "1 of 3 photos have none yet" in found[0].seen
    house.contents, house.unseen = 10, frozenset()
    found = list(check_thumbnails(folder, house, ThumbnailSettings(320, 0)))
    assert levels(found) == [Level.GOOD]
    assert "7 of 10 photos have none yet" in found[0].seen
    keep(folder, 2048, 256)
    found = list(check_thumbnails(folder, house, ThumbnailSettings(320, 1)))
    assert levels(found) == [Level.WARNING]
    assert (folder / "320px" / "00" / "half.part").exists()
