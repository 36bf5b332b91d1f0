"""Different pages are told apart, and one picture is known again whatever was done to it."""

from __future__ import annotations

import io
from functools import lru_cache
from itertools import combinations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont

from crispd.images.comparison.agreement import READING, SCENE, is_page, same_page, same_scene
from crispd.images.comparison.greyscale import extremes, to_greyscale
from tests.e2e.server import ALBUM
from tests.images.documents import KINDS, pages

PHOTOS = ("rocket", "raccoon", "astronaut", "coffee_cup", "temple_in_china", "forest_stream")


def jpeg(image: Image.Image, quality: int = 88) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()


grey = lru_cache(maxsize=8)(to_greyscale)


def agree(one: bytes, other: bytes) -> bool:
    """As duplicates are decided."""
    first, second = grey(one, SCENE), grey(other, SCENE)
    if not same_scene(first, second):
        return False
    if not (is_page(first) or is_page(second)):
        return True
    return same_page(grey(one, READING), grey(other, READING))


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_pages_of_one_template_are_different(kind: str) -> None:
    made = [jpeg(page) for page in pages(kind, 3)]
    assert all(is_page(grey(page, SCENE)) for page in made)
    assert not any(agree(one, other) for one, other in combinations(made, 2))


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_page_saved_again_is_the_same(kind: str) -> None:
    page = pages(kind, 1, seed=5)[0]
    whole = jpeg(page)
    assert agree(whole, jpeg(page, 40))
    smaller = page.resize((page.width * 3 // 4, page.height * 3 // 4), Image.Resampling.LANCZOS)
    assert agree(whole, jpeg(smaller, 80))


def test_a_single_digit_is_read() -> None:
    page = pages("invoice", 1)[0]
    other = page.copy()
    draw = ImageDraw.Draw(other)
    draw.rectangle((1000, 560, 1170, 592), fill="white")
    one = page.copy()
    ImageDraw.Draw(one).rectangle((1000, 560, 1170, 592), fill="white")
    ImageDraw.Draw(one).text((1000, 560), "128.50", fill="black", font=ImageFont.load_default(26))
    draw.text((1000, 560), "123.50", fill="black", font=ImageFont.load_default(26))
    assert not agree(jpeg(one), jpeg(other))


@pytest.mark.parametrize("name", PHOTOS)
def test_photos_are_known_again(name: str) -> None:
    with Image.open(ALBUM / f"{name}.jpg") as image:
        photo = image.convert("RGB")
    width, height = photo.size
    whole = jpeg(photo)
    versions = {
        "quality": jpeg(photo, 30),
        "half": jpeg(photo.resize((width // 2, height // 2))),
        "corner": jpeg(photo.crop((width // 10, height // 10, width, height))),
        "middle": jpeg(photo.crop((width // 20, height // 20, width * 19 // 20, height))),
        "bright": jpeg(ImageEnhance.Brightness(photo).enhance(1.3)),
        "turned": jpeg(photo.rotate(1.5, Image.Resampling.BICUBIC).crop(
            (width // 25, height // 25, width * 24 // 25, height * 24 // 25)
        )),
    }  # fmt: skip
    assert {key for key, version in versions.items() if not agree(whole, version)} == set()


def test_different_photos_are_different() -> None:
    made = [to_greyscale((ALBUM / f"{name}.jpg").read_bytes(), SCENE) for name in PHOTOS]
    assert not any(same_scene(one, other) for one, other in combinations(made, 2))


@pytest.mark.parametrize("size", [(1, 1), (2, 300), (320, 5), (40, 40)])
def test_pictures_without_anything_in_them(size: tuple[int, int]) -> None:
    flat = np.full(size, 7, np.float32)
    noise = np.random.default_rng(1).uniform(0, 255, size).astype(np.float32)
    for one in (flat, noise):
        for other in (flat, noise, np.full((30, 30), 200, np.float32)):
            assert same_scene(one, other) in (True, False)
            assert same_page(one, other) in (True, False)
            assert is_page(one) in (True, False)


@pytest.mark.parametrize("size", [(1, 1), (3, 40), (90, 61)])
def test_extremes_are_those_of_pillow(size: tuple[int, int]) -> None:
    noise = np.random.default_rng(1).integers(0, 256, size, np.uint8)
    for choose, filter_ in (
        (np.maximum, ImageFilter.MaxFilter(15)), (np.minimum, ImageFilter.MinFilter(15)),
    ):  # fmt: skip
        expected = np.asarray(Image.fromarray(noise).filter(filter_))
        assert np.array_equal(extremes(noise, 15, choose), expected)
