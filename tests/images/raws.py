"""Camera RAW files built by the layout of each format, with noise for the sensor's data.

Layouts: TIFF 6.0, TIFF/EP, Adobe DNG 1.6, https://github.com/lclevy/canon_cr3,
http://lclevy.free.fr/cr2/ and, for makers' tags, https://exiftool.org/TagNames/.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from tests.images.test_decode import encoded, scene

ASCII, SHORT, LONG, RATIONAL, BYTES, IFD = 2, 3, 4, 5, 7, 13
SIDEWAYS = 6  # the camera was held upright
TAKEN = "2021:07:03 10:12:00"
_SIZES = {1: 1, ASCII: 1, SHORT: 2, LONG: 4, RATIONAL: 8, BYTES: 1, IFD: 4}


@dataclass(frozen=True)
class Place:
    """The tag tells where these bytes lie."""

    data: bytes


@dataclass(frozen=True)
class Sub:
    """The tag tells where these directories lie."""

    directories: Sequence[Tags]
    kind: int = LONG


Tags = dict[int, "tuple[int, object] | Place | Sub"]


def noise(length: int, seed: int = 0) -> bytes:
    """What a sensor's data looks like to who does not know its format."""
    return np.random.default_rng(seed).integers(0, 256, length, np.uint8).tobytes()


def jpeg(width: int, height: int, exif: Image.Exif | None = None) -> bytes:
    """A preview: the four quarters in a size of its own."""
    image = scene().resize((width, height), Image.Resampling.NEAREST)
    return encoded(image, "JPEG", exif=exif or Image.Exif())


def lossless_jpeg(width: int, height: int) -> bytes:
    """What CR2 and DNG keep raw pixels in: a JPEG with a lossless frame (SOF3), no picture."""
    frame = struct.pack(">BHHB", 14, height, width, 1) + b"\x01\x11\0"
    scan = b"\x01\x01\0\x01\0\0"
    segments = b"\xff\xc3" + struct.pack(">H", len(frame) + 2) + frame
    segments += b"\xff\xda" + struct.pack(">H", len(scan) + 2) + scan
    return b"\xff\xd8" + segments + noise(3000, 5).replace(b"\xff", b"\xfe") + b"\xff\xd9"


def directory(
    tags: Tags, at: int, order: str, base: int = 0, following: Sequence[Tags] = ()
) -> bytes:
    """A directory that lies at ``at`` (counted from ``base``), all that belongs to it, the next."""
    head = 2 + 12 * len(tags) + 4
    entries, behind = b"", b""
    for tag, what in sorted(tags.items()):
        end = at + head + len(behind)
        kind, count, data = _written(what, end, order)
        if isinstance(what, Sub):
            offsets, data = data
            behind += data
            data = offsets
            if len(offsets) > 4:
                raise AssertionError("give each directory below a tag of its own")
        elif isinstance(what, Place):
            behind += what.data + b"\0" * (len(what.data) % 2)
        elif len(data) > 4:
            behind += data + b"\0" * (len(data) % 2)
            data = struct.pack(order + "I", end)
        entries += struct.pack(order + "HHI", tag, kind, count) + data.ljust(4, b"\0")
    next_at = at + head + len(behind)
    link = struct.pack(order + "I", next_at if following else 0)
    made = struct.pack(order + "H", len(tags)) + entries + link + behind
    return made + (
        directory(following[0], next_at, order, base, following[1:]) if following else b""
    )


def _written(what: object, end: int, order: str) -> tuple[int, int, object]:
    if isinstance(what, Place):
        return LONG, 1, struct.pack(order + "I", end)
    if isinstance(what, Sub):
        below = directory(what.directories[0], end, order, following=what.directories[1:])
        return what.kind, 1, (struct.pack(order + "I", end), below)
    assert isinstance(what, tuple)
    kind, value = what
    if kind == ASCII:
        data = str(value).encode() + b"\0"
    elif kind in {BYTES, 1}:
        data = bytes(value)
    elif kind == RATIONAL:
        data = b"".join(struct.pack(order + "II", *pair) for pair in value)
    else:
        values = value if isinstance(value, tuple) else (value,)
        data = struct.pack(order + f"{len(values)}{'H' if kind == SHORT else 'I'}", *values)
    return kind, len(data) // _SIZES[kind], data


