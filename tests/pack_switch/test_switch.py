"""A change of the pack while people search."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from sqlalchemy import text

from crispd.config import Settings
from crispd.errors import Conflict, NotFound, PackError
from crispd.service import Service
from crispd.store.pack_vectors import PackVectors
from crispd.types import Query
from tests.pack_switch.conftest import COLOURS, picture, write
from tests.pack_switch.watching import Watched
from tests.packs import small

ONE, TWO, LIAR = "small@1", "small@2", "small@3"


def vectors(watched: Watched) -> PackVectors:
    return PackVectors(watched.service._library.database)


def test_there_and_back_without_a_gap(watched: Watched, packs: Path, photos: Path) -> None:
    switch, before = watched.service.packs.switch, watched.order()
    with pytest.raises(NotFound, match="none to go back to"):
        switch.back()
    with watched.asked_meanwhile():
        switch.use(str(packs / "two"))
        (photos / "new.bmp").write_bytes(picture(COLOURS))  # to both
        watched.until(watched.answers_with(TWO))
        watched.settle(COLOURS + 1)
    assert vectors(watched).coverage(TWO) == (COLOURS + 1, COLOURS + 1)
    assert [path for path in watched.order() if path != "new.bmp"] == before
    with pytest.raises(Conflict, match="answers already"):
        switch.use(str(packs / "two"))
    watched.until(lambda: switch.progress().state == "idle")
    (photos / "newer.bmp").write_bytes(picture(COLOURS + 1))
    watched.settle(COLOURS + 2)
    page = watched.ask("a dog", 7)
    expected, shown = watched.order(), [hit.photo.path for hit in page.hits]
    switch.back()
    watched.until(watched.answers_with(ONE))
    assert vectors(watched).coverage(ONE) == (COLOURS + 2, COLOURS + 2)
    while page.next:  # pages that were begun with the other pack end as they began
        page = watched.service.search(Query("", cursor=page.next, limit=7))
        shown += [hit.photo.path for hit in page.hits]
    assert shown == expected
    assert watched.order() == expected


def test_a_pack_that_lies_is_refused_and_the_old_one_goes_on(
    watched: Watched, packs: Path, tmp_path: Path
) -> None:
    switch, before = watched.service.packs.switch, watched.order()
    constant = write(tmp_path / "constant", "4")
    small.image_graph(constant / "image.onnx", poison=1e6)
    table = small.manifest_table()
    table["pack"]["version"] = "4"
    small.seal(constant, table)
    wrong = write(tmp_path / "wrong", "5")
    small.image_graph(wrong / "image.onnx", dim=9)
    table["pack"]["version"] = "5"
    small.seal(wrong, table)
    changed = shutil.copytree(packs / "two", tmp_path / "changed")
    (changed / "text.onnx").write_bytes((packs / "one" / "text.onnx").read_bytes())
    for folder, reason in (
        (packs / "liar", "does not understand words as small@1 does"),
        (constant, "does not recognise photos of this library"),
        (wrong, "embeddings have the shape"),
        (changed, "is damaged or was changed"),
    ):
        with watched.asked_meanwhile(2):
            pack = switch.use(str(folder)).target
            watched.until(lambda: switch.choice().refused is not None)
        choice = switch.choice()
        assert choice.refused is not None
        assert pack is not None
        assert choice.refused[0] == pack.id
        assert reason in choice.refused[1]
        assert choice.target is None
        assert watched.service.status().pack == ONE
        assert watched.order() == before
    with pytest.raises(PackError, match="There is no model pack"):
        switch.use("nowhere")


def test_photos_on_a_drive_that_is_away_are_waited_for(
    watched: Watched, packs: Path, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crispd.pack_switch.switch._AWAY_SECONDS", 0.1)
    away = photos.with_name("away")
    photos.rename(away)
    watched.until(lambda: watched.service.status().folders_online == 0)
    switch = watched.service.packs.switch
    switch.use(str(packs / "two"))
    watched.until(lambda: switch.progress().state == "waiting")
    assert f"{COLOURS} photos lie on drives" in (switch.progress().message or "")
    assert len(watched.order()) == COLOURS
    away.rename(photos)
    watched.until(watched.answers_with(TWO))
    assert len(watched.order()) == COLOURS


def test_a_wish_may_be_taken_back(watched: Watched, packs: Path) -> None:
    switch = watched.service.packs.switch
    watched.service.pause(paused=True)
    switch.use(str(packs / "two"))
    watched.until(lambda: switch.progress().state == "encoding")
    status = watched.service.status()
    assert (status.pack_change, status.pack_target) == ("encoding", TWO)
    assert (status.pack_done, status.pack_total) == (0, COLOURS)
    assert switch.back().target is None
    watched.until(lambda: switch.progress().state == "idle")
    assert watched.service.status().pack == ONE


def test_what_first_searches_read_is_read_behind_the_start(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crispd.service.live_parts._WARMED_FROM", 0)
    asked: list[str] = []
    monkeypatch.setattr(
        "crispd.search.engine.SearchEngine.warm_up", lambda engine: asked.append("all")
    )
    service = Service(settings)
    service.start()
    service.stop()
    assert asked == ["all"]


def test_settings_are_a_wish_too(settings: Settings, packs: Path) -> None:
    """Whoever names another pack in the settings finds everything meanwhile."""
    service = Service(settings)
    service.start()
    Watched(service).settle(COLOURS)
    service.stop()
    service = Service(settings.model_copy(update={"pack": str(packs / "two")}))
    service.start()
    watched = Watched(service)
    try:
        assert service.status().pack in {ONE, TWO}
        assert len(watched.order()) == COLOURS
        watched.until(watched.answers_with(TWO))
        assert len(watched.order()) == COLOURS
    finally:
        service.stop()
    service = Service(settings.model_copy(update={"pack": str(packs / "two")}))
    service.open_for_search()
    assert service.status().pack == TWO
    service.stop()


def test_vectors_of_packs_that_nobody_goes_back_to_are_removed(
    watched: Watched, packs: Path, tmp_path: Path
) -> None:
    third = write(tmp_path / "third", "9")
    for folder, pack in ((packs / "two", TWO), (third, "small@9")):
        watched.service.packs.switch.use(str(folder))
        watched.until(watched.answers_with(pack))
    watched.until(lambda: set(vectors(watched).counts()) == {TWO, "small@9"})


def test_a_change_of_the_pack_tells_how_colourful_known_photos_are(
    watched: Watched, packs: Path
) -> None:
    with watched.service._library.database.write() as tx:  # as an older version left it
        tx.connection.execute(text("UPDATE contents SET colourfulness = NULL"))
    watched.service.packs.switch.use(str(packs / "two"))
    watched.until(watched.answers_with(TWO))
    with watched.service._library.database.reading() as connection:
        values = connection.execute(text("SELECT colourfulness FROM contents")).scalars().all()
    assert len(values) == COLOURS
    assert None not in values
