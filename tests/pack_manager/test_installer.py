"""Packs from a hub and from folders: whole, checked, and with where they came from."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from crispd.errors import Conflict, HubError, NotFound, PackError
from crispd.hub.endpoint import Endpoint
from crispd.pack_manager import catalogue, installer
from crispd.pack_manager.installer import PackInstaller, source_of
from crispd.packs.pack import load_pack
from crispd.types import PackEntry
from tests.hub.fake_hub import COMMIT, FakeHub
from tests.packs import small
from tests.packs.foreign import published
from tests.packs.foreign.conftest import in_process

NAME = "house/tiny-clip"
__all__ = ["in_process"]


@pytest.fixture(scope="module")
def own_pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small pack, as somebody published it."""
    folder = tmp_path_factory.mktemp("published")
    small.write_pack(folder)
    (folder / "evil.py").write_text("raise SystemExit")
    return folder


@pytest.fixture
def hub(own_pack: Path) -> Iterator[FakeHub]:
    with FakeHub({NAME: own_pack}) as running:
        yield running


def test_pulled_used_and_removed(hub: FakeHub, tmp_path: Path) -> None:
    packs = PackInstaller(tmp_path / "packs", Endpoint(hub.url))
    steps: list[str] = []
    assert packs.pull(NAME, checking=lambda: steps.append("checking")) == "tiny-clip"
    assert steps == ["checking"]
    folder = packs.installed()["tiny-clip"]
    assert source_of(folder) == {"repository": NAME, "commit": COMMIT}
    assert load_pack(folder, index_threads=1, search_threads=1).id == packs.verify(folder)
    assert {path.name for path in (tmp_path / "packs").iterdir()} <= {
        "tiny-clip", ".incoming", ".making",
    }  # fmt: skip
    assert not list((tmp_path / "packs" / ".incoming").iterdir())
    with pytest.raises(Conflict, match="installed already"):
        packs.pull(NAME)
    packs.remove("tiny-clip")
    assert packs.installed() == {}
    with pytest.raises(NotFound, match="No pack 'tiny-clip' is installed"):
        packs.remove("tiny-clip")


@pytest.mark.usefixtures("in_process")
def test_a_name_of_the_catalogue_and_a_folder_of_its_repository(
    own_pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = tmp_path / "repository"
    shutil.copytree(own_pack, repository / "onnx" / "s0")
    (repository / "README.md").write_text("Models.")
    said = catalogue.CataloguePack(
        PackEntry("tiny", "available", licence="for research"),
        installer.RepositoryName.parse(NAME),
        below="s0",
    )
    monkeypatch.setattr(installer, "known_pack", {"tiny": said}.get)
    with FakeHub({NAME: repository}) as hub:
        packs = PackInstaller(tmp_path / "packs", Endpoint(hub.url))
        assert packs.pull("tiny") == "tiny"
        assert packs.verify(packs.installed()["tiny"])
        shutil.move(repository / "onnx" / "s0", repository / "onnx" / "s9")
        packs.remove("tiny")
        with pytest.raises(HubError, match="has no folder s0"):
            packs.pull("tiny")


def test_what_does_not_pass_is_not_installed(hub: FakeHub, own_pack: Path, tmp_path: Path) -> None:
    broken = shutil.copytree(own_pack, tmp_path / "broken")
    (broken / "image.onnx").write_bytes(b"no graph")
    hub.repositories["house/broken"] = broken
    with pytest.raises(PackError) as said:
        PackInstaller(tmp_path / "packs").add_folder(broken)
    assert str(broken / "image.onnx") in str(said.value)
    assert ".making" not in str(said.value)
    hub.repositories["house/none"] = tmp_path / "empty"
    hub.repositories["house/large"] = own_pack
    packs = PackInstaller(tmp_path / "packs", Endpoint(hub.url))
    with pytest.raises(PackError):
        packs.pull("house/broken")
    with pytest.raises(HubError, match="no ONNX model in house/none"):
        packs.pull("house/none")
    hub.lie = {"image.onnx": {"size": 10**11}}
    with pytest.raises(HubError, match="GB, more than any pack has"):
        packs.pull("house/large")
    hub.lie = {}
    with pytest.raises(NotFound, match="No pack is called 'tiny'"):
        packs.pull("tiny")
    assert packs.installed() == {}
    assert not list((tmp_path / "packs" / ".making").glob("*"))


@pytest.mark.parametrize("layout", [published.immich, published.transformers_js, published.siglip])
@pytest.mark.usefixtures("in_process")
def test_layouts_of_others(layout: Callable[[Path], None], tmp_path: Path) -> None:
    layout(tmp_path / "repository")
    with FakeHub({NAME: tmp_path / "repository"}) as hub:
        packs = PackInstaller(tmp_path / "packs", Endpoint(hub.url))
        name = packs.pull(NAME)
    folder = packs.installed()[name]
    pack = load_pack(folder, index_threads=1, search_threads=1)
    assert pack.id.startswith("tiny-clip@")
    assert source_of(folder)["commit"] == COMMIT
    assert pack.text_encoder.encode("a dog").embedding.shape == (pack.dim,)


@pytest.mark.usefixtures("in_process")
def test_a_folder(own_pack: Path, tmp_path: Path) -> None:
    packs = PackInstaller(tmp_path / "packs")
    before = {path.name: path.read_bytes() for path in own_pack.iterdir()}
    assert packs.add_folder(own_pack, "My Pack") == "my-pack"
    assert packs.verify(packs.installed()["my-pack"])
    packs.remove("my-pack")
    assert {path.name: path.read_bytes() for path in own_pack.iterdir()} == before
    for folder, name, reason in (
        (tmp_path / "none", "", "is no folder"), (own_pack, "../..", "is no name"),
    ):  # fmt: skip
        with pytest.raises(PackError, match=reason):
            packs.add_folder(folder, name)
