"""Downloads over a line, a hub and a disk of which each may fail."""

from __future__ import annotations

import threading
import time
from collections import namedtuple
from itertools import pairwise
from pathlib import Path

import pytest

from crispd.errors import DiskFull, HubError, QueryError
from crispd.hub import download
from crispd.hub.download import DownloadProgress, RepositoryDownload, Stopped
from crispd.hub.endpoint import Endpoint, Hub
from crispd.hub.repository import RepositoryName
from crispd.packs.foreign import wanted_files
from tests.hub.conftest import NAME
from tests.hub.fake_hub import COMMIT, FakeHub
from tests.processes import client

CHOSEN = {
    "README.md", "config.json", "onnx/text_model.onnx", "onnx/text_model_int8.onnx",
    "onnx/vision_model.onnx", "preprocessor_config.json", "tokenizer.json",
}  # fmt: skip
BYTES = 60_000 + 50_000 + 20_000 + 15_000 + 900 + 500


def pull(
    fake: FakeHub, folder: Path, token: str | None = None, **options: object
) -> list[DownloadProgress]:
    told: list[DownloadProgress] = []
    repository = RepositoryName.parse(NAME)
    with Hub(Endpoint(fake.url, token)) as hub:
        commit = hub.commit(repository)
        every = {file.path: file for file in hub.files(repository, commit)}
        files = [every[path] for path in wanted_files(every)]
        options.setdefault("tell", told.append)
        RepositoryDownload(hub, repository, commit, folder, first_wait=0.01, **options).run(files)  # type: ignore[arg-type]
    return told


def held(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def whole(folder: Path, repository: Path) -> bool:
    return held(folder) == {name: (repository / name).read_bytes() for name in CHOSEN}


def test_what_is_needed_comes_and_nothing_else(
    hub: FakeHub, repository: Path, tmp_path: Path
) -> None:
    told = pull(hub, tmp_path / "pack")
    assert whole(tmp_path / "pack", repository)
    assert hub.sent == BYTES
    assert [told[0].done, told[0].total, told[-1].done] == [0, BYTES, BYTES]
    assert all(one.done <= two.done for one, two in pairwise(told))
    assert told[len(told) // 2].eta_seconds is not None
    pull(hub, tmp_path / "pack")  # a second time nothing is fetched
    assert hub.sent == BYTES


def test_the_token_goes_to_the_hub_alone(hub: FakeHub, repository: Path, tmp_path: Path) -> None:
    hub.token = "hf_secret"
    with pytest.raises(HubError, match=r"accept the licence there, and set HF_TOKEN"):
        pull(hub, tmp_path / "pack")
    pull(hub, tmp_path / "pack", token="hf_secret")
    assert whole(tmp_path / "pack", repository)
    assert any("vision_model" in path for path in hub.asked if "resolve" not in path)
    assert hub.tokens_elsewhere == []


def test_a_broken_line_goes_on_where_it_broke(
    hub: FakeHub, repository: Path, tmp_path: Path
) -> None:
    hub.breaks, hub.break_after = 3, 9000
    told = pull(hub, tmp_path / "pack")
    assert whole(tmp_path / "pack", repository)
    assert hub.sent == BYTES, "no byte came twice"
    assert told[-1].done == BYTES
    assert any(one.waiting for one in told)


def test_a_server_without_ranges_begins_anew(
    hub: FakeHub, repository: Path, tmp_path: Path
) -> None:
    hub.breaks, hub.break_after, hub.ranges = 2, 9000, False
    told = pull(hub, tmp_path / "pack")
    assert whole(tmp_path / "pack", repository)
    assert told[-1].done == BYTES


def test_wrong_bytes_are_fetched_once_more_and_then_refused(
    hub: FakeHub, repository: Path, tmp_path: Path
) -> None:
    hub.wrong = 1
    assert pull(hub, tmp_path / "pack")[-1].done == BYTES
    assert whole(tmp_path / "pack", repository)
    hub.wrong = 100
    with pytest.raises(HubError, match="wrong bytes, twice"):
        pull(hub, tmp_path / "another")
    assert not [name for name in held(tmp_path / "another") if name.endswith(".onnx")]


def test_a_busy_hub_is_waited_for_as_long_as_it_asks(
    hub: FakeHub, repository: Path, tmp_path: Path
) -> None:
    hub.busy = [(429, "1")]
    with pytest.raises(HubError, match=r"too many requests"):  # a listing is not waited for
        pull(hub, tmp_path / "pack")
    began = time.monotonic()
    files = {"busy": False}

    def tell(progress: DownloadProgress) -> None:
        if not files["busy"]:
            files["busy"] = True
            hub.busy = [(429, "1"), (503, ""), (502, "")]

    pull(hub, tmp_path / "pack", tell=tell)
    assert time.monotonic() - began >= 1
    assert whole(tmp_path / "pack", repository)

    def patience(progress: DownloadProgress) -> None:
        hub.busy = [(429, "7200")]

    with pytest.raises(HubError, match="Try again later: it goes on where it ended"):
        pull(hub, tmp_path / "another", tell=patience)


def test_offline(tmp_path: Path, repository: Path) -> None:
    with FakeHub({NAME: repository}) as hub:
        pass  # gone again
    with pytest.raises(HubError, match=r"127\.0\.0\.1 cannot be reached"):
        pull(hub, tmp_path / "pack")


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ({"path": "../evil.onnx"}, "leads elsewhere"),
        ({"path": "/etc/evil.onnx"}, "leads elsewhere"),
        ({"path": "a\\..\\evil.onnx"}, "leads elsewhere"),
        ({"path": "evil\x1b.onnx"}, "leads elsewhere"),
        ({"size": -1}, "no size"),
        ({"oid": "none"}, "no checksum"),
        ({"lfs": {"oid": "none", "size": 1}}, "no SHA-256"),
        ({"path": "CONFIG.json"}, "the same name"),
    ],
)
def test_a_listing_that_lies(
    hub: FakeHub, tmp_path: Path, entry: dict[str, object], reason: str
) -> None:
    hub.extra = [{"type": "file", "oid": "0" * 40, "size": 1, "path": "more_vision.onnx", **entry}]
    with pytest.raises(HubError, match=reason):
        pull(hub, tmp_path / "pack")
    assert not held(tmp_path) if not (tmp_path / "repository").exists() else True


