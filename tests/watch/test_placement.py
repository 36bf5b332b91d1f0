"""How named folders lie to one another, through links and mounts."""

from __future__ import annotations

from pathlib import Path

import pytest

from crispd.watch.placement import is_same_folder, lies_in
from crispd.watch.presence import folder_id
from tests.e2e.mounts import bind, mount, unmount


def test_through_links(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "c").mkdir()
    (tmp_path / "to a").symlink_to(tmp_path / "a")
    (tmp_path / "to b").symlink_to(tmp_path / "a" / "b")
    a, b, c = (str(tmp_path / name) for name in ("a", "a/b", "c"))
    to_a, to_b = str(tmp_path / "to a"), str(tmp_path / "to b")
    assert is_same_folder(a, to_a)
    assert not is_same_folder(a, b)
    assert not is_same_folder(str(tmp_path / "gone"), str(tmp_path / "gone too"))
    assert lies_in(b, a)
    assert lies_in(to_b, a)
    assert lies_in(b, to_a)
    assert not lies_in(a, to_a)
    assert not lies_in(a, b)
    assert not lies_in(c, a)
    assert lies_in(c, "/")


def test_through_mounts(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    twin = tmp_path / "twin"
    twin.mkdir()
    if not bind(tmp_path / "a", twin):
        pytest.skip("file systems may not be mounted here")
    try:
        assert is_same_folder(str(tmp_path / "a"), str(twin))
        assert lies_in(str(twin / "b"), str(tmp_path / "a"))
    finally:
        unmount(twin)


def test_one_drive_after_the_other_under_one_number(tmp_path: Path) -> None:
    found = []
    for _ in range(2):
        if not mount(tmp_path):
            pytest.skip("file systems may not be mounted here")
        found.append(folder_id(str(tmp_path)))
        unmount(tmp_path)
    assert found[0] != found[1]
    assert folder_id(str(tmp_path / "nowhere")) is None
