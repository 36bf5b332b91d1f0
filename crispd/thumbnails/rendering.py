"""Rendering of photos for people: cached pictures, or new ones from these or the original."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from crispd.errors import NotFound, PhotoError, PhotoTooLarge, PhotoVanished
from crispd.images.formats import media_type
from crispd.images.read import content_hash, read_file
from crispd.images.thumbnails import (
    SCREEN,
    convert,
    make_thumbnail,
    resize_jpeg,
    size_of,
    useful_sizes,
)
from crispd.types import ImageBytes, OriginalFile, Rendition

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from crispd.memory_budgets import MemoryBudgets, MemoryReservation
    from crispd.thumbnails.cache import ThumbnailCache
    from crispd.types import DecodeLimits, PhotoRecord, PictureType

T = TypeVar("T")

# Pictures of ours below this are converted without waiting for room among the decoders.
_SMALL_PIXELS = 1_000_000
_A_PIXEL_BYTES = 12  # decoded, scaled and encoded


@dataclass(frozen=True, slots=True)
class PhotoRenderer:
    """Thread-safe. ``guarded`` is held while an original is decoded, and refuses what crashes."""

    cache: ThumbnailCache
    limits: DecodeLimits
    rooms: MemoryBudgets
    guarded: Callable[[str], AbstractContextManager[None]]

    def thumbnail(self, photo: PhotoRecord, size: int | None, media_type: PictureType) -> Rendition:
        """What a thumbnail will be; without ``size`` as small as is kept."""
        return _named(photo, size or self.cache.sizes[0], media_type)

    def preview(self, photo: PhotoRecord, size: int | None) -> Rendition:
        """What a JPEG for a screen will be."""
        return _named(photo, size or SCREEN, "image/jpeg")

    def kept(self, wanted: Rendition) -> ImageBytes | None:
        """The picture where it lies ready as a file; None where it has to be made."""
        if wanted.media_type != "image/jpeg":
            return None
        data = self.cache.get(wanted.photo.content_hash, wanted.size)
        try:
            if data is None or max(size_of(data)) > wanted.size:
                return None
        except PhotoError:  # damaged inside: made again
            return None
        self.cache.note(hit=True)
        return _image(data, wanted)

    def picture(self, wanted: Rendition) -> ImageBytes:
        """The picture, of the smallest source that will do.

        Smaller than wanted where the original cannot be had. Raises NotFound or PhotoError.
        """
        data = self.cache.get(wanted.photo.content_hash, wanted.size)
        if data is not None:
            try:
                found = self._converted(data, wanted)
            except PhotoError:
                pass  # damaged inside: made again
            else:
                self.cache.note(hit=True)
                return found
        self.cache.note(hit=False)
        try:
            return self._converted(self._made(wanted), wanted)
        except PhotoError as error:
            return self._smaller(wanted, error)

    def of_size(self, photo: PhotoRecord, size: int) -> bytes:
        """A JPEG of that long side, or as large as the photo is. Raises NotFound or PhotoError,
        also where only a smaller one can be had.
        """
        found = self.picture(self.thumbnail(photo, size, "image/jpeg"))
        if not found.final:
            raise NotFound("The original cannot be had, and no picture of this size is kept.")
        return found.data

    def complete(self, photo: PhotoRecord) -> bool:
        """Make what is missing of the sizes that indexing could not reach; whether anything was.

        All of one decode. The largest that is kept is for who asks. Raises PhotoError.
        """
        whole = max(photo.metadata.width, photo.metadata.height)
        known = useful_sizes(whole, self.cache.sizes[:-1])
        missing = [size for size in known if not self.cache.has(photo.content_hash, size)]
        if not missing:
            return False
        jpeg = self._render(photo, missing[-1])
        for size in reversed(missing):
            jpeg = resize_jpeg(jpeg, size)
            self.cache.put(photo.content_hash, size, jpeg)
        return True

    def _made(self, wanted: Rendition) -> bytes:
        """A JPEG of at least the size, rendered from the original, and kept where it is one."""
        photo = wanted.photo
        size = next((kept for kept in self.cache.sizes if kept >= wanted.size), None)
        data = self._render(photo, size or wanted.size)
        if size is not None:
            self.cache.put(photo.content_hash, size, data)
        return data

    def _render(self, photo: PhotoRecord, size: int) -> bytes:
        return self.of_original(photo, lambda data, limits: make_thumbnail(data, size, limits))

    def of_original(self, photo: PhotoRecord, make: Callable[[bytes, DecodeLimits], T]) -> T:
        """What ``make`` decodes of the original's bytes. Raises PhotoError."""
        if not photo.online:
            raise PhotoVanished("The drive of this photo is not plugged in.")

        def work(place: MemoryReservation) -> T:
            data = self._read(photo)
            limits = replace(self.limits, take=place.take, max_memory=place.most)
            with self.guarded(photo.full_path):
                return make(data, limits)

        return self.rooms.admit(photo.stamp.size, work)

    def _read(self, photo: PhotoRecord) -> bytes:
        """The original, if it is still what was indexed.

        What is made of it is kept by its hash, and of a file put in its place nobody knows what it
        does to a decoder.
        """
        changed = PhotoVanished("The file of this photo has changed and is soon read anew.")
        most = min(self.limits.max_bytes, photo.stamp.size)
        try:
            data, _ = read_file(
                photo.full_path, replace(self.limits, max_bytes=most), photo.root_path
            )
        except PhotoTooLarge:
            if photo.stamp.size > self.limits.max_bytes:
                raise
            raise changed from None
        if content_hash(data) != photo.content_hash:
            raise changed
        return data

    def _converted(self, jpeg: bytes, wanted: Rendition) -> ImageBytes:
        width, height = size_of(jpeg)
        with self.rooms.pictures.turn() as take:
            if width * height > _SMALL_PIXELS:
                take(width * height * _A_PIXEL_BYTES)
            return _image(convert(jpeg, wanted.size, wanted.media_type), wanted)

    def _smaller(self, wanted: Rendition, why: PhotoError) -> ImageBytes:
        """A picture that is too small is better than none."""
        found = self.cache.largest_below(wanted.photo.content_hash, wanted.size)
        if found is not None:
            size, data = found
            image = self._converted(data, replace(wanted, size=size))
            return replace(image, final=False)
        if isinstance(why, PhotoVanished):
            raise NotFound(f"{why} A picture of it is not kept in this size or a smaller one.")
        raise why


def _named(photo: PhotoRecord, size: int, media_type: PictureType) -> Rendition:
    whole = max(photo.metadata.width, photo.metadata.height)
    return Rendition(photo, min(size, max(whole, 1)), media_type)


def _image(data: bytes, wanted: Rendition) -> ImageBytes:
    digest = hashlib.blake2b(data, digest_size=8).hexdigest()
    return ImageBytes(data, wanted.media_type, f"{wanted.tag}.{digest}")


def original_of(record: PhotoRecord) -> OriginalFile:
    """Where the original lies and how to send it. Raises NotFound when its file is gone."""
    path = os.path.realpath(record.full_path)
    # Rows hold only what a walk of the root met; a link put there since must not lead out.
    inside = path.startswith(os.path.realpath(record.root_path).rstrip("/") + "/")
    if not inside or not os.path.isfile(path):  # noqa: PTH113 - names in any bytes
        raise NotFound("The file of this photo is gone or its drive is not plugged in.")
    return OriginalFile(
        path=path,
        root=record.root_path,
        media_type=media_type(record.metadata.type),
        etag=f"{record.content_hash[:32]}-original",
        filename=record.path.rpartition("/")[2],
        stamp=record.stamp,
    )
