"""The file of comparison results: a cache beside the index file."""

from __future__ import annotations

import contextlib
import logging
import zipfile
from typing import TYPE_CHECKING

import numpy as np

from crispd.vectors.checkpoint import DUPLICATES_FILE, replace_durably

if TYPE_CHECKING:
    from pathlib import Path

    from crispd.duplicates.union_find import UnionFind

log = logging.getLogger(__name__)

_FORMAT = 1


def save(groups: UnionFind, folder: Path, identity: str) -> None:
    """Replace the file. One that cannot be written is no harm: photos are compared again."""
    partial = folder / f"{DUPLICATES_FILE}.part"
    try:
        folder.mkdir(exist_ok=True)
        compared, (members, firsts) = groups.compared(), groups.flat()
        with partial.open("wb") as file:
            np.savez_compressed(
                file, identity=np.array(_named(identity)), compared=compared, members=members,
                firsts=firsts,
            )  # fmt: skip
        replace_durably(partial, folder / DUPLICATES_FILE)
    except OSError as error:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
        log.warning("what is known of duplicates could not be kept: %s", error)


def load(groups: UnionFind, folder: Path, identity: str) -> bool:
    """Fill ``groups`` from the file; whether there was one for this ``identity``.

    With another database or pack the labels mean nothing; a damaged file is none.
    """
    try:
        with (
            (folder / DUPLICATES_FILE).open("rb") as raw,
            np.load(raw, allow_pickle=False) as file,
        ):
            if str(file["identity"]) != _named(identity):
                return False
            found = [file[name].astype(np.int64) for name in ("compared", "members", "firsts")]
    except FileNotFoundError:
        return False
    except (OSError, ValueError, KeyError, zipfile.BadZipFile, EOFError) as error:
        log.info("photos are compared anew for duplicates: %s", error)
        return False
    groups.take(*found)
    return True


def _named(identity: str) -> str:
    return f"{_FORMAT} {identity}"
