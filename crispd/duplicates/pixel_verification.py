"""Pixel verification: two proposed pictures are aligned and compared."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, NamedTuple

from crispd.errors import NotFound, PhotoError
from crispd.images.comparison.agreement import READING, SCENE, is_page, same_page, same_scene
from crispd.images.comparison.greyscale import to_greyscale

if TYPE_CHECKING:
    from collections.abc import Callable

    from crispd.types import Floats, PhotoReader, PhotoRecord

# What says whether pictures agree is another than before: what was found is looked for anew.
RULES = "pixels 1"
_KEPT = 256  # pictures of 320 pixels in grey, 0.3 MB each


class _PreparedImage(NamedTuple):
    picture: Floats
    page: bool


class PixelVerification:
    """For one thread. ``picture``: a JPEG of a photo with a long side of so many pixels, or as
    large as the photo is; raises PhotoError or NotFound where it cannot be had.
    """

    def __init__(self, photos: PhotoReader, picture: Callable[[PhotoRecord, int], bytes]) -> None:
        self._photos = photos
        self._picture = picture
        self._seen: OrderedDict[int, _PreparedImage] = OrderedDict()

    def agree(self, one: int, other: int) -> bool | None:
        """Whether two contents are one photo or scene; None where that cannot be seen now.

        Pages of writing look alike when they are small, so those are read.
        """
        try:
            first, second = self._see(one), self._see(other)
            if first is None or second is None or not same_scene(first.picture, second.picture):
                return None if first is None or second is None else False
            if not (first.page or second.page):
                return True
            large = self._at(one, READING), self._at(other, READING)
        except (PhotoError, NotFound):
            return None
        if large[0] is None or large[1] is None:
            return None
        return same_page(large[0], large[1])

    def _see(self, label: int) -> _PreparedImage | None:
        seen = self._seen.get(label)
        if seen is None:
            picture = self._at(label, SCENE)
            if picture is None:
                return None
            seen = self._seen[label] = _PreparedImage(picture, is_page(picture))
            if len(self._seen) > _KEPT:
                self._seen.popitem(last=False)
        self._seen.move_to_end(label)
        return seen

    def _at(self, label: int, long_side: int) -> Floats | None:
        """Of the first of a content's photos."""
        found = self._photos.photos_of([label]).get(label)
        return to_greyscale(self._picture(found[0], long_side), long_side) if found else None
