"""Files that attack decoders: damage by dice, and bombs of pixels, frames and metadata.

Run as a program it decodes every file of a folder and prints what became of each, so that a decoder
that crashes ends this process and not the tests.
"""

from __future__ import annotations

import contextlib
import faulthandler
import io
import json
import random
import struct
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from PIL import Image, ImageCms

from crispd.errors import PhotoError
from crispd.images.decode import decode_photo
from crispd.images.thumbnails import make_thumbnail
from crispd.types import DecodeLimits, ImageInput
from tests.images import raws
from tests.images.test_decode import encoded, scene

LIMITS = DecodeLimits(max_pixels=100_000_000, max_bytes=2**29)


def seeds() -> dict[str, bytes]:
    """Small whole files of every kind, with metadata to be damaged."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "Canon", 6
    exif.get_ifd(0x8769).update({0x9003: raws.TAKEN})
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 36.0)})
    icc = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    more = {"exif": exif, "icc_profile": icc}
    picture = scene(96, 64)

    def several(format_: str) -> bytes:
        return encoded(scene(96, 64), format_, save_all=True, append_images=[scene(96, 64)] * 3)

    found = {
        "baseline.jpg": encoded(picture, "JPEG", **more),
        "progressive.jpg": encoded(picture, "JPEG", progressive=True, **more),
        "inks.jpg": encoded(picture.convert("CMYK"), "JPEG"),
        "stereo.jpg": several("MPO"),
        "plain.png": encoded(picture, "PNG", **more),
        "palette.png": encoded(picture.convert("P"), "PNG"),
        "alpha.png": encoded(picture.convert("RGBA"), "PNG"),
        "animated.png": several("PNG"),
        "plain.bmp": encoded(picture.convert("P"), "BMP"),
        "animated.gif": several("GIF"),
        "lossy.webp": encoded(picture, "WEBP", **more),
        "lossless.webp": encoded(picture, "WEBP", lossless=True),
        "animated.webp": several("WEBP"),
        "plain.heic": encoded(picture, "HEIF", **more),
        "alpha.heic": encoded(picture.convert("RGBA"), "HEIF"),
        "several.heic": several("HEIF"),
        "plain.avif": encoded(picture, "AVIF", **more),
        "animated.avif": several("AVIF"),
        "pages.tif": several("TIFF"),
    }
    for compression in ("tiff_lzw", "tiff_deflate", "jpeg", "packbits", "zstd", "lzma"):
        found[f"{compression}.tif"] = encoded(picture, "TIFF", compression=compression)
    found["fax.tif"] = encoded(picture.convert("1"), "TIFF", compression="group4")
    found["inks.tif"] = encoded(picture.convert("CMYK"), "TIFF", icc_profile=icc)
    return found | {f"camera.{type_}": make() for type_, make in raws.EVERY.items()}


def damaged(data: bytes, dice: random.Random) -> bytes:
    """A few bytes turned, overwritten, doubled, left out or cut off; mostly near the beginning."""
    made = bytearray(data)
    for _ in range(dice.randint(1, 6)):
        reach = min(len(made), dice.choice((64, 700, 4000, len(made))))
        place = dice.randrange(max(reach, 1))
        match dice.randint(0, 6):
            case 0 | 1:
                made[place : place + 1] = bytes((dice.randrange(256),))
            case 2:
                made[place : place + 1] = bytes((made[place] ^ 1 << dice.randrange(8),))
            case 3:
                length = dice.choice((2, 4, 8))
                made[place : place + length] = dice.choice((b"\xff", b"\0", b"\x7f")) * length
            case 4:
                made[place:place] = made[place : place + dice.randint(1, 64)]
            case 5:
                del made[place : place + dice.randint(1, 16)]
            case 6 if dice.random() < 0.3:
                del made[place:]
        if not made:
            return b"\0"
    return bytes(made)


def chunk(kind: bytes, body: bytes) -> bytes:
    """A chunk of a PNG."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, *extra: bytes, bits: int = 8, colour: int = 2) -> bytes:
    """A PNG of one colour."""
    line = b"\0" + bytes((width * bits * {0: 1, 2: 3, 6: 4}[colour] + 7) // 8)
    packer, rows = zlib.compressobj(9), []
    for _ in range(height):
        rows.append(packer.compress(line))
    rows.append(packer.flush())
    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    body = chunk(b"IHDR", header) + b"".join(extra) + chunk(b"IDAT", b"".join(rows))
    return b"\x89PNG\r\n\x1a\n" + body + chunk(b"IEND", b"")


def in_jpeg(*segments: bytes) -> bytes:
    """A JPEG with segments before its own."""
    whole = encoded(scene(96, 64), "JPEG")
    return whole[:2] + b"".join(segments) + whole[2:]


def segment(kind: int, body: bytes) -> bytes:
    """A segment of a JPEG."""
    return bytes((0xFF, kind)) + struct.pack(">H", len(body) + 2) + body


def resized(jpeg: bytes, width: int, height: int) -> bytes:
    """A JPEG that says it is larger."""
    at = max(jpeg.find(b"\xff\xc0"), jpeg.find(b"\xff\xc2"))
    return jpeg[: at + 5] + struct.pack(">HH", height, width) + jpeg[at + 9 :]


def many_scans(scans: int) -> bytes:
    """A progressive JPEG that goes over the same band of a large picture again and again."""
    whole = resized(encoded(scene(96, 64), "JPEG", progressive=True), 9000, 9000)
    first = whole.index(b"\xff\xda")
    second = whole.index(b"\xff\xda", first + 2)
    return whole[:second] + whole[first:second] * scans + b"\xff\xd9"


def tiff_table(count: int, kind: int, tag: int = 273) -> bytes:
    """A TIFF with a table of so many numbers."""
    tags = [(256, 4, 1, 10), (257, 4, 1, count), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1)]
    tags += [(273, 4, 1, 8), (278, 4, 1, 1), (279, 4, 1, 10)]
    tags = sorted([each for each in tags if each[0] != tag] + [(tag, kind, count, 200)])
    entries = b"".join(struct.pack("<HHII", *each) for each in tags)
    head = b"II*\0\x08\0\0\0" + struct.pack("<H", len(tags)) + entries + bytes(4)
    return head.ljust(200, b"\0") + bytes(count * {4: 4, 5: 8}[kind])


