"""RAW and JPEG, and Live Photos, count once."""

from __future__ import annotations

import io
import random
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from tests.e2e.server import ALBUM, Server
from tests.images import raws
from tests.images.test_decode import encoded, scene

Serve = Callable[..., Server]

pytestmark = pytest.mark.small_pack
SOON = 6.0


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "photos"
    made.mkdir()
    shutil.copy(ALBUM / "coffee_cup.jpg", made)
    return made


def becomes(server: Server, expected: set[str]) -> None:
    """Within some seconds a search shows these, and on the way never a pair twice."""
    end = time.monotonic() + SOON
    while (paths := server.paths()) != expected:
        stems = [path.rpartition(".")[0].lower() for path in paths]
        assert len(set(stems)) == len(stems), paths
        assert time.monotonic() < end, f"{paths}\n{''.join(server.lines)}"
        time.sleep(0.03)
    server.settle()
    assert server.paths() == expected


def test_the_picture_is_the_photo_while_it_is_there(folder: Path, serve: Serve) -> None:
    cup, raw, picture = "coffee_cup.jpg", folder / "IMG_1.CR2", folder / "img_1.JPG"
    raw.write_bytes(raws.cr2())
    picture.write_bytes((ALBUM / "cat_chelsea.jpg").read_bytes())
    server = serve(folder)
    server.settle()
    becomes(server, {cup, "img_1.JPG"})
    assert server.status()["encoded"] == 2  # the RAW was not even read

    picture.rename(folder.parent / "away.jpg")
    becomes(server, {cup, "IMG_1.CR2"})
    (folder.parent / "away.jpg").rename(picture)
    becomes(server, {cup, "img_1.JPG"})

    picture.rename(folder / "other.jpg")
    becomes(server, {cup, "other.jpg", "IMG_1.CR2"})
    (folder / "other.jpg").rename(folder / "IMG_1.jpeg")
    becomes(server, {cup, "IMG_1.jpeg"})

    raw.unlink()
    becomes(server, {cup, "IMG_1.jpeg"})
    (folder / "IMG_1.jpeg").unlink()
    becomes(server, {cup})
    assert server.status()["encoded"] == 3


def test_a_picture_that_comes_after_its_raw(folder: Path, serve: Serve) -> None:
    cup = "coffee_cup.jpg"
    server = serve(folder)
    server.settle()
    (folder / "a.nef").write_bytes(raws.nef())
    becomes(server, {cup, "a.nef"})
    (folder / "A.HEIC").write_bytes(encoded(scene(), "HEIF"))
    (folder / "A.MOV").write_bytes(b"\0\0\0\x18ftypqt  " + bytes(3000))
    becomes(server, {cup, "A.HEIC"})
    (folder / "sub").mkdir()
    for name in ("a.nef", "A.HEIC"):
        (folder / name).rename(folder / "sub" / name)
    becomes(server, {cup, "sub/A.HEIC"})
    (folder / "sub").rename(folder / "moved")
    becomes(server, {cup, "moved/A.HEIC"})
    shutil.rmtree(folder / "moved")
    becomes(server, {cup})
    assert server.get("/problems")["total"] == 0


def test_a_picture_that_cannot_be_read_stands_for_nothing(folder: Path, serve: Serve) -> None:
    cup, picture = "coffee_cup.jpg", folder / "b.jpg"
    (folder / "b.ARW").write_bytes(raws.arw())
    picture.write_bytes(b"no picture" * 99)
    server = serve(folder)
    becomes(server, {cup, "b.ARW"})
    assert [problem["path"] for problem in server.get("/problems")["problems"]] == ["b.jpg"]
    shutil.copy(ALBUM / "raccoon.jpg", picture)
    becomes(server, {cup, "b.jpg"})
    assert server.get("/problems")["total"] == 0
    picture.write_bytes(b"damaged again" * 99)
    becomes(server, {cup, "b.ARW"})


def test_changes_while_nobody_watches(folder: Path, serve: Serve) -> None:
    cup = "coffee_cup.jpg"
    (folder / "c.dng").write_bytes(raws.dng())
    server = serve(folder)
    becomes(server, {cup, "c.dng"})
    server.stop()
    shutil.copy(ALBUM / "raccoon.jpg", folder / "C.jpg")
    server = serve(folder)
    becomes(server, {cup, "C.jpg"})
    (folder / ".crispdignore").write_text("C.jpg\n")
    becomes(server, {cup, "c.dng"})
    (folder / ".crispdignore").write_text("*.dng\n")
    becomes(server, {cup, "C.jpg"})
    (folder / "C.jpg").unlink()
    becomes(server, {cup})
    (folder / ".crispdignore").unlink()
    becomes(server, {cup, "c.dng"})
    server.stop()
    (folder / "c.dng").rename(folder / "d.dng")
    server = serve(folder)
    becomes(server, {cup, "d.dng"})
    assert server.status()["encoded"] == 0

    (folder / "sub").mkdir()
    shutil.copy(ALBUM / "raccoon.jpg", folder / "sub" / "D.jpg")
    becomes(server, {cup, "d.dng", "sub/D.jpg"})
    server.stop()
    (folder / "sub" / "D.jpg").rename(folder / "D.jpg")
    server = serve(folder)
    becomes(server, {cup, "D.jpg"})
    assert server.status()["encoded"] == 0


def test_a_photo_knows_its_raw(folder: Path, serve: Serve) -> None:
    (folder / "coffee_cup.ORF").write_bytes(raws.orf())
    server = serve(folder)
    becomes(server, {"coffee_cup.jpg"})
    [hit] = server.get("/search", q="coffee", min_relevance="all")["results"]
    assert server.get(f"/photos/{hit['id']}")["raws"] == ["coffee_cup.ORF"]


