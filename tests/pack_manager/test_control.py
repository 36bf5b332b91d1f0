"""Packs as an administrator has them, of a running service."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from crispd.errors import Conflict, NotFound
from crispd.types import PackEntry
from tests.hub.fake_hub import FakeHub
from tests.pack_switch.conftest import COLOURS, packs, photos, settings, watched, write
from tests.pack_switch.watching import Watched

__all__ = ["packs", "photos", "settings", "watched"]


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHub]:
    folder = write(tmp_path / "published", "2", image=True, text=True)
    with FakeHub({"house/other": folder}) as running:
        monkeypatch.setenv("HF_ENDPOINT", running.url)
        yield running


def states(watched: Watched) -> dict[str, str]:
    return {entry.name: entry.state for entry in watched.service.packs.overview().packs}


def test_from_the_hub_to_answers_and_back(watched: Watched, hub: FakeHub) -> None:
    control = watched.service.packs
    assert states(watched)["one"] == "active"
    assert states(watched)["clip-b32"] == "available"
    with pytest.raises(NotFound, match="crispd packs pull clip-b32"):
        control.use("clip-b32")
    control.pull("house/other")
    with pytest.raises(Conflict, match="One at a time"):
        control.pull("house/other")
    watched.until(lambda: control.overview().pull.state == "done")
    pull = control.overview().pull
    assert (pull.pack, pull.done) == ("other", pull.total)
    status = watched.service.status()
    assert (status.pack_download, status.pack_download_bytes) == ("done", pull.total)
    assert (status.pack_change, status.pack_target) == ("idle", None)
    before = watched.order()
    with watched.asked_meanwhile(2):
        control.use("other")
        watched.until(watched.answers_with("small@2"))
    assert watched.order() == before
    assert states(watched)["other"] == "active"
    assert states(watched)["one"] == "previous"
    with pytest.raises(Conflict, match="other answers"):
        control.remove("other")
    watched.until(lambda: control.overview().switch.state == "idle")
    control.back()
    watched.until(watched.answers_with("small@1"))
    with pytest.raises(Conflict, match="crispd packs back goes to"):
        control.remove("other")
    with pytest.raises(NotFound):
        control.remove("nobody")
    assert len(watched.order()) == COLOURS


def test_a_pack_that_is_not_to_be_had(watched: Watched, hub: FakeHub) -> None:
    control = watched.service.packs
    control.pull("house/nothing")
    watched.until(lambda: control.overview().pull.state == "failed")
    assert "There is no house/nothing" in (control.overview().pull.message or "")
    hub.slow = 0.2
    control.pull("house/other")
    control.cancel_pull()
    watched.until(lambda: control.overview().pull.state == "idle")
    assert "other" not in states(watched)


def test_a_pack_that_is_gone_back_to_is_listed_once(watched: Watched, packs: Path) -> None:
    control = watched.service.packs
    control.use(str(packs / "two"))
    watched.until(watched.answers_with("small@2"))
    watched.service.pause(paused=True)
    control.back()
    names = [entry.name for entry in control.overview().packs]
    assert names.count("one") == 1


def test_better_packs_are_told_once(watched: Watched) -> None:
    control = watched.service.packs
    assert "crispd packs recommend" in (control.hint() or "")
    assert control.hint() is None


def test_advice_follows_machine_library_and_language(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    control = watched.service.packs
    monkeypatch.setattr("crispd.service.packs.pack_control.present_mb", lambda: 8000.0)
    monkeypatch.setattr("crispd.service.packs.pack_control.photos_a_second", lambda *_: 50.0)
    german = control.overview(("de",))
    entries: dict[str, PackEntry] = {entry.name: entry for entry in german.packs}
    assert german.recommended is not None
    assert "de" in entries[german.recommended].languages
    assert f"encoding {COLOURS} photos again takes under an hour" in german.why
    monkeypatch.setattr("crispd.service.packs.pack_control.present_mb", lambda: 400.0)
    assert control.overview(("de",)).recommended is None
