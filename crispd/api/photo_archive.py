"""Many originals as one ZIP archive, written while it is sent.

Photos are stored as they are: they are compressed already, and so the length is known before.
"""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING

from fastapi.responses import StreamingResponse
from zipstream import ZipStream

from crispd.errors import CrispdError, NotFound
from crispd.http.original_files import open_original
from crispd.types import displayable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from crispd.types import OriginalFile

NAME = "photos.zip"
_LEFT_OUT = "left out.txt"
_PIECE_BYTES = 256 * 1024


def make_archive(originals: Iterable[OriginalFile], left_out: Iterable[str] = ()) -> ZipStream:
    """An archive of files, each opened when its turn comes. Those that cannot be read now are named
    in a text file in it, with the sentences ``left_out``. Raises NotFound where that is every one.
    """
    archive = ZipStream(sized=True)
    names: Counter[str] = Counter()
    told = list(left_out)
    for original in originals:
        # a path to whoever unpacks it on Windows, and a name here
        name = displayable(original.filename).replace("\\", "_").replace(":", "_")
        try:
            with open_original(original) as file:
                size = os.fstat(file.fileno()).st_size
        except CrispdError as error:
            told.append(f"{name}: {error}")
        else:
            archive.add(_pieces(original), _unused(name, names), size=size)
    if not names:
        raise NotFound("None of these files can be read now. Their drive may be unplugged.")
    if told:
        archive.add("\n".join([*told, ""]), _unused(_LEFT_OUT, names))
    return archive


def archive_response(archive: ZipStream) -> StreamingResponse:
    """To be kept as a file. Its length is told, so that clients show how far they are."""
    return StreamingResponse(
        iter(archive),
        media_type="application/zip",
        headers={
            "Content-Length": str(len(archive)),
            "Content-Disposition": f'attachment; filename="{NAME}"',
            "Cache-Control": "no-store",
        },
    )


def _pieces(original: OriginalFile) -> Iterator[bytes]:
    with open_original(original) as file:
        while piece := file.read(_PIECE_BYTES):
            yield piece


def _unused(name: str, names: Counter[str]) -> str:
    """The name, with a number where another file has it already, whatever its case."""
    names[name.casefold()] += 1
    stem, dot, ending = name.rpartition(".")
    found, number = name, names[name.casefold()]
    while number > 1:
        found = f"{stem} ({number}){dot}{ending}" if dot else f"{name} ({number})"
        if found.casefold() not in names:
            names[found.casefold()] += 1
            break
        number += 1
    return found
