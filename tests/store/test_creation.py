"""The data folder: marked, so that no walk takes what is in it for photos."""

from __future__ import annotations

from pathlib import Path

from crispd.store.data_dir.creation import make_data_folder
from crispd.watch.exclusion.app_folders import entries_of, is_crispd_data
from crispd.watch.walk import Walk


def test_it_says_what_it_is(tmp_path: Path) -> None:
    data = tmp_path / "elsewhere" / "data"
    make_data_folder(data)
    make_data_folder(data)
    assert is_crispd_data(entries_of(str(data)))
    (data / "thumbnails" / "x.jpg").write_bytes(b"x")
    (tmp_path / "mine.jpg").write_bytes(b"x")
    walk = Walk(str(tmp_path), lambda name: name.endswith(".jpg"))
    assert {file.path for file in walk} == {"mine.jpg"}
    # moved away from its database, it is a cache still
    (data / "thumbnails").rename(tmp_path / "thumbs")
    assert {file.path for file in Walk(str(tmp_path), lambda _: True)} == {"mine.jpg"}
