"""Files and folders that are there as a whole or not at all."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def atomic(path: Path) -> Iterator[Path]:
    """A path to write to; it becomes ``path`` in one step, once the block ends without an error.

    What a killed run left half is removed first. The ending stays: numpy and onnx go by it.
    """
    part = path.with_name(f"{path.stem}.part{path.suffix}")
    if part.is_dir():
        shutil.rmtree(part)
    part.unlink(missing_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    yield part
    part.replace(path)


def copied(source: Path, path: Path) -> None:
    """A file's content in the place of what was there."""
    with atomic(path) as part:
        shutil.copyfile(source, part)


def rewrite(path: Path, text: str) -> None:
    """A file of text in the place of what was there, which may have a second name."""
    with atomic(path) as part:
        part.write_text(text, encoding="utf-8")
