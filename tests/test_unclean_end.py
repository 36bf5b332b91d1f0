"""A data folder that crispd did not let go of is read through."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from crispd.config import Settings
from crispd.errors import StorageDamaged
from crispd.library import opening
from crispd.store.database import Database
from crispd.vectors.index import VectorIndex
from tests.packs import small


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "photos").mkdir()
    pack = tmp_path / "pack"
    small.write_pack(pack)
    return Settings(data_dir=tmp_path / "data", folders=[str(tmp_path / "photos")], pack=str(pack))


def leave_open(settings: Settings) -> None:
    opening.open_library(settings, watching=True).close()
    (settings.data_dir / "crispd.lock").write_text("1")


def test_it_is_read_through_beside_the_index(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_open(settings)
    opened = threading.Event()
    monkeypatch.setattr(Database, "quick_check", lambda _: opened.wait(10) or pytest.fail("alone"))
    open_index = opening.open_index

    def noted(*given: object) -> tuple[VectorIndex, bool]:
        found = open_index(*given)  # type: ignore[arg-type]
        opened.set()
        return found

    monkeypatch.setattr(opening, "open_index", noted)
    opening.open_library(settings, watching=True).close()


def test_one_that_is_damaged_is_not_opened(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_open(settings)

    def damaged(_: Database) -> None:
        raise StorageDamaged("It is damaged.")

    with monkeypatch.context() as patch:
        patch.setattr(Database, "quick_check", damaged)
        for _ in range(2):  # it is still left open
            with pytest.raises(StorageDamaged):
                opening.open_library(settings, watching=True)
    opening.open_library(settings, watching=True).close()
    monkeypatch.setattr(Database, "quick_check", damaged)
    opening.open_library(settings, watching=True).close()  # read through, and let go of
