"""What photos say of themselves, written by real encoders and by damaged ones."""

from __future__ import annotations

import io
import struct
import zlib
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from crispd.images.metadata import exif
from crispd.images.metadata.xmp import NOTHING, read_xmp
from crispd.images.opening import read_metadata
from crispd.types import CaptureTime, GeoPosition, PhotoMetadata

XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF
 xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""
 xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:exif="http://ns.adobe.com/exif/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmp:Rating="4"
 exif:GPSLatitude="54,19.2N" exif:GPSLongitude="10,8,30W">
 <exif:DateTimeOriginal>2019-05-04T18:30:15.250+02:00</exif:DateTimeOriginal>
 <dc:subject><rdf:Bag><rdf:li>Strand</rdf:li><rdf:li>Lena &amp; Tom</rdf:li></rdf:Bag></dc:subject>
</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>""".encode()
SAID = (CaptureTime("2019-05-04T18:30:15+02:00", "xmp"), GeoPosition(54.32, -10.1416667), 4)
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
    assert (found.capture_time, found.place, found.rating) == SAID
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
    assert found.capture_time == CaptureTime("2021-07-03T10:12:00", "exif")
    assert found.lens == "RF 24-105mm F4"
    assert found.place == GeoPosition(-33.8586667, 151.2112500, -12.5)
    assert (found.rating, found.keywords) == (3, ("Hund", "Meer"))


def test_the_camera_goes_first_for_the_time_and_the_editor_for_the_rating() -> None:
    found = saved("JPEG", exif=a_full_exif(), xmp=XMP)
    assert found.capture_time == CaptureTime("2021-07-03T10:12:00", "exif")
    assert found.place == GeoPosition(-33.8586667, 151.2112500, -12.5)
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
    assert exif.gps_position(gps) is None


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
        XMP.replace(b"54,19.2N", b"99,19.2N").replace(b'4"', b'nan"').replace(b"2019-", b"x19-"),
        b'<!DOCTYPE a [<!ENTITY b "c">]><a xmlns="d">&b;</a>',
        b"<a/>" + b" " * 5_000_000 + b"<b/>",
    ],
)
def test_packets_that_say_nothing(packet: bytes) -> None:
    found = read_xmp(packet)
    assert (found.capture_time, found.place, found.rating) == (None, None, None)


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


def dated(tags: dict[int, str], details: dict[int, str] | None = None, **gps: object) -> Image.Exif:
    block = Image.Exif()
    for tag, text in tags.items():
        block[tag] = text
    block.get_ifd(0x8769).update(details or {})
    return block


def xmp_with(text: str) -> bytes:
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf='
        '"http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
        'xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" '
        'xmlns:lr="http://ns.adobe.com/lightroom/1.0/" '
        f'xmlns:digiKam="http://www.digikam.org/ns/1.0/">{text}</rdf:Description></rdf:RDF>'
        "</x:xmpmeta>"
    ).encode()


ORIGINAL = "<exif:DateTimeOriginal>1988-12-01T18:53:44</exif:DateTimeOriginal>"
WAS = CaptureTime("1988-12-01T18:53:44", "xmp")


def test_a_change_goes_behind_every_date_of_the_photo() -> None:
    changed = dated({0x0132: "2023:09:16 13:41:12"})
    assert saved("JPEG", exif=changed, xmp=xmp_with(ORIGINAL)).capture_time == WAS
    found = saved("JPEG", exif=changed).capture_time
    assert found is not None
    assert found.kind == "modified"
    digitized = dated({}, {0x9004: "2020:01:01 10:00:00"})
    assert saved("JPEG", exif=digitized, xmp=xmp_with(ORIGINAL)).capture_time == WAS


def test_the_first_block_of_a_tiff_has_dates_as_well() -> None:
    found = saved("TIFF", tiffinfo={0x9003: "2019:01:02 03:04:05"})
    assert found.capture_time == CaptureTime("2019-01-02T03:04:05", "exif")


@pytest.mark.parametrize(
    "packet",
    [
        xmp_with(ORIGINAL)[:-40],
        xmp_with(ORIGINAL) + b"<x:xmpmeta>and a tail",
        xmp_with(ORIGINAL + "<dc:subject>unbound</dc:subject>"),
        xmp_with(ORIGINAL + "<xmp:Label>a\x0bb &nosuch; & c</xmp:Label>"),
        xmp_with(ORIGINAL + "<xmp:Label>\u00fc</xmp:Label>").replace(b"\xc3\xbc", b"\xfc"),
        xmp_with("<xmp:Label>open" + ORIGINAL),
        xmp_with(ORIGINAL).decode().encode("utf-16"),
        xmp_with('<xmp:A b="1" b="2"/>' + ORIGINAL),
    ],
)
def test_packets_that_are_not_well_formed(packet: bytes) -> None:
    assert read_xmp(packet).capture_time == WAS


def test_a_value_that_is_cut_is_none() -> None:
    packet = xmp_with("<xmp:Rating>3</xmp:Rating>" + ORIGINAL)
    found = read_xmp(packet[: packet.index(b"53:44")])
    assert (found.capture_time, found.rating) == (None, 3)


def test_a_packet_that_never_ends_takes_one_pass() -> None:
    parts = (b"<!--", b"<![CDATA[", b"<?", b"<a b='", b"<a ", b"</", b"<a>", b'<a:b c:d="e"/>')
    for part in parts:
        assert (
            read_xmp(xmp_with("&broken")[:-60] + part * (2**17 // len(part))).capture_time is None
        )


def test_xmp_of_a_gif() -> None:
    out = io.BytesIO()
    Image.new("P", (8, 8)).save(out, "GIF")
    data = out.getvalue()
    trailer = b"\x01" + bytes(range(255, -1, -1)) + b"\0"
    block = b"\x21\xff\x0bXMP DataXMP" + xmp_with(ORIGINAL) + trailer
    assert read_metadata(data[:-1] + block + data[-1:]).capture_time == WAS


def png_with(*chunks: tuple[bytes, bytes]) -> PhotoMetadata:
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "PNG")
    data, made = out.getvalue(), b""
    for kind, body in chunks:
        made += struct.pack(">I", len(body)) + kind + body
        made += struct.pack(">I", zlib.crc32(kind + body))
    return read_metadata(data[:-12] + made + data[-12:])  # behind the picture, as many write it


def profile(kind: str, raw: bytes) -> tuple[bytes, bytes]:
    text = f"\n{kind}\n{len(raw):8}\n{raw.hex()}\n".encode()
    return b"zTXt", f"Raw profile type {kind}".encode() + b"\0\0" + zlib.compress(text)


def test_texts_of_a_png() -> None:
    found = png_with((b"tEXt", b"Creation Time\0Fri, 02 Sep 2022 14:28:00 +0200"))
    assert found.capture_time == CaptureTime("2022-09-02T14:28:00+02:00", "png")
    found = png_with((b"tIME", struct.pack(">HBBBBB", 2022, 9, 2, 14, 28, 0)))
    assert found.capture_time == CaptureTime("2022-09-02T14:28:00Z", "png")
    assert found.capture_time.kind == "modified"
    assert png_with((b"tEXt", b"Creation Time\0once upon a time")).capture_time is None


def test_raw_profiles_of_a_png() -> None:
    exif_block = dated({}, {0x9003: "2021:07:03 10:12:00"}).tobytes()
    assert png_with(profile("exif", exif_block)).capture_time == CaptureTime(
        "2021-07-03T10:12:00", "exif"
    )
    assert png_with(profile("APP1", exif_block)).capture_time == CaptureTime(
        "2021-07-03T10:12:00", "exif"
    )
    assert png_with(profile("xmp", xmp_with(ORIGINAL))).capture_time == WAS
    records = b"\x1c\x02\x37\0\x0820210703" + b"\x1c\x02\x3c\0\x0b101200+0200"
    records += b"\x1c\x02\x19\0\x04Haus"
    found = png_with(
        profile("iptc", b"8BIM\x04\x04\0\0" + struct.pack(">I", len(records)) + records)
    )
    assert found.capture_time == CaptureTime("2021-07-03T10:12:00+02:00", "iptc")
    assert found.keywords == ("Haus",)


@pytest.mark.parametrize(
    ("latitude", "longitude"),
    [
        ("-33.8568", "151.2153"), ("33.8568S", "151.2153E"), ("33,51.408S", "151,12.918E"),
        ("33,51,24.48S", "151,12,55.08E"),
    ],
)  # fmt: skip
def test_spellings_of_a_place(latitude: str, longitude: str) -> None:
    found = read_xmp(
        xmp_with(
            f"<exif:GPSLatitude>{latitude}</exif:GPSLatitude>"
            f"<exif:GPSLongitude>{longitude}</exif:GPSLongitude>"
            "<exif:GPSAltitude>3241/10</exif:GPSAltitude>"
        )
    )
    assert found.place == GeoPosition(-33.8568, 151.2153, 324.1)


def test_degrees_with_a_sign() -> None:
    found = exif.gps_position({2: (-33.8568,), 4: 151.2153})
    assert found == GeoPosition(-33.8568, 151.2153)


def test_an_altitude_alone() -> None:
    block = Image.Exif()
    block.get_ifd(0x8825).update({5: b"\0", 6: Fraction(100)})
    found = saved("JPEG", exif=block)
    assert (found.place, found.metres) == (None, 100.0)
    place = (
        "<exif:GPSLatitude>10,30N</exif:GPSLatitude><exif:GPSLongitude>20,30E</exif:GPSLongitude>"
    )
    assert saved("JPEG", exif=block, xmp=xmp_with(place)).place == GeoPosition(10.5, 20.5, 100.0)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<lr:hierarchicalSubject>Places|Europe|Rome</lr:hierarchicalSubject>", {"Rome", "Europe"}),
        (
            "<digiKam:TagsList><rdf:Seq><rdf:li>People/Aunt</rdf:li></rdf:Seq></digiKam:TagsList>",
            {"Aunt", "People"},
        ),
    ],
)
def test_keywords_in_a_tree(text: str, words: set[str]) -> None:
    assert words <= set(read_xmp(xmp_with(text)).keywords)


def test_a_satellite_tells_the_time_where_nothing_else_does() -> None:
    block = Image.Exif()
    block.get_ifd(0x8825).update({7: (14, 28, 0), 29: "2022:09:02"})
    found = saved("JPEG", exif=block).capture_time
    assert found == CaptureTime("2022-09-02T14:28:00Z", "gps")
    assert found.kind == "satellite"
