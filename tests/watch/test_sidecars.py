"""Which XMP files belong to a photo, and what tells that they changed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from crispd.images.formats import EXTENSIONS, is_candidate
from crispd.types import FileStamp
from crispd.watch.sidecars import photos_beside, sidecar_stamp, sidecars_of
from crispd.watch.walk import Walk, stamp_of


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("a.jpg", "a.CR2", "b.JPG", "c.png"):
        (tmp_path / name).write_bytes(b"x")
    return tmp_path


def walked(root: Path) -> dict[str, FileStamp]:
    return {file.path: file.stamp for file in Walk(str(root), is_candidate)}


def same(root: Path) -> dict[str, FileStamp]:
    """What a walk says, which is what a look at each file says."""
    stamps = walked(root)
    assert stamps == {path: stamp_of(str(root), path) for path in stamps}
    return stamps


def test_both_ways_to_name_one(root: Path) -> None:
    (root / "a.jpg.xmp").write_text("1")
    (root / "a.xmp").write_text("2")
    (root / "b.XMP").write_text("3")
    (root / ".c.png.xmp").write_text("4")
    assert sidecars_of(str(root), "a.jpg") == ["a.jpg.xmp", "a.xmp"]
    assert sidecars_of(str(root), "a.CR2") == ["a.xmp"]
    assert sidecars_of(str(root), "b.JPG") == ["b.XMP"]
    assert sidecars_of(str(root), "c.png") == []
    stamps = same(root)
    assert len({stamps[name].sidecar for name in ("a.jpg", "a.CR2", "b.JPG")}) == 3
    assert stamps["c.png"].sidecar == 0


def test_it_comes_changes_and_goes(root: Path) -> None:
    beside = root / "a.jpg.xmp"
    seen = [same(root)["a.jpg"].sidecar]
    beside.write_text("one")
    seen.append(same(root)["a.jpg"].sidecar)
    times = beside.stat()
    beside.write_text("two")
    os.utime(beside, ns=(times.st_atime_ns, times.st_mtime_ns))  # as some programs do
    seen.append(same(root)["a.jpg"].sidecar)
    assert len(set(seen)) == 3
    beside.unlink()
    assert same(root)["a.jpg"].sidecar == 0


def test_a_link_out_of_the_root_is_none(
    root: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    secret = tmp_path_factory.mktemp("other") / "secret.xmp"
    secret.write_text("secret")
    (root / "a.jpg.xmp").symlink_to(secret)
    (root / "a.xmp").mkdir()
    assert sidecars_of(str(root), "a.jpg") == []
    assert sidecar_stamp(str(root), "a.jpg") == 0


def test_the_photos_of_a_sidecar(root: Path) -> None:
    def of(name: str) -> set[str]:
        return set(photos_beside(str(root), name, EXTENSIONS))

    assert of("a.xmp") == {"a.jpg", "a.CR2"}
    assert of("b.JPG.xmp") == {"b.JPG"}
    assert of("b.xmp") == {"b.JPG"}
    assert of("d.xmp") == set()
