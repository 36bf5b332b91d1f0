"""What both ways of a system say of open files."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from types import ModuleType

import pytest

from crispd.images.read import open_inside
from crispd.platform.linux import open_files as linux
from crispd.platform.portable import open_files as portable
from crispd.watch.links import open_folder


@pytest.fixture(params=[linux, portable], ids=["linux", "portable"])
def system(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    found: ModuleType = request.param
    for room in ("crispd.images.read", "crispd.watch.links"):
        monkeypatch.setattr(f"{room}.location_of", found.location_of)
    monkeypatch.setattr("crispd.images.read.folder_location", found.folder_location)
    return found


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "root" / "2021").mkdir(parents=True)
    (tmp_path / "root" / "2021" / "a.jpg").write_bytes(b"a photo")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "b.jpg").write_bytes(b"another")
    (tmp_path / "link").symlink_to("root")
    return tmp_path / "root"


def test_where_a_file_lies(root: Path, system: ModuleType) -> None:
    for name in (root / "2021" / "a.jpg", root.parent / "link" / "2021" / "a.jpg"):
        descriptor = os.open(name, os.O_RDONLY)
        assert system.location_of(descriptor, str(name)) == str(root / "2021" / "a.jpg")
        os.close(descriptor)
    assert system.folder_location(str(root.parent / "link")) == str(root)


def test_a_file_that_was_replaced(root: Path) -> None:
    name = root / "2021" / "a.jpg"
    descriptor = os.open(name, os.O_RDONLY)
    name.rename(root / "aside.jpg")
    name.symlink_to("../../out/b.jpg")
    with pytest.raises(FileNotFoundError, match="replaced"):
        portable.location_of(descriptor, str(name))
    assert linux.location_of(descriptor, str(name)) == str(root / "aside.jpg")
    os.close(descriptor)


def test_macos_is_asked(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fcntl(descriptor: int, command: int, buffer: bytes) -> bytes:
        assert command == 50
        return os.fsencode(linux.location_of(descriptor, "")).ljust(len(buffer), b"\0")

    monkeypatch.setattr(portable, "_GET_PATH", 50)
    monkeypatch.setattr(portable.fcntl, "fcntl", fcntl)
    assert portable.folder_location(str(root.parent / "link")) == str(root)


def test_nothing_out_of_the_root_is_opened(root: Path, system: ModuleType) -> None:
    os.close(open_inside(str(root / "2021" / "a.jpg"), str(root)))
    os.close(open_inside(str(root / "2021" / "a.jpg"), str(root.parent / "link")))
    (root / "b.jpg").symlink_to("../out/b.jpg")
    before = len(list(Path("/proc/self/fd").iterdir()))
    with pytest.raises(FileNotFoundError):
        open_inside(str(root / "b.jpg"), str(root))
    (root / "2021").rename(root.parent / "aside")
    (root / "2021").symlink_to("../out")
    with pytest.raises(FileNotFoundError, match="replaced"):
        open_folder(str(root / "2021"), str(root / "2021"))
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_an_open_file_is_opened_again(root: Path, system: ModuleType) -> None:
    with (root / "2021" / "a.jpg").open("rb") as file:
        (root / "2021" / "a.jpg").unlink()
        again = Path(system.reopening_path(file.fileno()))
        assert again.stat().st_size == 7
        with again.open("rb") as other:
            assert other.read() == b"a photo"


@pytest.mark.parametrize("size", [1, 2**20, 3 * 2**20 + 5])
def test_a_reserved_file_has_its_blocks(root: Path, system: ModuleType, size: int) -> None:
    with (root / "matrix").open("wb") as file:
        system.reserve(file.fileno(), size)
        found = os.fstat(file.fileno())
    assert found.st_size == size
    assert found.st_blocks * 512 >= size


def test_a_disk_that_fills_up(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portable.os, "pwrite", lambda descriptor, data, offset: len(data) // 2)
    with (root / "matrix").open("wb") as file, pytest.raises(OSError, match="space") as raised:
        portable.reserve(file.fileno(), 100)
    assert raised.value.errno == errno.ENOSPC


def test_reading_ahead_never_raises(root: Path, system: ModuleType) -> None:
    reader, writer = os.pipe()
    system.read_ahead(reader, 0, 4096)
    os.close(reader)
    os.close(writer)
    system.read_ahead(reader, 0, 4096)
