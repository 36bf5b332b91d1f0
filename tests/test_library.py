"""Which folders are watched from a start on."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from crispd.config import Settings
from crispd.errors import ConfigError
from crispd.library import pack_choice, planned_memory
from crispd.library.pack_choice import pack_folder
from crispd.library.watched_folders import ensure_roots
from crispd.ocr.models import OcrModels
from crispd.packs import automatic
from crispd.packs.automatic import why_chosen
from crispd.store.database import Database
from crispd.store.pack_vectors import PackVectors
from crispd.types import CaptureTime, FileStamp, PhotoMetadata, Root

BY_FILE = CaptureTime("2020-01-01T00:00:00", "mtime")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database.open(tmp_path / "crispd.sqlite3")
    yield database
    database.close()


@pytest.fixture
def folders(tmp_path: Path) -> list[str]:
    made = [tmp_path / name for name in ("one", "two", "three")]
    for folder in made:
        folder.mkdir()
    return [str(folder) for folder in made]


def paths(roots: list[Root]) -> list[str]:
    return [root.path for root in roots]


def photos(database: Database, root: Root, count: int) -> None:
    with database.write() as tx:
        for number in range(count):
            path = Path(root.path) / f"{number}.jpg"
            path.write_bytes(b"x" * (number + 1))
            content = f"content {number}"
            tx.save_metadata(content, PhotoMetadata(4, 3, "jpeg"))
            tx.save_photo(root, path.name, FileStamp.of(path.stat()), content, BY_FILE)


def test_what_is_named_no_more_is_watched_no_more(database: Database, folders: list[str]) -> None:
    one, two, three = folders
    first = ensure_roots(database, [one, two])
    assert ensure_roots(database, [two, three]) == [first[1], Root(3, three)]
    assert paths(database.read().watched()) == [two, three]
    assert paths(database.read().roots()) == folders
    assert ensure_roots(database, [one, two, three])[:2] == first


def test_without_a_folder_those_that_were_watched_last(
    database: Database, folders: list[str]
) -> None:
    with pytest.raises(ConfigError, match="No photo folder"):
        ensure_roots(database, [])
    ensure_roots(database, folders)
    watched = ensure_roots(database, folders[1:])
    assert ensure_roots(database, []) == watched
    assert database.read().watched() == watched


def test_a_refusal_changes_nothing(database: Database, folders: list[str]) -> None:
    watched = ensure_roots(database, folders)
    for wrong in (["/nowhere at all"], [folders[0], folders[0] + "/inner"]):
        with pytest.raises(ConfigError):
            ensure_roots(database, [folders[0], *wrong])
        assert database.read().watched() == watched


def test_a_dropped_folder_whose_drive_is_away_may_be_named_again(
    database: Database, folders: list[str]
) -> None:
    before = ensure_roots(database, folders)
    ensure_roots(database, folders[:1])
    shutil.rmtree(folders[2])
    assert ensure_roots(database, folders) == before


@pytest.mark.parametrize("was_dropped", [False, True])
def test_a_folder_that_has_moved_keeps_its_photos(
    database: Database, folders: list[str], tmp_path: Path, was_dropped: bool
) -> None:
    one, two, _ = ensure_roots(database, folders)
    photos(database, two, 12)
    if was_dropped:
        ensure_roots(database, [one.path])
    elsewhere = str(tmp_path / "elsewhere")
    Path(two.path).rename(elsewhere)
    assert ensure_roots(database, [one.path, elsewhere]) == [one, Root(two.id, elsewhere)]
    counts = database.read().counts()
    assert {root: count.photos for root, count in counts.items()} == {one.id: 0, two.id: 12}
    assert len(database.read().newest_rows()) == 12


@pytest.mark.parametrize("wish", ["auto", "off", "on"])
def test_text_in_photos_is_read_where_it_can_be(
    wish: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(read_text=wish, memory_limit_mb=512)  # type: ignore[arg-type]
    models = OcrModels(Path("det"), Path("rec"), "r:1")
    monkeypatch.setattr(pack_choice, "find_ocr_models", lambda: models)
    assert pack_choice.text_models(settings) == (None if wish == "off" else models)
    if wish == "on":
        with pytest.raises(ConfigError, match="memory limit of 730 MB here; it is 512 MB"):
            planned_memory.plan_memory(settings, tmp_path / "none", text=True)
    else:
        assert not planned_memory.plan_memory(settings, tmp_path / "none", text=True).reads_text
    monkeypatch.setattr(pack_choice, "find_ocr_models", lambda: None)
    if wish == "on":
        with pytest.raises(ConfigError, match="pip install --no-deps"):
            pack_choice.text_models(settings)
    else:
        assert pack_choice.text_models(settings) is None


def test_a_pack_is_chosen_by_speed_at_the_first_start_and_never_after(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the machine has become fast, or somebody has chosen another one since."""
    settings = Settings(data_dir=tmp_path, encode_threads=1)

    def opened(*rates: float, now: Settings = settings) -> str:
        left = iter([rate for rate in rates for _ in range(2)])
        monkeypatch.setattr(automatic, "photos_a_second", lambda *_: next(left))
        return pack_folder(now, database, writing=True, at_once=False).name

    assert settings.pack == "auto"
    assert opened(1.0, 2.5) == "tiny"
    assert opened(60.0, 90.0) == "tiny"
    why = why_chosen("auto", tmp_path / "packs", "tiny")
    assert why == "tiny suits this machine. Photos encoded a second: 1.0 with mini, 2.5 with tiny."
    # a setting is a wish as ever: tiny answers until mini has seen all photos
    assert opened(now=settings.model_copy(update={"pack": "mini"})) == "tiny"
    assert PackVectors(database).choice().target is not None


def test_a_pack_that_has_answered_before_auto_stays(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = Settings(data_dir=tmp_path, pack="mini")
    assert pack_folder(before, database, writing=True, at_once=False).name == "mini"
    monkeypatch.setattr(automatic, "photos_a_second", lambda *_: 1 / 0)
    after = Settings(data_dir=tmp_path)
    assert pack_folder(after, database, writing=True, at_once=False).name == "mini"
    assert PackVectors(database).choice().target is None
