"""The small pack, made once a run and copied where a test spoils it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from crispd.packs.pack import Pack, load_pack
from tests.packs import small

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def small_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the small pack; not to be written to."""
    folder = tmp_path_factory.mktemp("packs") / "small"
    small.write_pack(folder)
    return folder


@pytest.fixture
def folder(small_folder: Path, tmp_path: Path) -> Path:
    """A copy of the small pack."""
    return shutil.copytree(small_folder, tmp_path / "small")


@pytest.fixture(scope="session")
def pack(small_folder: Path) -> Pack:
    """The small pack, loaded."""
    return load_pack(small_folder, index_threads=1, search_threads=1)
