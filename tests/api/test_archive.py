"""``POST /photos/archive``: several originals in one archive."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from crispd.api.photo_archive import make_archive
from crispd.errors import NotFound
from crispd.types import FileStamp, OriginalFile
from tests.api.checks import problem
from tests.api.fake_service import CONTENT, ID, OTHER, FakeService


def archive(data: bytes) -> zipfile.ZipFile:
    found = zipfile.ZipFile(io.BytesIO(data))
    assert found.testzip() is None
    return found


def original(path: Path, name: str) -> OriginalFile:
    return OriginalFile(str(path), str(path.parent), "image/jpeg", "tag", name, FileStamp(1, 1))


def test_files_as_they_are_and_what_is_left_out(http: TestClient) -> None:
    answer = http.post("/photos/archive", data={"ids": f"{ID}, {OTHER},{ID}"})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"] == 'attachment; filename="photos.zip"'
    assert int(answer.headers["content-length"]) == len(answer.content)
    found = archive(answer.content)
    assert found.namelist() == ["IMG 1ü.jpg", "left out.txt"]
    assert found.read("IMG 1ü.jpg") == CONTENT
    assert found.read("left out.txt").decode().startswith(OTHER)


@pytest.mark.parametrize(
    ("ids", "status"),
    [
        ("", 400), (",", 400), ("../../etc/passwd", 404), (",".join(["a" * 24] * 2) + ",x", 404),
        (",".join(f"{n:024}".translate(str.maketrans("0189", "abcd")) for n in range(1001)), 400),
        ("a" * 40_000, 400),
    ],
)  # fmt: skip
def test_what_names_no_photos_is_refused(http: TestClient, ids: str, status: int) -> None:
    problem(http.post("/photos/archive", data={"ids": ids}), status)


def test_nothing_but_photos_that_are_gone(http: TestClient, service: FakeService) -> None:
    service.original_file = None
    problem(http.post("/photos/archive", data={"ids": ID}), 404)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"photo")
    originals = [original(tmp_path / "a.jpg", "a.jpg"), original(tmp_path / "gone.jpg", "gone.jpg")]
    found = archive(_bytes(originals))
    assert found.read("a.jpg") == b"photo"
    assert found.read("left out.txt").decode().startswith("gone.jpg: ")
    with pytest.raises(NotFound, match="None of these"):
        make_archive(originals[1:])


def test_no_entry_leads_out_of_the_folder_it_is_unpacked_in(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"photo")
    names = ["..\\..\\evil.jpg", "C:\\evil.jpg", "\\\\host\\evil.jpg"]  # as Windows reads them
    found = archive(_bytes([original(tmp_path / "a.jpg", name) for name in names])).infolist()
    assert len(found) == 3
    assert not any("\\" in one.orig_filename or "/" in one.orig_filename for one in found)


@given(st.lists(st.sampled_from(["a.jpg", "A.jpg", "a (2).jpg", "a", ".jpg", "ä.jpg"]), min_size=1))
def test_no_two_entries_share_a_name(
    tmp_path_factory: pytest.TempPathFactory, names: list[str]
) -> None:
    path = tmp_path_factory.getbasetemp() / "one.jpg"
    path.write_bytes(b"photo")
    found = archive(_bytes([original(path, name) for name in names])).namelist()
    assert len({name.casefold() for name in found}) == len(names)


def _bytes(originals: list[OriginalFile]) -> bytes:
    made = make_archive(originals)
    size = len(made)
    data = bytes(made)
    assert size == len(data)
    return data
