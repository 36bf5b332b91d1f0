"""Colour profiles where they change what is seen, and nowhere else."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
from PIL import Image, ImageCms

from crispd.images import colour_profiles
from crispd.images.thumbnails import make_thumbnail
from tests.images.test_decode import LIMITS, WANTED, corners, decode, encoded, scene

# Columns of a matrix profile: red, green and blue in XYZ under D50 (as in the profiles themselves).
SRGB = ((0.4361, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141))
DISPLAY_P3 = ((0.5151, 0.2412, -0.0011), (0.2919, 0.6922, 0.0419), (0.1572, 0.0666, 0.7841))
ADOBE_RGB = ((0.6097, 0.3111, 0.0195), (0.2053, 0.6257, 0.0609), (0.1492, 0.0632, 0.7446))


def xyz(values: tuple[float, ...]) -> bytes:
    return b"XYZ \0\0\0\0" + b"".join(struct.pack(">i", round(v * 65536)) for v in values)


def gamma(value: float) -> bytes:
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(value * 256)) + b"\0\0"


def profile(
    columns: tuple[tuple[float, ...], ...] = (), exponent: float = 2.2, space: bytes = b"RGB "
) -> bytes:
    """A display profile of ICC version 2, of a matrix and curves or, for grey, of one curve."""
    tags = {b"wtpt": xyz((0.9642, 1.0, 0.8249))}
    if columns:
        names = (b"rXYZ", b"gXYZ", b"bXYZ")
        tags |= {name: xyz(column) for name, column in zip(names, columns, strict=True)}
        tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), gamma(exponent))
    else:
        tags[b"kTRC"] = gamma(exponent)
    table, body = struct.pack(">I", len(tags)), b""
    start = 128 + 4 + 12 * len(tags)
    for name, data in tags.items():
        table += name + struct.pack(">II", start + len(body), len(data))
        body += data
    size = start + len(body)
    header = struct.pack(">I4sI4s4s4s", size, b"\0" * 4, 0x02400000, b"mntr", space, b"XYZ ")
    header += b"\0" * 12 + b"acsp" + b"\0" * 28
    header += struct.pack(">iii", 63190, 65536, 54061)
    return header.ljust(128, b"\0") + table + body


def top_left(data: bytes) -> np.ndarray:
    quarter = WANTED.size // 4
    return decode(data).pixels[quarter, quarter].astype(int)


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "TIFF", "WEBP", "HEIF", "AVIF"])
@pytest.mark.parametrize("columns", [DISPLAY_P3, ADOBE_RGB])
def test_wide_colours_become_srgb(format_: str, columns: tuple[tuple[float, ...], ...]) -> None:
    flat = Image.new("RGB", (128, 128), (180, 90, 60))
    plain = top_left(encoded(flat, format_, quality=95))
    wide = top_left(encoded(flat, format_, quality=95, icc_profile=profile(columns)))
    assert wide[0] > plain[0] + 5  # a red of a wide space is more than the same numbers in sRGB
    expected = ImageCms.profileToProfile(
        flat,
        ImageCms.ImageCmsProfile(io.BytesIO(profile(columns))),
        ImageCms.createProfile("sRGB"),
        outputMode="RGB",
    )
    assert expected is not None
    assert np.abs(wide - np.asarray(expected)[0, 0]).max() <= 4


def test_the_thumbnail_is_srgb_and_says_nothing_else() -> None:
    wide = encoded(
        Image.new("RGB", (128, 128), (180, 90, 60)), "PNG", icc_profile=profile(ADOBE_RGB)
    )
    for jpeg in (decode(wide).thumbnails[0].jpeg, make_thumbnail(wide, 64, LIMITS)):
        with Image.open(io.BytesIO(jpeg)) as image:
            assert "icc_profile" not in image.info
            red = image.getpixel((20, 20))
            assert isinstance(red, tuple)
            assert red[0] > 190


def test_srgb_by_any_name_changes_nothing() -> None:
    built_in = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 255, (99, 99, 3), np.uint8))
    plain = decode(encoded(noise, "PNG")).pixels
    assert (decode(encoded(noise, "PNG", icc_profile=built_in)).pixels == plain).all()
    assert colour_profiles._transform(built_in, "RGB") is None


def test_grey_and_cmyk() -> None:
    grey = Image.new("L", (128, 128), 100)
    dark = top_left(encoded(grey, "PNG", icc_profile=profile(exponent=3.0, space=b"GRAY")))
    assert dark.max() < 75
    assert len(set(dark)) == 1
    press = scene().convert("CMYK")  # a profile of other pixels than these
    assert corners(decode(encoded(press, "JPEG", icc_profile=profile(DISPLAY_P3))))[0] == "red"


def test_a_palette_and_transparency_have_profiles_too() -> None:
    flat = Image.new("RGB", (128, 128), (180, 90, 60))
    icc = profile(ADOBE_RGB)
    wide = top_left(encoded(flat, "PNG", icc_profile=icc))
    for image in (flat.convert("P", palette=Image.Palette.ADAPTIVE), flat.convert("RGBA")):
        assert np.abs(top_left(encoded(image, "PNG", icc_profile=icc)) - wide).max() <= 2


@pytest.mark.parametrize(
    "broken",
    [
        b"no profile",
        b"\0" * 200,
        profile(DISPLAY_P3)[:140],
        profile(DISPLAY_P3)[:300],
        profile(space=b"GRAY"),
        profile(DISPLAY_P3) + b"\0" * (5 * 2**20),
    ],
)
def test_a_profile_that_is_none_is_ignored(broken: bytes) -> None:
    plain = decode(encoded(scene(), "TIFF")).pixels
    assert (decode(encoded(scene(), "TIFF", icc_profile=broken)).pixels == plain).all()


def test_a_large_picture_is_scaled_down_before_its_colours_are_changed() -> None:
    large = Image.new("RGB", (3000, 2000), (180, 90, 60))
    small = colour_profiles.as_srgb(large, profile(ADOBE_RGB), 64, 96)
    assert 3 * 96 <= max(small.size) <= 600
    assert min(small.size) >= 3 * 64
    assert colour_profiles.as_srgb(large, b"", 64, 96) is large
