"""``crispd packs`` without a service, and with one."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from crispd.cli.app import app
from crispd.errors import CrispdError
from crispd.store.data_dir.lock import DataFolderLock
from tests.hub.fake_hub import FakeHub
from tests.packs import small

Run = Callable[..., Result]


@pytest.fixture
def packs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command over a data folder of its own, with nobody at its port."""
    monkeypatch.setenv("CRISPD_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("CRISPD_PORT", "1")

    def run(*words: str) -> Result:
        return CliRunner().invoke(app, ["packs", *words])

    return run


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("published")
    small.write_pack(folder)
    return folder


def test_a_pack_comes_is_looked_at_and_goes(packs: Run, published: Path) -> None:
    assert "mini  " in packs("list").stdout
    done = packs("import", str(published), "--name", "Tiny One")
    assert done.stdout == "tiny-one is installed. It answers after: crispd packs use tiny-one\n"
    found = {pack["name"]: pack for pack in json.loads(packs("list", "--json").stdout)["packs"]}
    assert found["tiny-one"]["state"] == "installed"
    assert found["clip-b32"]["state"] == "available"
    assert packs("verify", "tiny-one").stdout.startswith("whole")
    measured = json.loads(packs("bench", "tiny-one", "--json").stdout)
    assert measured["photos_per_second"] > 0
    assert measured["query_ms"] > 0
    assert packs("remove", "tiny-one").exit_code == 0
    assert "tiny-one" not in packs("list").stdout


def test_without_a_service_a_wish_is_written_down(
    packs: Run, published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packs("import", str(published), "--name", "tiny")
    done = packs("use", "mini")
    assert "mini (mini@" in done.stdout
    assert "holds from its next start on" in done.stdout
    done = packs("use", "tiny")
    assert "tiny (small@1) shall answer" in done.stdout
    assert "From its next start on, 0 of 0 photos get vectors of small@1" in done.stdout
    found = {
        pack["name"]: pack["state"] for pack in json.loads(packs("list", "--json").stdout)["packs"]
    }
    assert (found["mini"], found["tiny"]) == ("active", "target")
    for words, reason in (
        (["use", "mini"], "answers already"),
        (["remove", "tiny"], "shall answer"),
    ):
        assert reason in str(packs(*words).exception)
    assert "tiny" not in packs("back").stdout
    assert "removed" in packs("remove", "tiny").stdout
    lock = DataFolderLock(tmp_path / "data")  # as a crispd at another port holds it
    try:
        assert "Another crispd (process" in str(packs("use", "mini").exception)
        assert "mini" in packs("list").stdout
    finally:
        lock.close()


def test_from_a_hub(packs: Run, published: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeHub({"house/clip": published}) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        assert "clip is installed" in packs("pull", "house/clip").stdout


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["verify", "nobody"], "no model pack 'nobody'"),
        (["remove", "nobody"], "No pack 'nobody' is installed"),
        (["remove", "mini"], "The settings name mini"),
        (["pull", "nobody"], "No pack is called 'nobody'"),
        (["import", "/nowhere at all"], "is no folder"),
        (["use", "nobody"], "no model pack 'nobody'"),
        (["use", "clip-b32"], "crispd packs pull clip-b32"),
        (["use", "mini", "--url", "127.0.0.1:1"], "No crispd answers"),
        (["back", "--url", "127.0.0.1:1"], "No crispd answers"),
        (["back"], "none to go back to"),
    ],
)
def test_what_cannot_be_done_is_said(packs: Run, words: list[str], reason: str) -> None:
    done = packs(*words)
    assert isinstance(done.exception, CrispdError)
    assert reason in str(done.exception)


def test_advice(packs: Run) -> None:
    found = json.loads(packs("recommend", "--photos", "5000", "--language", "de", "--json").stdout)
    assert found["photos"] == 5000
    assert found["machine"]["photos_a_second"] > 0
    hours = {pack["name"]: pack["hours"] for pack in found["packs"]}
    assert hours["siglip-b16"] > hours["clip-b32"]