def overlapping_exif() -> bytes:
    """Five thousand tags that all point at the same 60 kB."""
    entries = b"".join(struct.pack("<HHII", 0x9000 + n, 7, 60_000, 8) for n in range(5000))
    return b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<H", 5000) + entries + bytes(4)


def many_pages(pages: int) -> bytes:
    """A TIFF with a long chain of directories."""
    whole = encoded(scene(16, 16), "TIFF")
    at = len(whole)
    chain = b"".join(
        struct.pack("<HHHIII", 1, 254, 4, 1, 0, at + 18 * (number + 1)) for number in range(pages)
    )
    [first] = struct.unpack_from("<I", whole, 4)
    [entries] = struct.unpack_from("<H", whole, first)
    link = first + 2 + 12 * entries
    return whole[:link] + struct.pack("<I", at) + whole[link + 4 :] + chain


def gif(width: int, height: int, *blocks: bytes) -> bytes:
    """A GIF whose frame has the size of its screen and hardly any data."""
    head = b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + bytes(3) + b"\xff" * 3
    control = b"!\xf9\x04\x08\0\0\0\0"  # to be cleared to the background
    frame = b"," + struct.pack("<HHHHB", 0, 0, width, height, 0) + b"\x02\x02\x44\x01\0"
    return head + b"".join(blocks) + (control + frame) * 2 + b";"


def webp(width: int, height: int) -> bytes:
    """A WebP with a canvas of that size and a tiny frame."""
    inside = encoded(scene(16, 16), "WEBP")[12:]
    canvas = bytes(4) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBP" + b"VP8X" + struct.pack("<I", 10) + canvas + inside
    return b"RIFF" + struct.pack("<I", len(body)) + body