def tiff(
    chain: Sequence[Tags], order: str = "<", magic: bytes = b"*\0", extra: bytes = b""
) -> bytes:
    """A file: header, ``extra`` behind it, directories."""
    mark = b"II" if order == "<" else b"MM"
    magic = magic if order == "<" else magic[::-1]
    at = 8 + len(extra)
    head = mark + magic + struct.pack(order + "I", at) + extra
    return head + directory(chain[0], at, order, following=chain[1:])


def details(**more: tuple[int, object]) -> Tags:
    """An EXIF directory. ``more``: tags as t927c=..."""
    tags: Tags = {
        0x9003: (ASCII, TAKEN),
        0x9011: (ASCII, "+02:00"),
        0xA434: (ASCII, "24-105mm F4"),
    }
    return tags | {int(name[1:], 16): value for name, value in more.items()}


def main(make: str, model: str, **more: tuple[int, object] | Place | Sub) -> Tags:
    """What a camera writes into its first directory."""
    tags: Tags = {
        0x010F: (ASCII, make),
        0x0110: (ASCII, model),
        0x0112: (SHORT, SIDEWAYS),
        0x0132: (ASCII, TAKEN),
        0x8825: Sub([gps()]),
    }
    return tags | {int(name[1:], 16): value for name, value in more.items()}


def gps() -> Tags:
    """Berlin."""
    return {
        1: (ASCII, "N"),
        2: (RATIONAL, ((52, 1), (31, 1), (12, 1))),
        3: (ASCII, "E"),
        4: (RATIONAL, ((13, 1), (24, 1), (36, 1))),
    }


def sensor(width: int = 3000, height: int = 2000, compression: int = 1) -> Tags:
    """A directory of raw pixels, of which there are far too few."""
    return {
        0x0100: (LONG, width),
        0x0101: (LONG, height),
        0x0102: (SHORT, 14),
        0x0103: (SHORT, compression),
        0x0106: (SHORT, 32803),
        0x0111: Place(noise(4000)),
        0x0117: (LONG, 4000),
    }


def cr2() -> bytes:
    """IFD0 the preview, IFD1 a thumbnail, IFD2 small RGB, IFD3 lossless JPEG."""
    preview, thumbnail, pixels = jpeg(1500, 1000), jpeg(160, 120), lossless_jpeg(3000, 2000)
    exif = Sub([details(tA002=(LONG, 3000), tA003=(LONG, 2000))])
    first = main(
        "Canon", "Canon EOS 90D", t8769=exif, t0100=(SHORT, 1500), t0101=(SHORT, 1000),
        t0103=(SHORT, 6), t0111=Place(preview), t0117=(LONG, len(preview)),
    )  # fmt: skip
    chain: list[Tags] = [
        first,
        {0x0201: Place(thumbnail), 0x0202: (LONG, len(thumbnail))},
        {0x0106: (SHORT, 2), 0x0111: Place(noise(900)), 0x0117: (LONG, 900)},
        {0x0103: (SHORT, 6), 0x0111: Place(pixels), 0x0117: (LONG, len(pixels))},
    ]
    return tiff(chain, extra=b"CR\x02\0" + struct.pack("<I", 0))


def nef(order: str = ">") -> bytes:
    """IFD0 a tiny RGB thumbnail; below it one directory with the preview, another with pixels."""
    preview, small = jpeg(1500, 1000), jpeg(570, 380)
    note_tags: Tags = {0x0011: Sub([{0x0201: Place(small), 0x0202: (LONG, len(small))}])}
    note = b"Nikon\0\x02\x11\0\0" + tiff([note_tags], order)
    first = main(
        "NIKON CORPORATION", "NIKON Z 6", t0100=(LONG, 16), t0101=(LONG, 12),
        t0102=(SHORT, (8, 8, 8)), t0103=(SHORT, 1), t0106=(SHORT, 2),
        t0111=Place(bytes(16 * 12 * 3)), t0115=(SHORT, 3), t0117=(LONG, 16 * 12 * 3),
        t8769=Sub([details(t927C=(BYTES, note))]),
        t014A=Sub([{0x0103: (SHORT, 6), 0x0201: Place(preview), 0x0202: (LONG, len(preview))},
                   sensor(compression=34713)]),
    )  # fmt: skip
    return tiff([first], order)


