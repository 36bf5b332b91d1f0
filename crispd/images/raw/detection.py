"""Detection of camera RAW files, and their previews and metadata."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crispd.images.raw import cr3_boxes, embedded_jpegs, maker_notes
from crispd.images.raw.ifd import (
    Block,
    Directory,
    block_at,
    directories,
    first_offset,
    read_directory,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from crispd.images.raw.embedded_jpegs import Jpeg

_RAF = b"FUJIFILMCCD-RAW "
_RAF_JPEG = 84  # two numbers of four bytes: where the JPEG lies and how long it is
# Magic numbers in place of TIFF's 42: Panasonic, and Olympus with three of them.
_MARKS = {b"IIU\0": "rw2", b"IIRO": "orf", b"IIRS": "orf", b"MMOR": "orf"}
_TIFF = {b"II*\0", b"MM\0*"}
_CR2_MARK = 8
_MAKERS = (("nikon", "nef"), ("sony", "arw"), ("canon", "cr2"))
_MAKE, _ORIENTATION, _XMP, _IPTC = 0x010F, 0x0112, 0x02BC, 0x83BB
_DETAILS, _GPS, _DNG = 0x8769, 0x8825, 0xC612
_WIDTH, _HEIGHT, _COMPRESSION, _PHOTOMETRIC = 0x0100, 0x0101, 0x0103, 0x0106
_STRIPS, _STRIP_LENGTHS = 0x0111, 0x0117
_JPG_FROM_RAW = (0x002E, 0x0127)
_EXIF_WIDTH, _EXIF_HEIGHT = 0xA002, 0xA003
_MOSAICS = {32803, 34892}  # what sensors see, as it is or put together without being developed
_SENSOR_COMPRESSIONS = {32767, 34713}  # Sony's and Nikon's
_RGB = 2
# A preview of this long side is as good as any; below, marks of larger ones are searched for.
_GOOD_PIXELS = 1024 * 640
_MOST_PREVIEWS = 4
_SMALLEST_SIDE = 64
_LONGEST_XMP = 4 * 2**20
_LONGEST_IPTC = 2**20


@dataclass(frozen=True, slots=True)
class RawFile:
    """A camera RAW. ``previews``: JPEGs in it, the largest first.

    ``main``, ``details`` and ``gps`` are what EXIF calls so, ``xmp`` is a packet, ``iptc`` a block
    of records; each empty where there is none. ``sizes``: what may be the width and height of the
    developed picture, as it lies.
    ``shown_as_tiff``: without a JPEG, its first picture is one that a reader of TIFF can show.
    """

    type: str
    previews: tuple[Jpeg, ...] = ()
    main: Mapping[int, object] = field(default_factory=dict)
    details: Mapping[int, object] = field(default_factory=dict)
    gps: Mapping[int, object] = field(default_factory=dict)
    xmp: bytes = b""
    iptc: bytes = b""
    sizes: tuple[tuple[int, int], ...] = ()
    shown_as_tiff: bool = False

    @property
    def orientation(self) -> int:
        """As in EXIF, 1 to 8; 0 where the file does not say."""
        value = self.main.get(_ORIENTATION)
        return value if isinstance(value, int) and 1 <= value <= 8 else 0


def find_raw(data: bytes) -> RawFile | None:
    """What a camera RAW holds; None for any other file. Raises nothing."""
    if data.startswith(_RAF):
        return RawFile("raf", _best(data, _raf_preview(data)))
    if cr3_boxes.is_cr3(data):
        return _cr3(data)
    if data[:4] in _MARKS or data[:4] in _TIFF:
        return _tiff(data)
    return None


def _raf_preview(data: bytes) -> Iterator[tuple[int, int]]:
    numbers = data[_RAF_JPEG : _RAF_JPEG + 8]
    yield int.from_bytes(numbers[:4], "big"), int.from_bytes(numbers[4:], "big")


def _cr3(data: bytes) -> RawFile:
    notes = cr3_boxes.notes_of(data)
    main, details, gps = (_first_directory(data, notes.get(k)) for k in (b"CMT1", b"CMT2", b"CMT4"))
    xmp = notes.get(b"xmp")
    return RawFile(
        "cr3",
        _best(data, cr3_boxes.previews_in_boxes(data)),
        main.values(),
        details.values(),
        gps.values(),
        data[xmp.start : min(xmp.stop, xmp.start + _LONGEST_XMP)] if xmp else b"",
        sizes=tuple(_sizes(details, [])),
    )


def _first_directory(data: bytes, box: cr3_boxes.IsoBox | None) -> Directory:
    block = None if box is None else block_at(data, box.start)
    if block is None:
        return Directory(Block(data, 0, "<"))
    return read_directory(block, first_offset(block))


def _tiff(data: bytes) -> RawFile | None:
    block = block_at(data, 0)
    if block is None:
        return None
    all_ = list(directories(block)) or [Directory(block)]
    main = all_[0]
    type_ = _type_of(data, all_)
    if type_ is None:
        return None
    details = read_directory(block, main.number(_DETAILS))
    places = [*_pictures(all_), *maker_notes.previews_in_notes(details)]
    return RawFile(
        type_,
        _best(data, places),
        main.values(),
        details.values(),
        read_directory(block, main.number(_GPS)).values(),
        main.raw(_XMP, _LONGEST_XMP),
        main.raw(_IPTC, _LONGEST_IPTC),
        tuple(_sizes(details, all_)),
        data[:4] in _TIFF and main.number(_PHOTOMETRIC) == _RGB,
    )


def _type_of(data: bytes, all_: list[Directory]) -> str | None:
    main = all_[0]
    if data[:4] in _MARKS:
        return _MARKS[data[:4]]
    if data[_CR2_MARK : _CR2_MARK + 2] == b"CR":
        return "cr2"
    if _DNG in main.entries:
        return "dng"
    if not any(_is_sensor(directory) for directory in all_):
        return None
    maker = str(main.value(_MAKE)).lower()
    return next((type_ for name, type_ in _MAKERS if maker.startswith(name)), "raw")


def _is_sensor(directory: Directory) -> bool:
    return (
        directory.number(_PHOTOMETRIC) in _MOSAICS
        or directory.number(_COMPRESSION) in _SENSOR_COMPRESSIONS
    )


def _pictures(all_: list[Directory]) -> Iterator[tuple[int, int]]:
    """(start, length) of what directories say are pictures in one piece."""
    for directory in all_:
        base = directory.block.base
        yield (
            base + directory.number(maker_notes.JPEG_START),
            directory.number(maker_notes.JPEG_LENGTH),
        )
        starts, lengths = directory.numbers(_STRIPS), directory.numbers(_STRIP_LENGTHS)
        if len(starts) == len(lengths) == 1:
            yield base + starts[0], lengths[0]
        for tag in _JPG_FROM_RAW:
            entry = directory.entries.get(tag)
            if entry is not None:
                yield entry.at, entry.length


def _best(data: bytes, places: Iterable[tuple[int, int]]) -> tuple[Jpeg, ...]:
    """The largest JPEGs of those places; where none is of use, of all that can be found."""
    found = [embedded_jpegs.jpeg_at(data, start, length) for start, length in places]
    good = {jpeg.start: jpeg for jpeg in found if jpeg is not None}
    if not any(jpeg.pixels >= _GOOD_PIXELS for jpeg in good.values()):
        good |= {jpeg.start: jpeg for jpeg in embedded_jpegs.search(data)}
    usable = [jpeg for jpeg in good.values() if min(jpeg.width, jpeg.height) >= _SMALLEST_SIDE]
    usable.sort(key=lambda jpeg: jpeg.pixels, reverse=True)
    return tuple(usable[:_MOST_PREVIEWS])


def _sizes(details: Directory, all_: list[Directory]) -> Iterator[tuple[int, int]]:
    """By EXIF, then by the largest mosaic."""
    yield details.number(_EXIF_WIDTH), details.number(_EXIF_HEIGHT)
    mosaics = [(d.number(_WIDTH), d.number(_HEIGHT)) for d in all_ if _is_sensor(d)]
    yield from sorted(mosaics, reverse=True)[:1]