def test_a_hub_that_says_two_things(hub: FakeHub, tmp_path: Path) -> None:
    hub.linked_size = "12"
    with pytest.raises(HubError, match=r"with 50000 bytes and sends 12"):
        pull(hub, tmp_path / "pack")


def test_what_is_not_there(hub: FakeHub) -> None:
    with Hub(Endpoint(hub.url)) as asked:
        for name in ("house/none", f"{NAME}@v9"):
            with pytest.raises(HubError, match="There is no"):
                asked.commit(RepositoryName.parse(name))
        assert asked.commit(RepositoryName.parse(f"{NAME}@{COMMIT}")) == COMMIT


@pytest.mark.parametrize(
    "name", ["", "house", "a/b/c", "../b", "a/..", "a b/c", "a/b@../x", "a/b@ "]
)
def test_what_is_no_repository(name: str) -> None:
    with pytest.raises(QueryError, match="is no re"):
        RepositoryName.parse(name)


def test_another_server_than_a_hub(hub: FakeHub) -> None:
    another = Endpoint(f"{hub.elsewhere}{hub.repositories[NAME]}/config.json?")
    with Hub(another) as asked, pytest.raises(HubError, match="does not answer as a model hub"):
        asked.commit(RepositoryName.parse(NAME))


def test_the_environment_says_where_and_as_whom() -> None:
    assert Endpoint.of({}) == Endpoint("https://huggingface.co", None)
    found = Endpoint.of({"HF_ENDPOINT": "https://mirror.lan/", "HF_TOKEN": " hf_x\n"})
    assert (found.url, found.token) == ("https://mirror.lan", "hf_x")
    assert "hf_x" not in repr(found)
    with pytest.raises(HubError, match="HF_ENDPOINT"):
        Endpoint.of({"HF_ENDPOINT": "mirror"})


def test_a_disk_that_is_too_small_is_told_first(
    hub: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(download.shutil, "disk_usage", lambda _: usage(0, 0, 2**20))
    with pytest.raises(DiskFull, match=r"257 MB are needed in .* and 1 MB are free"):
        pull(hub, tmp_path / "pack")
    assert hub.sent == 0


def test_somebody_who_does_not_want_it_any_more(
    hub: FakeHub, repository: Path, tmp_path: Path
) -> None:
    stop = threading.Event()

    def tell(progress: DownloadProgress) -> None:
        if progress.done > 30_000:
            stop.set()

    with pytest.raises(Stopped):
        pull(hub, tmp_path / "pack", tell=tell, stop=stop)
    sent = hub.sent
    assert sent < BYTES
    pull(hub, tmp_path / "pack")
    assert whole(tmp_path / "pack", repository)


def test_a_run_that_was_killed_is_gone_on_with(
    hub: FakeHub, repository: Path, tmp_path: Path
) -> None:
    """By kill -9, at any byte: what has come does not come again."""
    hub.slow = 0.01
    folder = tmp_path / "pack"
    with (tmp_path / "said").open("wb") as said:
        process = client.start(
            "tests.hub.puller", hub.url, NAME, folder, environment={"PATH": "/usr/bin"}, out=said
        )
    end = time.monotonic() + 30
    while not any(size > 8000 for size in map(len, held(folder).values())):
        assert time.monotonic() < end, (tmp_path / "said").read_text()
        time.sleep(0.01)
    process.kill()
    process.wait(10)
    hub.slow = 0
    there = sum(map(len, held(folder).values()))
    time.sleep(0.05)
    hub.sent = 0
    told = pull(hub, folder)
    assert whole(folder, repository)
    assert told[0].done == there
    assert hub.sent == BYTES - there