def nef_with_its_preview_in_the_notes() -> bytes:
    """As old ones have it: nothing but a thumbnail elsewhere."""
    preview = jpeg(1500, 1000)
    note_tags: Tags = {0x0011: Sub([{0x0201: Place(preview), 0x0202: (LONG, len(preview))}])}
    note = b"Nikon\0\x02\x10\0\0" + tiff([note_tags], ">")
    exif = Sub([details(t927C=(BYTES, note))])
    return tiff([main("NIKON", "D70", t8769=exif, t014A=Sub([sensor(compression=34713)]))], "<")


def arw() -> bytes:
    """The preview by 0x0201 in IFD0, pixels below, a thumbnail in IFD1."""
    preview, thumbnail = jpeg(1500, 1000), jpeg(160, 120)
    first = main(
        "SONY", "ILCE-7M3", t0103=(SHORT, 6), t0201=Place(preview), t0202=(LONG, len(preview)),
        t8769=Sub([details()]), t014A=Sub([sensor(compression=32767)]),
    )  # fmt: skip
    return tiff([first, {0x0201: Place(thumbnail), 0x0202: (LONG, len(thumbnail))}])


def dng() -> bytes:
    """IFD0 a thumbnail, below it lossless pixels and a JPEG preview as a strip."""
    preview, pixels = jpeg(1500, 1000), lossless_jpeg(3000, 2000)
    raw: Tags = sensor() | {0x0103: (SHORT, 7), 0x0111: Place(pixels), 0x0117: (LONG, len(pixels))}
    shown: Tags = {
        0x00FE: (LONG, 1), 0x0103: (SHORT, 7), 0x0106: (SHORT, 6),
        0x0111: Place(preview), 0x0117: (LONG, len(preview)),
    }  # fmt: skip
    first = main(
        "Google", "Pixel 6", t8769=Sub([details()]), tC612=(1, b"\1\4\0\0"), t014A=Sub([raw, shown])
    )
    return tiff([first])


def dng_with_nothing_but_a_thumbnail(width: int = 256, height: int = 192) -> bytes:
    """As Android's own writer makes them: a small RGB picture without compression."""
    pixels = scene().resize((width, height), Image.Resampling.NEAREST).tobytes()
    first = main(
        "Google", "Pixel 6", t0100=(LONG, width), t0101=(LONG, height), t0102=(SHORT, (8, 8, 8)),
        t0103=(SHORT, 1), t0106=(SHORT, 2), t0111=Place(pixels), t0115=(SHORT, 3),
        t0116=(LONG, height), t0117=(LONG, len(pixels)), t8769=Sub([details()]),
        tC612=(1, b"\1\4\0\0"), t014A=Sub([sensor()]),
    )  # fmt: skip
    return tiff([first])


def orf(mark: bytes = b"OLYMPUS\0II\x03\0") -> bytes:
    """The preview in the settings of the maker's note, which counts from its own beginning."""
    preview = jpeg(1500, 1000)
    settings: Tags = {0x0101: Place(preview), 0x0102: (LONG, len(preview))}
    notes: Tags = {0x2020: Sub([settings], IFD)}
    note = mark + directory(notes, len(mark), "<")
    first = main(
        "OLYMPUS CORPORATION", "E-M5", t8769=Sub([details(t927C=(BYTES, note))]),
        t0111=Place(noise(4000)), t0117=(LONG, 4000),
    )  # fmt: skip
    return tiff([first], magic=b"RO")