@pytest.mark.parametrize("seed", range(2))
def test_any_order_of_changes_ends_where_the_disk_says(
    folder: Path, serve: Serve, seed: int
) -> None:
    """Pictures and RAWs of four names come, go, are renamed and damaged, too fast to follow."""
    dice = random.Random(seed)
    good = {".CR2": raws.cr2(), ".jpg": encoded(Image.new("RGB", (90, 60), "teal"), "JPEG")}
    server = serve(folder)
    for _ in range(12):
        for _ in range(dice.randint(1, 6)):
            ending = dice.choice(sorted(good))
            path = folder / f"{dice.choice('abcd')}{ending}"
            match dice.randint(0, 4):
                case 0 | 1:
                    path.write_bytes(good[ending])
                case 2:
                    path.unlink(missing_ok=True)
                case 3 if path.exists():
                    path.rename(folder / f"{dice.choice('abcd')}{ending}")
                case 4 if path.exists():
                    path.write_bytes(b"damaged")
            time.sleep(dice.choice((0, 0, 0.05, 0.3)))
        if dice.random() < 0.3:
            server.http.post("/folders/rescan")
        becomes_eventually(server, folder, good)


def becomes_eventually(server: Server, folder: Path, good: dict[str, bytes]) -> None:
    def readable(path: Path) -> bool:
        return path.exists() and path.read_bytes() == good[path.suffix]

    expected = {"coffee_cup.jpg"}
    for stem in "abcd":
        picture, raw = folder / f"{stem}.jpg", folder / f"{stem}.CR2"
        expected |= {p.name for p in (picture, raw) if readable(p)}
        if readable(picture):
            expected.discard(raw.name)
    end = time.monotonic() + 20
    while server.paths() != expected:
        assert time.monotonic() < end, (server.paths(), expected)
        time.sleep(0.05)


def taken(year: int, model: str) -> Image.Exif:
    block = Image.Exif()
    block[0x0110] = model
    block.get_ifd(0x8769)[0x9003] = f"{year}:07:03 10:12:00"
    return block


def dng(year: int, model: str) -> bytes:
    """A DNG that a program wrote, with a picture in it that can be shown."""
    out = io.BytesIO()
    block = taken(year, model)
    info = {0x0110: model, 0x9003: f"{year}:07:03 10:12:00", 0xC612: b"\1\4\0\0"}
    scene().save(out, "TIFF", tiffinfo=info, exif=block)
    return out.getvalue()


def test_a_raw_of_another_photo_is_a_photo(folder: Path, serve: Serve) -> None:
    cup = "coffee_cup.jpg"
    (folder / "DSC_1.DNG").write_bytes(dng(2019, "D700"))
    (folder / "DSC_1.JPG").write_bytes(encoded(scene(), "JPEG", exif=taken(2021, "iPhone 12")))
    (folder / "DSC_2.DNG").write_bytes(dng(2021, "D700"))
    (folder / "DSC_2.JPG").write_bytes(encoded(scene(), "JPEG", exif=taken(2021, "D700")))
    server = serve(folder)
    server.settle()
    expected = {cup, "DSC_1.DNG", "DSC_1.JPG", "DSC_2.JPG"}
    assert server.paths() == expected
    raws_of = {}
    for hit in server.get("/search", type="jpeg", limit=50)["results"]:
        raws_of[hit["path"]] = server.get(f"/photos/{hit['id']}")["raws"]
    assert (raws_of["DSC_1.JPG"], raws_of["DSC_2.JPG"]) == ([], ["DSC_2.DNG"])
    server.stop()
    server = serve(folder)
    server.settle()
    assert server.paths() == expected
    assert server.status()["encoded"] == 0
    (folder / "DSC_1.JPG").write_bytes(encoded(scene(), "JPEG", exif=taken(2019, "D700")))
    end = time.monotonic() + SOON
    while server.paths() != expected - {"DSC_1.DNG"}:
        assert time.monotonic() < end, "".join(server.lines)
        time.sleep(0.1)


def test_the_names_of_a_telephone(folder: Path, serve: Serve) -> None:
    name = "PXL_20230704_101112000"
    picture = encoded(scene(), "JPEG", exif=taken(2023, "Pixel 7"))
    (folder / f"{name}.RAW-01.COVER.jpg").write_bytes(picture)
    (folder / f"{name}.RAW-02.ORIGINAL.dng").write_bytes(dng(2023, "Pixel 7"))
    server = serve(folder)
    server.settle()
    assert server.paths() == {"coffee_cup.jpg", f"{name}.RAW-01.COVER.jpg"}


def test_rules_that_are_written_in_two_steps(folder: Path, serve: Serve) -> None:
    """As editors save: the file is empty for a moment, and what it excludes is read meanwhile."""
    cup, rules = "coffee_cup.jpg", folder / ".crispdignore"
    (folder / "c.dng").write_bytes(raws.dng())
    shutil.copy(ALBUM / "raccoon.jpg", folder / "C.jpg")
    rules.write_text("C.jpg\n")
    server = serve(folder)
    becomes(server, {cup, "c.dng"})
    for gap in (0.001, 0.003):
        for text, shown in (("*.dng\n", "C.jpg"), ("C.jpg\n", "c.dng")):
            rules.write_text("")
            time.sleep(gap)
            rules.write_text(text)
            becomes(server, {cup, shown})
