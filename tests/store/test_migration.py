"""A database of an older crispd, brought forward."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text

import crispd.store
from crispd.errors import StorageError
from crispd.store.database import Database
from crispd.store.inspection.inspect import inspect_database
from crispd.types import CaptureTime, FileStamp, GeoPosition, PhotoMetadata

BY_FILE = CaptureTime("2020-01-01T00:00:00", "mtime")


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A database of the first schema with two photos, one of them with a time of its own."""
    path = tmp_path / "crispd.sqlite3"
    engine = create_engine(f"sqlite:///{path}")
    config = Config()
    config.set_main_option(
        "script_location", str(Path(crispd.store.__file__).parent / "migrations")
    )
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "m001")
        for statement in (
            "INSERT INTO roots VALUES (1, x'2f70', '2026-01-01')",
            "INSERT INTO roots VALUES (2, x'2f71', '2026-01-01')",
            "INSERT INTO contents VALUES ('a', 4, 3, 'jpeg', '2019-05-04T18:30:15', 'Pixel 8')",
            "INSERT INTO contents VALUES ('b', 4, 3, 'png', NULL, NULL)",
            "INSERT INTO photos VALUES (1, 'ida', 1, x'61', 1, 1, 'a', 'ready', NULL, NULL, 'x')",
            "INSERT INTO photos VALUES (2, 'idb', 1, x'62', 1, 1, 'b', 'ready', NULL, NULL, 'x')",
            "INSERT INTO photos VALUES (3, NULL, 1, x'63', 1, 1, NULL, 'failed', 'c', 'r', 'x')",
        ):
            connection.execute(text(statement))
    engine.dispose()
    return path


def test_nothing_is_lost_and_a_copy_is_kept(old: Path) -> None:
    before = rows(old)
    database = Database.open(old)
    first, second = database.read().photo("ida"), database.read().photo("idb")
    assert first is not None
    assert second is not None
    assert first.metadata.capture_time == CaptureTime("2019-05-04T18:30:15", "exif")
    assert (first.metadata.camera, second.metadata.capture_time) == ("Pixel 8", None)
    database.close()
    assert rows(old.with_name("crispd.sqlite3.m001")) == before
    assert list(old.parent.glob("*.part")) == []


def rows(path: Path) -> list[tuple[object, ...]]:
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        found = [
            tuple(row)
            for table in ("alembic_version", "roots", "contents", "photos")
            for row in connection.execute(text(f"SELECT * FROM {table}"))
        ]
    engine.dispose()
    return found


def test_photos_are_read_again_once(old: Path) -> None:
    database = Database.open(old)
    reader = database.read()
    outdated = {path: file.outdated for path, file in reader.known_files(1).items()}
    assert outdated == {"a": True, "b": True, "c": False}
    root, _ = reader.roots()
    place = GeoPosition(54.0, 10.0)
    with database.write() as tx:
        tx.save_metadata("b", PhotoMetadata(4, 3, "png", place=place, keywords=("x",)))
    assert reader.known_files(1)["b"].outdated  # the path has no time yet
    with database.write() as tx:
        tx.save_photo(root, "b", FileStamp(1, 1), "b", BY_FILE)
    assert not reader.known_files(1)["b"].outdated
    [found] = [photo for photo in [reader.photo(public_id(database))] if photo]
    assert found.metadata == PhotoMetadata(4, 3, "png", BY_FILE, place=place, keywords=("x",))
    database.close()


def public_id(database: Database) -> str:
    engine = create_engine(f"sqlite:///{database.path}")
    with engine.connect() as connection:
        found = connection.execute(text("SELECT public_id FROM photos WHERE path = x'62'")).scalar()
    engine.dispose()
    return str(found)


def test_every_folder_that_was_known_stays_in_sight(old: Path) -> None:
    assert inspect_database(old).dropped == {}
    database = Database.open(old)
    assert [root.path for root in database.read().watched()] == ["/p", "/q"]
    database.close()


def test_without_room_for_a_copy_nothing_is_touched(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = rows(old)

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(StorageError, match="No space left"):
        Database.open(old)
    assert rows(old) == before
    assert [path.name for path in old.parent.iterdir() if "m001" in path.name] == []