def rw2() -> bytes:
    """The preview as the value of a tag, itself with EXIF."""
    exif = Image.Exif()
    exif[0x0112] = SIDEWAYS
    exif.get_ifd(0x8769).update({0x9003: TAKEN, 0x9011: "+02:00", 0xA434: "24-105mm F4"})
    first: Tags = {
        0x0001: (BYTES, b"0310"), 0x0002: (SHORT, 3060), 0x0003: (SHORT, 2040),
        0x002E: (BYTES, jpeg(1500, 1000, exif)), 0x010F: (ASCII, "Panasonic"),
        0x0110: (ASCII, "DC-G9"), 0x0112: (SHORT, SIDEWAYS), 0x0118: Place(noise(4000)),
        0x8825: Sub([gps()]),
    }  # fmt: skip
    return tiff([first], magic=b"U\0", extra=noise(16, 9))


def raf() -> bytes:
    """A header that says where the JPEG lies, which has all the EXIF."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x0112] = "FUJIFILM", "X-T4", SIDEWAYS
    exif.get_ifd(0x8769).update({0x9003: TAKEN, 0x9011: "+02:00", 0xA434: "24-105mm F4"})
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 36.0)})
    preview = jpeg(1500, 1000, exif)
    head = b"FUJIFILMCCD-RAW 0201FF159501" + b"X-T4".ljust(32, b"\0") + b"0100" + bytes(20)
    pixels = noise(4000)
    place = 148
    head += struct.pack(">II", place, len(preview))
    head += struct.pack(">IIII", place + len(preview), 0, place + len(preview), len(pixels))
    return head.ljust(place, b"\0") + preview + pixels


def box(kind: bytes, *content: bytes) -> bytes:
    """A box of an ISO base media file."""
    body = b"".join(content)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def cr3(full: bool = True) -> bytes:
    """Notes and four tracks in the movie header, a preview beside it, the full JPEG in the data."""
    small, preview, large = jpeg(160, 120), jpeg(1620, 1080), jpeg(3000, 2000)
    pixels = noise(4000)
    first = main("Canon", "Canon EOS R6")
    del first[0x8825]
    notes = [
        box(b"CNCV", b"CanonCR3_001/00.10.00/00.00.00"),
        box(b"CMT1", tiff([first])),
        box(b"CMT2", tiff([details(tA002=(LONG, 3000), tA003=(LONG, 2000))])),
        box(b"CMT3", tiff([{1: (SHORT, 1)}])),
        box(b"CMT4", tiff([gps()])),
        box(b"THMB", struct.pack(">IHHII", 0, 160, 120, len(small), 0x10000), small),
    ]
    known = box(b"uuid", bytes.fromhex("85c0b687820f11e08111f4ce462b6a48"), *notes)
    xmp = box(b"uuid", bytes.fromhex("be7acfcb97a942e89c71999491e3afac"), PACKET)
    shown = struct.pack(">IHHHHI", 0, 1, 1620, 1080, 1, len(preview)) + preview
    seen = box(
        b"uuid", bytes.fromhex("eaf42b5e1c984b88b9fbb7dc406e4d16"),
        struct.pack(">II", 0, 1), box(b"PRVW", shown),
    )  # fmt: skip
    samples = [large if full else noise(900, 3), pixels]

    def header(places: list[int]) -> bytes:
        tracks = [track(place, len(data)) for place, data in zip(places, samples, strict=True)]
        return box(b"ftyp", b"crx \0\0\0\x01crx isom") + box(b"moov", known, *tracks) + xmp + seen

    start = len(header([0, 0])) + 16
    places = [start, start + len(samples[0])]
    data = b"".join(samples)
    return header(places) + struct.pack(">I4sQ", 1, b"mdat", 16 + len(data)) + data


def track(place: int, length: int) -> bytes:
    """A track of one sample."""
    tables = box(
        b"stbl",
        box(b"stsd", bytes(16)),
        box(b"stsz", struct.pack(">III", 0, length, 1)),
        box(b"co64", struct.pack(">IIQ", 0, 1, place)),
    )
    return box(b"trak", box(b"tkhd", bytes(84)), box(b"mdia", box(b"minf", tables)))


PACKET = b"""<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF
 xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description
 xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:Rating="4"/></rdf:RDF></x:xmpmeta>"""

EVERY = {
    "cr2": cr2,
    "cr3": cr3,
    "nef": nef,
    "arw": arw,
    "dng": dng,
    "orf": orf,
    "raf": raf,
    "rw2": rw2,
}
