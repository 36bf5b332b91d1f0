"""Which photos thumbnails are made ahead of."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from crispd.store.database import Database
from crispd.thumbnails.prefetch import LookedAt, ThumbnailPrefetch
from crispd.types import PhotoMetadata
from tests.store.test_words import save

COUNT = 6


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database.open(tmp_path / "crispd.sqlite3")
    for number in range(COUNT):
        save(opened, f"{number}.jpg", PhotoMetadata(1, 1, "jpeg"))
    yield opened
    opened.close()


def work(database: Database, of: str = "all") -> ThumbnailPrefetch:
    """As a start makes it."""
    unused = cast("Any", None)
    looked_at = LookedAt(database.path.with_name("ahead.json"), of)
    return ThumbnailPrefetch(database.read(), unused, unused, unused, None, looked_at)


def paths(database: Database, looking: ThumbnailPrefetch) -> list[str]:
    found = database.read().photos_at(looking.rows())
    return sorted(photo.path for photo in found.values())


def test_after_a_start_only_photos_that_changed_are_looked_at(database: Database) -> None:
    """Of a million, reading all again took minutes."""
    first = work(database)
    assert len(first.rows()) == COUNT
    first.finished()
    assert work(database).rows() == []
    save(database, "2.jpg", PhotoMetadata(1, 1, "jpeg", title="Noon"))
    save(database, "new.jpg", PhotoMetadata(1, 1, "jpeg"))
    again = work(database)
    assert paths(database, again) == ["2.jpg", "new.jpg"]
    assert paths(database, first) == ["2.jpg", "new.jpg"]
    again.finished()
    assert work(database).rows() == []


def test_what_changes_while_others_are_looked_at_is_looked_at(database: Database) -> None:
    looking = work(database)
    looking.rows()
    save(database, "new.jpg", PhotoMetadata(1, 1, "jpeg"))
    looking.finished()
    assert paths(database, work(database)) == ["new.jpg"]


def test_a_look_that_was_broken_off_begins_again(database: Database) -> None:
    work(database).rows()
    assert len(work(database).rows()) == COUNT


@pytest.mark.parametrize("stored", ["", "[]", '{"change": 99999, "of": "all"}', '{"change": null}'])
def test_with_other_settings_or_an_older_database_all_are(database: Database, stored: str) -> None:
    looking = work(database)
    looking.rows()
    looking.finished()
    assert len(work(database, of="others").rows()) == COUNT
    database.path.with_name("ahead.json").write_text(stored)
    assert len(work(database).rows()) == COUNT
