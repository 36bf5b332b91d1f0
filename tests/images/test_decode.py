"""Real pictures of every kind, and pictures that are none."""

from __future__ import annotations

import contextlib
import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from crispd.errors import PhotoError, PhotoTooLarge, PhotoUnreadable, PhotoUnsupported
from crispd.images.decode import colourfulness, decode_photo
from crispd.images.formats import register_decoders
from crispd.images.opening import read_metadata, request_draft
from crispd.images.thumbnails import make_thumbnail, resize_jpeg
from crispd.types import CaptureTime, DecodedPhoto, DecodeLimits, ImageInput
from tests.properties import examples

LIMITS = DecodeLimits(max_pixels=50_000_000, max_bytes=2**28)
WANTED = ImageInput(64)
FORMATS = ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "HEIF", "AVIF"]


def scene(width: int = 320, height: int = 200) -> Image.Image:
    """Four quarters of different colours: red, green / blue, white."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[: height // 2, : width // 2] = (220, 20, 20)
    pixels[: height // 2, width // 2 :] = (20, 200, 20)
    pixels[height // 2 :, : width // 2] = (20, 20, 220)
    pixels[height // 2 :, width // 2 :] = (240, 240, 240)
    return Image.fromarray(pixels)


def encoded(image: Image.Image, format_: str, **options: object) -> bytes:
    register_decoders()
    out = io.BytesIO()
    image.save(out, format_, **options)
    return out.getvalue()


def decode(data: bytes, limits: DecodeLimits = LIMITS) -> DecodedPhoto:
    return decode_photo(data, WANTED, limits, thumbnails=(96,))


def corners(photo: DecodedPhoto) -> list[str]:
    """Colour names of the four quarters: top left, top right, bottom left, bottom right."""
    names = {"red": (220, 20, 20), "green": (20, 200, 20), "blue": (20, 20, 220)}
    names["white"] = (240, 240, 240)
    quarter = WANTED.size // 4
    found = []
    for row in (quarter, 3 * quarter):
        for column in (quarter, 3 * quarter):
            pixel = photo.pixels[row, column].astype(int)
            found.append(min(names, key=lambda n: np.abs(pixel - names[n]).sum()))
    return found


@pytest.mark.parametrize("format_", FORMATS)
def test_every_format(format_: str) -> None:
    photo = decode(encoded(scene(), format_))
    assert photo.pixels.shape == (64, 64, 3)
    assert photo.pixels.dtype == np.uint8
    assert corners(photo) == ["red", "green", "blue", "white"]
    assert (photo.metadata.width, photo.metadata.height) == (320, 200)
    assert photo.metadata.type == {"HEIF": "heic"}.get(format_, format_.lower())
    with Image.open(io.BytesIO(photo.thumbnails[0].jpeg)) as thumbnail:
        assert (thumbnail.format, thumbnail.size) == ("JPEG", (96, 60))


EXPECTED = {
    1: ["red", "green", "blue", "white"],
    2: ["green", "red", "white", "blue"],
    3: ["white", "blue", "green", "red"],
    4: ["blue", "white", "red", "green"],
    5: ["red", "blue", "green", "white"],
    6: ["blue", "red", "white", "green"],
    7: ["white", "green", "blue", "red"],
    8: ["green", "white", "red", "blue"],
}


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_orientation_is_honoured(orientation: int, format_: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded(scene(), format_, exif=exif)
    photo = decode(data)
    assert corners(photo) == EXPECTED[orientation]
    assert read_metadata(data) == photo.metadata
    sideways = orientation >= 5
    assert (photo.metadata.width, photo.metadata.height) == ((200, 320) if sideways else (320, 200))


def test_metadata() -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "Canon\0", "Canon EOS 90D"
    exif.get_ifd(0x8769).update({0x9003: "2021:07:03 10:12:00", 0x9011: "+02:00"})
    photo = decode(encoded(scene(), "JPEG", exif=exif))
    assert photo.metadata.capture_time == CaptureTime("2021-07-03T10:12:00+02:00", "exif")
    assert photo.metadata.camera == "Canon EOS 90D"


@pytest.mark.parametrize("moment", ["0000:00:00 00:00:00", "yesterday", "", "2021:13:45 99:00:00"])
def test_a_moment_that_is_none(moment: str) -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = moment
    assert decode(encoded(scene(), "JPEG", exif=exif)).metadata.capture_time is None


def test_modes() -> None:
    palette = scene().convert("P")
    clear = scene().convert("RGBA")
    clear.putalpha(0)
    assert corners(decode(encoded(palette, "PNG"))) == ["red", "green", "blue", "white"]
    assert corners(decode(encoded(scene().convert("CMYK"), "JPEG")))[0] == "red"
    assert decode(encoded(clear, "PNG")).pixels.min() == 255
    assert decode(encoded(scene().convert("1"), "PNG")).pixels.max() == 255
    assert decode(encoded(scene().convert("LA"), "PNG")).pixels.shape == (64, 64, 3)


def test_sixteen_bits_are_scaled_and_not_clipped() -> None:
    ramp = np.linspace(0, 65535, 256, dtype=np.uint16)[None].repeat(64, 0)
    column = decode(encoded(Image.fromarray(ramp), "PNG")).pixels[32, :, 0].astype(int)
    assert abs(int(column[32]) - 128) < 6
    assert (np.diff(column) >= 0).all()


def test_float_tiff() -> None:
    ramp = np.linspace(-3, 5, 256, dtype=np.float32)[None].repeat(64, 0)
    pixels = decode(encoded(Image.fromarray(ramp), "TIFF")).pixels
    assert pixels.min() < 5
    assert pixels.max() > 250


def test_the_first_frame_of_an_animation() -> None:
    frames = [Image.new("RGB", (50, 50), colour) for colour in ("red", "blue")]
    data = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert decode(data).pixels[32, 32, 0] > 200


@pytest.mark.parametrize(
    ("size", "scale"),
    [((4000, 3000), 8), ((1000, 750), 4), ((3000, 600), 8), ((400, 300), 2), ((160, 120), 1)],
)
def test_a_jpeg_is_decoded_to_what_is_just_large_enough(size: tuple[int, int], scale: int) -> None:
    with Image.open(io.BytesIO(encoded(Image.new("RGB", size), "JPEG"))) as image:
        request_draft(image, 64, 200)
        assert image.size == (-(-size[0] // scale), -(-size[1] // scale))
        assert min(image.size) >= min(64, *size)


def test_a_huge_jpeg_fits_when_scaled_and_a_progressive_one_does_not() -> None:
    image = Image.new("RGB", (4000, 3000))
    limits = DecodeLimits(max_pixels=2_000_000, max_bytes=2**28)
    assert decode(encoded(image, "JPEG"), limits).metadata.width == 4000
    with pytest.raises(PhotoTooLarge, match="12 megapixels"):
        decode(encoded(image, "JPEG", progressive=True), limits)


def test_a_bomb_is_refused_by_its_header() -> None:
    def chunk(kind: bytes, body: bytes) -> bytes:
        crc = zlib.crc32(kind + body)
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", crc)

    side = 30_000
    rows = zlib.compress(bytes((side // 8 + 1) * side), 9)
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    bomb = (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )
    with pytest.raises(PhotoTooLarge, match="900 megapixels"):
        decode(bomb)


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "HEIF", "AVIF"])
def test_a_picture_cut_short_is_an_error_and_never_half_grey(format_: str) -> None:
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 255, (300, 400, 3), np.uint8))
    data = encoded(noise, format_)
    with pytest.raises(PhotoError) as caught:
        decode(data[: len(data) * 2 // 3])
    if format_ in {"JPEG", "PNG", "BMP"}:
        assert caught.value.code == "truncated"
        assert "cut short" in str(caught.value)


def test_a_text_file_is_no_picture() -> None:
    with pytest.raises(PhotoUnsupported, match="no picture"):
        decode(b"Dear diary, " * 50)


def test_broken_exif_fails_no_photo() -> None:
    data = encoded(scene(), "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + b"\xff" * 40)
    assert decode(data).metadata.capture_time is None


def test_thumbnails_of_other_sizes() -> None:
    data = encoded(scene(), "PNG")
    large = make_thumbnail(data, 160, LIMITS)
    with Image.open(io.BytesIO(large)) as image:
        assert image.size == (160, 100)
    with Image.open(io.BytesIO(resize_jpeg(large, 40))) as image:
        assert image.size == (40, 25)


WHOLE = {name: encoded(scene(90, 60), name) for name in ("JPEG", "PNG", "GIF", "TIFF", "WEBP")}


@settings(max_examples=examples(150), suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(WHOLE)), st.data())
def test_damage_is_never_more_than_a_photo_error(format_: str, data: st.DataObject) -> None:
    damaged = bytearray(WHOLE[format_])
    for _ in range(data.draw(st.integers(0, 6))):
        place = data.draw(st.integers(0, len(damaged) - 1))
        damaged[place] = data.draw(st.integers(0, 255))
    end = data.draw(st.integers(0, len(damaged)))
    with contextlib.suppress(PhotoError):
        assert decode(bytes(damaged[:end])).pixels.shape == (64, 64, 3)


def test_reasons_are_sentences() -> None:
    with pytest.raises(PhotoUnreadable) as caught:
        decode(WHOLE["JPEG"][: len(WHOLE["JPEG"]) // 2])
    assert "Copy it again" in str(caught.value)


@pytest.mark.parametrize(("quality", "grey"), [(30, True), (90, True), (90, False)])
def test_how_much_colour_a_photo_has(quality: int, grey: bool) -> None:
    image = scene().convert("L").convert("RGB") if grey else scene()
    data = encoded(image, "JPEG", quality=quality)
    found = decode_photo(data, WANTED, LIMITS, thumbnails=(64,)).metadata.colourfulness
    assert found is not None
    assert (found <= 4) is grey
    assert grey or found > 150


def test_colour_is_the_99th_percentile() -> None:
    rng = np.random.default_rng(0)
    for side in (1, 2, 7, 11, 40):
        pixels = rng.integers(0, 200, (side, side, 3)).astype(np.uint8)
        apart = pixels.max(axis=2) - pixels.min(axis=2)
        assert colourfulness(pixels) == int(np.percentile(apart, 99))
