"""Reading of XMP sidecars."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crispd.errors import PhotoError
from crispd.images.metadata.captions import chosen
from crispd.images.metadata.text_cleaning import keyword_list
from crispd.images.metadata.xmp import read_xmp
from crispd.images.metadata.xmp_parsing import MOST_BYTES
from crispd.images.read import read_file
from crispd.types import DecodeLimits, Sidecar, most_reliable
from crispd.watch.sidecars import sidecars_of

if TYPE_CHECKING:
    from crispd.images.metadata.xmp import Xmp
    from crispd.ingest.stages.jobs import Job

_LIMITS = DecodeLimits(max_pixels=0, max_bytes=MOST_BYTES)


def read_sidecars(job: Job) -> Sidecar | None:
    """What they say, the one with the photo's whole name first; None where there are none.

    One that cannot be read says nothing: the photo is one all the same.
    """
    found: list[Xmp] = []
    for path in sidecars_of(job.root.path, job.path):
        try:
            data, _ = read_file(f"{job.root.path}/{path}", _LIMITS, job.root.path)
        except PhotoError:
            continue
        found.append(read_xmp(data))
    if not found:
        return None
    return Sidecar(
        most_reliable(*(each.capture_time for each in found)),
        next((each.place for each in found if each.place), None),
        next((each.altitude for each in found if each.altitude is not None), None),
        next((each.rating for each in found if each.rating is not None), None),
        tuple(keyword_list(word for each in found for word in each.keywords)),
        *chosen(*(each.captions for each in found)),
        tuple(keyword_list(name for each in found for name in each.people)),
        next((each.location for each in found if each.location), None),
        tuple(keyword_list(path for each in found for path in each.keyword_paths)),
    )
