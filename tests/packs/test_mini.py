"""The pack that ships."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from tests.packs import golden

if TYPE_CHECKING:
    from crispd.packs.pack import Pack

ALBUM = Path(__file__).parents[2] / "crispd" / "sample_album"
DOGS = "two_dogs_window"
TOLERANCE = 1e-3


@pytest.fixture(scope="module")
def mini() -> Pack:
    return golden.load()


def test_vectors_are_those_the_pack_was_made_with(mini: Pack) -> None:
    wanted = json.loads(golden.FILE.read_text(encoding="utf-8"))
    assert (wanted.pop("pack"), wanted.pop("files")) == (mini.id, golden.files_of(mini)), (
        "the pack has changed: run `python -m tests.packs.golden` and look at what it changes"
    )
    found = golden.compute(mini)
    assert found.keys() == wanted.keys()
    for name, values in wanted.items():
        difference = np.abs(np.array(found[name]) - np.array(values))
        # Fine scores are sums over words and reach tens; the others are at most 1.
        allowed = TOLERANCE * np.maximum(1, np.abs(np.array(values)))
        assert (difference <= allowed).all(), f"{name}: off by {difference.max():.2g}"


def test_texts_of_every_kind(mini: Pack) -> None:
    for text in ("", "\0", "\ud800", "\u200b", "狗", "dog " * 2500):
        encoded = mini.text_encoder.encode(text)
        assert np.isfinite(encoded.embedding).all()
        assert encoded.cut == (len(text) > 100)


def test_words_are_told_apart_on_the_sample_album(mini: Pack) -> None:
    paths = sorted(ALBUM.rglob("*.jpg"))
    assert paths, f"there are no photos in {ALBUM}"
    size = (mini.image_input.size, mini.image_input.size)
    photos = np.stack(
        [np.asarray(_open(path).resize(size, Image.Resampling.BICUBIC)) for path in paths]
    )
    vectors = np.stack([photo.embedding for photo in mini.image_encoder.encode(photos)])
    dog, car = (mini.text_encoder.encode(text).embedding for text in ("a dog", "a car"))
    by_dog = [paths[place].stem for place in np.argsort(-vectors @ dog)]
    by_car = [paths[place].stem for place in np.argsort(-vectors @ car)]
    assert by_dog != by_car
    # The album has dogs and no car: the dogs' place is what the word must change.
    assert by_dog.index(DOGS) < by_car.index(DOGS)


def _open(path: Path) -> Image.Image:
    with Image.open(path) as image:
        return image.convert("RGB")
