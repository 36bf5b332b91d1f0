"""What photos say of themselves, written by real encoders and by damaged ones."""

from __future__ import annotations

import io
import struct
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from crispd.images import exif
from crispd.images.opening import read_metadata
from crispd.images.xmp import NOTHING, read_xmp
from crispd.types import PhotoMetadata, Place, Taken

XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF
 xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""
 xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:exif="http://ns.adobe.com/exif/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmp:Rating="4"
 exif:GPSLatitude="54,19.2N" exif:GPSLongitude="10,8,30W">
 <exif:DateTimeOriginal>2019-05-04T18:30:15.250+02:00</exif:DateTimeOriginal>
 <dc:subject><rdf:Bag><rdf:li>Strand</rdf:li><rdf:li>Lena &amp; Tom</rdf:li></rdf:Bag></dc:subject>
</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>""".encode()
SAID = (Taken("2019-05-04T18:30:15+02:00", "xmp"), Place(54.32, -10.1416667), 4)
FORMATS = ["JPEG", "PNG", "WEBP", "TIFF", "HEIF", "AVIF"]


def saved(format_: str, **options: object) -> PhotoMetadata:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), "teal").save(out, format_, **options)
    return read_metadata(out.getvalue())


def with_xmp(format_: str, packet: bytes) -> PhotoMetadata:
    if format_ == "TIFF":
        return saved(format_, tiffinfo={700: packet})
    if format_ == "PNG":
        from PIL.PngImagePlugin import PngInfo

        info = PngInfo()
        info.add_itxt("XML:com.adobe.xmp", packet.decode())
        return saved(format_, pnginfo=info)
    return saved(format_, xmp=packet)


@pytest.mark.parametrize("format_", FORMATS)
def test_xmp_of_every_format(format_: str) -> None:
    found = with_xmp(format_, XMP)
    assert (found.taken, found.place, found.rating) == SAID
    assert found.keywords == ("Strand", "Lena & Tom")


def a_full_exif() -> Image.Exif:
    block = Image.Exif()
    block[0x4746], block[0x9C9E] = 3, "Hund;Meer;hund".encode("utf-16-le") + b"\0\0"
    block.get_ifd(0x8769).update({0x9003: "2021:07:03 10:12:00", 0xA434: "RF 24-105mm F4"})
    block.get_ifd(0x8825).update(
        {
            1: "S",
            2: (Fraction(33), Fraction(51), Fraction(3120, 100)),
            3: "E",
            4: (151, 12, 40.5),
            5: b"\x01",
            6: Fraction(25, 2),
        }
    )
    return block


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_exif_of_every_format(format_: str) -> None:
    found = saved(format_, exif=a_full_exif())
    assert found.taken == Taken("2021-07-03T10:12:00", "exif")
    assert found.lens == "RF 24-105mm F4"
    assert found.place == Place(-33.8586667, 151.2112500, -12.5)
    assert (found.rating, found.keywords) == (3, ("Hund", "Meer"))


def test_the_camera_goes_first_for_the_time_and_the_editor_for_the_rating() -> None:
    found = saved("JPEG", exif=a_full_exif(), xmp=XMP)
    assert found.taken == Taken("2021-07-03T10:12:00", "exif")
    assert found.place == Place(-33.8586667, 151.2112500, -12.5)
    assert found.rating == 4
    assert found.keywords == ("Strand", "Lena & Tom", "Hund", "Meer")


@pytest.mark.parametrize(
    ("charset", "value", "word"),
    [
        (b"\x1b%G", "Küche".encode(), "Küche"),
        (None, "Küche".encode(), "Küche"),
        (None, "Küche".encode("latin-1"), "Küche"),
    ],
)
def test_iptc_keywords(charset: bytes | None, value: bytes, word: str) -> None:
    def record(section: int, number: int, body: bytes) -> bytes:
        return struct.pack(">BBBH", 0x1C, section, number, len(body)) + body

    block = record(1, 90, charset) if charset else b""
    block += record(2, 25, b"Haus") + record(2, 25, value)
    resource = (
        b"8BIM\x04\x04\0\0" + struct.pack(">I", len(block)) + block + b"\0" * (len(block) % 2)
    )
    segment = b"Photoshop 3.0\0" + resource
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "JPEG")
    data = out.getvalue()
    app13 = b"\xff\xed" + struct.pack(">H", len(segment) + 2) + segment
    assert read_metadata(data[:2] + app13 + data[2:]).keywords == ("Haus", word)


@pytest.mark.parametrize(
    "gps",
    [
        {1: "N", 2: (0, 0, 0), 3: "E", 4: (0, 0, 0)},  # a camera without a fix
        {1: "N", 2: (91, 0, 0), 3: "E", 4: (10, 0, 0)},
        {1: "N", 2: (10, 0, 0), 3: "E", 4: (181, 0, 0)},
        {1: "N", 2: (float("nan"), 0, 0), 3: "E", 4: (10, 0, 0)},
        {1: "N", 2: (), 3: "E", 4: (10, 0, 0)},
        {1: "N", 2: "x", 3: "E", 4: 7},
        {1: "N", 2: (10, -5, 0), 3: "E", 4: (10, 0, 0)},
        {},
    ],
)
def test_places_that_are_none(gps: dict[int, object]) -> None:
    assert exif.place(gps) is None


@pytest.mark.parametrize("rating", [0, 6, -2, "5", None, 4.0])
def test_ratings_that_are_none(rating: object) -> None:
    assert exif.rating({0x4746: rating}) is None


@pytest.mark.parametrize(
    "packet",
    [
        b"",
        b"<",
        b"no xml at all",
        XMP[:300],
        XMP.replace(b"54,19.2N", b"99,19.2N").replace(b'4"', b'nan"').replace(b"2019-", b"2019:"),
        b'<!DOCTYPE a [<!ENTITY b "c">]><a xmlns="d">&b;</a>',
        b"<a/>" + b" " * 5_000_000 + b"<b/>",
    ],
)
def test_packets_that_say_nothing(packet: bytes) -> None:
    found = read_xmp(packet)
    assert (found.taken, found.place, found.rating) == (None, None, None)


def test_entities_are_not_expanded() -> None:
    lines = [f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 9)]
    bomb = f'<!DOCTYPE x [<!ENTITY a0 "ha">{"".join(lines)}]><x>&a8;</x>'.encode()
    assert read_xmp(bomb) == NOTHING


@given(st.binary(max_size=300) | st.binary(max_size=40).map(lambda noise: XMP[:400] + noise))
def test_no_packet_fails_a_photo(packet: bytes) -> None:
    found = saved("JPEG", xmp=packet)
    assert (found.width, found.height) == (64, 48)


@given(st.binary(max_size=120))
def test_no_exif_fails_a_photo(noise: bytes) -> None:
    whole = a_full_exif().tobytes()
    found = saved("JPEG", exif=whole[:40] + noise + whole[40 + len(noise) :])
    assert (found.type, found.width) == ("jpeg", 64)
