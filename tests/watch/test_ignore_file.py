"""Patterns of what is left alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crispd.watch.exclusion.ignore_file import NAME, IgnoreRules
from crispd.watch.walk import Walk


def walked(root: Path, ignore: IgnoreRules) -> set[str]:
    return {file.path for file in Walk(str(root), lambda name: name.endswith(".jpg"), "", ignore)}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("a.jpg", "a_edited.jpg", "Private/b.jpg", "x/Private/c.jpg", "x/d.jpg"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    return tmp_path


@pytest.mark.parametrize(
    ("patterns", "left"),
    [
        ([], {"a.jpg", "a_edited.jpg", "Private/b.jpg", "x/Private/c.jpg", "x/d.jpg"}),
        (["Private/"], {"a.jpg", "a_edited.jpg", "x/d.jpg"}),
        (["/Private/"], {"a.jpg", "a_edited.jpg", "x/Private/c.jpg", "x/d.jpg"}),
        (["*_edited.*", "x/"], {"a.jpg", "Private/b.jpg"}),
        (["*.jpg", "!a.jpg"], {"a.jpg"}),
        (["# a comment", "", "  "], {"a.jpg", "a_edited.jpg", "Private/b.jpg", "x/Private/c.jpg",
                                     "x/d.jpg"}),
    ],
)  # fmt: skip
def test_settings_and_file_say_the_same(root: Path, patterns: list[str], left: set[str]) -> None:
    ignore = IgnoreRules(str(root), tuple(patterns))
    ignore.refresh()
    assert walked(root, ignore) == left
    (root / NAME).write_text("\n".join(patterns))
    ignore = IgnoreRules(str(root))
    ignore.refresh()
    assert walked(root, ignore) == left
    for path in ("a.jpg", "x/d.jpg", "x/Private/c.jpg"):
        assert ignore.file(path) == (path not in left)


def test_the_file_comes_later_and_may_change(root: Path) -> None:
    ignore = IgnoreRules(str(root), ("*.jpg",))
    (root / NAME).write_text("!/a.jpg\n[\n")
    ignore.refresh()
    assert walked(root, ignore) == {"a.jpg"}
    (root / NAME).unlink()
    ignore.refresh()
    assert walked(root, ignore) == set()


@given(data=st.binary(max_size=80))
def test_any_bytes_are_a_file_of_patterns(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    root = tmp_path_factory.mktemp("root")
    (root / NAME).write_bytes(data)
    ignore = IgnoreRules(str(root))
    ignore.refresh()
    assert ignore.file("a.jpg") in {True, False}
