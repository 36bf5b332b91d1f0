"""Reading of photos with the models of rapidocr."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from crispd.ocr.models import find_ocr_models
from crispd.ocr.reader import OcrReader
from tests.ocr.pages import PAPER, page, pixels

MODELS = find_ocr_models()
pytestmark = pytest.mark.skipif(
    MODELS is None, reason="rapidocr is not installed: pip install --no-deps rapidocr"
)
LINES = ["Invoice No. 4711", "Total EUR 26,43"]


@pytest.fixture(scope="module")
def reader() -> OcrReader:
    assert MODELS is not None
    return OcrReader(MODELS, threads=1)


def said(reader: OcrReader, image: Image.Image) -> list[str]:
    return [line.text for line in reader.read(pixels(image))]


def test_which_letters_are_known(reader: OcrReader) -> None:
    """As docs/photos.md says."""
    known = set(reader._recognizer._characters)
    assert known >= set("äöüßéèêëàâçîïôœùûüÿčďěňřšťůžąćęłńóśźżőűğışñ€£§°東京タワー")
    assert not known & set("жщюбدعשלום한국ไทยहि")


@pytest.mark.parametrize("degrees", [0, 8, 90, 180, 270])
def test_text_is_read_in_every_direction(reader: OcrReader, degrees: int) -> None:
    turned = page(LINES).rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=PAPER)
    assert said(reader, turned) == LINES


def test_a_line_tells_where_it_stands_and_how_sure_it_is(reader: OcrReader) -> None:
    [line] = reader.read(pixels(page(["Rechnung"], at=(240, 160))))
    x, y = line.corners[::2], line.corners[1::2]
    assert min(x) == pytest.approx(0.5, abs=0.03)
    assert 0.7 < max(x) < 0.9
    assert 0.48 < min(y) < 0.55 < max(y) < 0.65
    assert line.corners[0] == pytest.approx(min(x), abs=0.01)
    assert line.corners[1] == pytest.approx(min(y), abs=0.01)
    assert line.confidence > 0.9


@pytest.mark.parametrize(
    ("turn", "begins"), [(0, (0, 0)), (90, (0, 1)), (180, (1, 1)), (270, (1, 0))]
)
def test_corners_begin_where_the_text_does(
    reader: OcrReader, turn: int, begins: tuple[int, int]
) -> None:
    """``begins``: the corner of the photo that the first letter is nearest to."""
    line = page(["A line that fills most of it"], size=(480, 120)).rotate(turn, expand=True)
    [found] = reader.read(pixels(line))
    x, y, right, down = (*found.corners[:2], *found.corners[2:4])
    assert (round(x), round(y)) == begins
    assert (abs(right - x) > 0.5) == (turn % 180 == 0)
    assert (abs(down - y) > 0.5) == (turn % 180 == 90)


def test_columns_are_lines_of_their_own(reader: OcrReader) -> None:
    both = page(["Butter", "Brot"], size=(600, 200))
    both.paste(page(["1,99", "2,49"], size=(200, 200)), (400, 0))
    assert said(reader, both) == ["Butter", "1,99", "Brot", "2,49"]


def test_small_text_of_a_large_photo_is_read(reader: OcrReader) -> None:
    large = page(LINES, size=(2000, 1500), letters=18, at=(1500, 900))
    assert said(reader, large) == LINES


def test_a_photo_without_text_says_nothing(reader: OcrReader) -> None:
    across = np.linspace(0, 255, 640, dtype=np.float32)
    sky = np.repeat(np.stack([across, across[::-1], across], 1)[None], 480, axis=0)
    assert reader.read(sky.astype(np.uint8)) == []


def test_what_was_read_until_the_time_was_over_is_kept(reader: OcrReader) -> None:
    short, long = (
        "Invoice",
        "A line that is much longer than the other, so it is read by itself",
    )
    both = pixels(page([short, long], size=(1200, 300)))
    pauses: list[bool] = []

    def pause() -> bool:
        pauses.append(True)
        return True

    assert [line.text for line in reader.read(both, pause)] == [short, long]
    turns = iter(pauses[1:])  # the last one is before the batch of the long line
    assert [line.text for line in reader.read(both, lambda: next(turns, False))] == [short]
    assert reader.read(both, lambda: False) == []