def many_frames(format_: str, frames: int) -> bytes:
    """An animation of tiny frames."""
    pictures = [Image.new("RGB", (8, 8), (n % 256, n // 256, 0)) for n in range(frames)]
    return encoded(pictures[0], format_, save_all=True, append_images=pictures[1:])


BOMBS: dict[str, Callable[[], bytes]] = {
    "pixels.png": lambda: png(30_000, 30_000, bits=1, colour=0),
    "pixels-under-the-limit.png": lambda: png(9_990, 9_990, bits=8, colour=6),
    "pixels.jpg": lambda: resized(encoded(scene(), "JPEG"), 65_500, 65_500),
    "pixels-progressive.jpg": lambda: resized(
        encoded(scene(), "JPEG", progressive=True), 65_500, 65_500
    ),
    "pixels.gif": lambda: gif(65_535, 65_535),
    "pixels-under-the-limit.gif": lambda: gif(9_990, 9_990),
    "pixels.webp": lambda: webp(16_383, 16_383),
    "pixels.tif": lambda: b"".join(
        (b"II*\0\x08\0\0\0\x08\0",
         *(struct.pack("<HHII", *tag) for tag in ((256, 4, 1, 2**31), (257, 4, 1, 2**31),
           (258, 3, 1, 8), (259, 3, 1, 5), (262, 3, 1, 1), (273, 4, 1, 8), (278, 4, 1, 2**31),
           (279, 4, 1, 100))), bytes(104)),
    ),
    "pixels.bmp": lambda: b"BM" + struct.pack(
        "<IIIIiiHHIIiiII", 1000, 0, 54, 40, 2**30, 2**30, 1, 24, 0, 0, 0, 0, 0, 0
    ),
    "scans.jpg": lambda: many_scans(3000),
    "segments.jpg": lambda: in_jpeg(segment(0xFE, b"") * 5_000_000),
    "fill.jpg": lambda: in_jpeg(b"\xff" * 20_000_000),
    "junk.jpg": lambda: in_jpeg(b"\xff\0" * 10_000_000),
    "exif-in-pieces.jpg": lambda: in_jpeg(
        segment(0xE1, b"Exif\0\0II*\0\x08\0\0\0" + bytes(65_000)) * 1500
    ),
    "exif-overlapping.jpg": lambda: in_jpeg(segment(0xE1, overlapping_exif())),
    "exif.webp": lambda: encoded(scene(), "WEBP", exif=b"Exif\0\0II*\0" + b"\x08" + bytes(9**7)),
    "profile.jpg": lambda: in_jpeg(
        *(segment(0xE2, b"ICC_PROFILE\0" + bytes((n, 255)) + bytes(65_000)) for n in range(1, 256))
    ),
    "xmp.jpg": lambda: in_jpeg(segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + b"<a>" * 20_000)),
    "text.png": lambda: png(96, 64, chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(10**8), 9))),
    "texts.png": lambda: png(
        96, 64, *[chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(10**6), 9))] * 300
    ),
    "profile.png": lambda: png(96, 64, chunk(b"iCCP", b"a\0\0" + zlib.compress(bytes(10**8), 9))),
    "chunks.png": lambda: png(96, 64, chunk(b"tEXt", b"a\0b") * 1_000_000),
    "comments.gif": lambda: gif(16, 16, b"!\xfe" + (b"\xff" + bytes(255)) * 200_000 + b"\0"),
    "frames.gif": lambda: many_frames("GIF", 800),
    "frames.webp": lambda: many_frames("WEBP", 800),
    "frames.png": lambda: many_frames("PNG", 800),
    "frames.avif": lambda: many_frames("AVIF", 60),
    "pages.tif": lambda: many_pages(60_000),
    "strips.tif": lambda: tiff_table(8_000_000, 4),
    "fractions.tif": lambda: tiff_table(3_000_000, 5, tag=282),
}  # fmt: skip


def peak_mb() -> int:
    """Peak of this program's memory; that of ``getrusage`` begins with what its parent had."""
    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    return int(status.split("VmHWM:")[1].split()[0]) // 1024


def outcomes(folder: Path) -> Iterator[dict[str, object]]:
    """What becomes of each file: indexed, refused with a code, or worse."""
    for path in sorted(folder.iterdir()):
        print(json.dumps({"begun": path.name}), flush=True)
        data, started = path.read_bytes(), time.process_time()
        try:
            decode_photo(data, ImageInput(64), LIMITS, thumbnails=(96, 480, 1280))
            what = "indexed"
        except PhotoError as error:
            what = error.code
        with contextlib.suppress(PhotoError):
            make_thumbnail(data, 64, LIMITS)
        peak = peak_mb()
        seconds = round(time.process_time() - started, 2)
        yield {"name": path.name, "what": what, "seconds": seconds, "peak_mb": peak}


if __name__ == "__main__":
    faulthandler.enable()
    encoded(scene(), "HEIF")  # what decoders need once is not counted as a file's
    with Image.open(io.BytesIO(encoded(scene(), "AVIF"))) as first:
        first.load()
    for outcome in outcomes(Path(sys.argv[1])):
        print(json.dumps(outcome), flush=True)
