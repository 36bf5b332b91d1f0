"""Detection: where text stands in a photo, by PP-OCR's DB model.

A photo is looked at as a whole first, scaled down. Where that finds small text, or only hints at
some, the photo is looked at once more, in tiles, as large as that text asks for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from crispd.images.ocr_pixels import resized
from crispd.ocr.components import components
from crispd.ocr.rectangles import sides, smallest_rectangle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from crispd.packs.sessions.runtime import OnnxSession
    from crispd.types import Floats, Pixels

# Memory of a look grows with its area: 960 x 960 takes 85 MB more than 736 x 736.
LOOK_PIXELS = 736
_MOST_ENLARGED = 2.0
_STEP = 32  # the model halves both sides five times
_OVERLAP = 96  # a line of small text that two tiles share is seen whole by one of them
# Of PP-OCR's own configuration: a pixel is text from here; a component from a mean of so much; DB
# learns text shrunk by this ratio.
_TEXT, _LEAST_MEAN, _GROW = 0.3, 0.5, 1.6
_HINT = 0.2
_LEAST_SIDE = 4.0  # pixels of a look: less is no letter
# Height, in pixels of a look, of lines that are found one by one, with a margin.
_SURE_HEIGHT = 24.0
_WORTH_IT = 1.25  # less of an enlargement changes little
# Text of this height or more, in pixels of the closer look, is left to the first one.
_LARGE_TEXT = 96.0


class TextDetector:
    """Finds lines of text. ``session``: PP-OCR's detection model."""

    def __init__(self, session: OnnxSession) -> None:
        self._session = session
        [self._output] = session.outputs

    def boxes(self, pixels: Pixels, pause: Callable[[], bool]) -> list[Floats]:
        """Corners of each line, float32 [4, 2], x and y in pixels of the photo, uint8 [h, w, 3].

        ``pause`` is called between looks and says whether to go on.
        """
        height, width = pixels.shape[:2]
        scale = min(LOOK_PIXELS / max(height, width), _MOST_ENLARGED)
        whole = self._look(resized(pixels, *_multiples(width * scale, height * scale)))
        ratio = np.array([width / whole.shape[1], height / whole.shape[0]], np.float32)
        first = [box * ratio for box in _rectangles(whole)]
        closer = _closer(first, ratio, bool((whole > _HINT).any()))
        if closer <= scale * _WORTH_IT:
            return first
        large = [box for box in first if min(sides(box)) * closer >= _LARGE_TEXT]
        size = (round(width * closer), round(height * closer))
        near = pixels if closer == 1 else resized(pixels, *size)
        found = _rectangles(self._by_tiles(near, whole, pause))
        small = [box / np.float32(closer) for box in found]
        return large + [box for box in small if not any(_holds(one, box) for one in large)]

    def _by_tiles(self, pixels: Pixels, whole: Floats, pause: Callable[[], bool]) -> Floats:
        """The map of a photo, looked at where the first look at its ``whole`` hints at text."""
        height, width = pixels.shape[:2]
        found = np.zeros((height, width), np.float32)
        for top, bottom in _spans(height):
            for left, right in _spans(width):
                hint = _part(whole, top / height, bottom / height, left / width, right / width)
                if hint <= _HINT:
                    continue
                if not pause():
                    return found
                tile = pixels[top:bottom, left:right]
                look = self._look(_padded(tile))[: bottom - top, : right - left]
                here = found[top:bottom, left:right]
                np.maximum(here, look, out=here)
        return found

    def _look(self, pixels: Pixels) -> Floats:
        """uint8 [h, w, 3], both sides multiples of 32 -> how much each pixel is text [h, w]."""
        # The model learned blue before red.
        values = pixels[:, :, ::-1].transpose(2, 0, 1)[None].astype(np.float32)
        values /= 127.5
        values -= 1
        [scores] = self._session.run([self._output], {"x": values})
        found: Floats = scores[0, 0]
        return found


def _closer(found: list[Floats], ratio: Floats, hinted: bool) -> float:
    """The scale at which the smallest text of a first look is read surely, at most 1; 0: no text.

    ``ratio``: pixels of the photo to one of the look.
    """
    if not found:
        return float(hinted)
    smallest = min(min(sides(box / ratio)) for box in found)
    return min(_SURE_HEIGHT / smallest / float(ratio.mean()), 1.0)


def _rectangles(scores: Floats) -> Iterator[Floats]:
    for one in components(scores, _TEXT):
        if one.score >= _LEAST_MEAN and one.pixels >= _LEAST_SIDE:
            box = smallest_rectangle(one.points, _GROW)
            if min(sides(box)) >= _LEAST_SIDE:
                yield box


def _multiples(width: float, height: float) -> tuple[int, int]:
    return max(round(width / _STEP), 1) * _STEP, max(round(height / _STEP), 1) * _STEP


def _spans(length: int) -> list[tuple[int, int]]:
    """Beginnings and ends of tiles that cover a side, of equal length."""
    count = max(-(-(length - _OVERLAP) // (LOOK_PIXELS - _OVERLAP)), 1)
    size = min(LOOK_PIXELS, length)
    starts = np.linspace(0, length - size, count).astype(int).tolist()
    return [(start, start + size) for start in starts]


def _part(scores: Floats, top: float, bottom: float, left: float, right: float) -> float:
    """The most of a part of a map, whose sides are shares."""
    height, width = scores.shape
    rows = slice(int(top * height), int(np.ceil(bottom * height)))
    return float(scores[rows, int(left * width) : int(np.ceil(right * width))].max())


def _padded(tile: Pixels) -> Pixels:
    """With grey at the right and below, up to multiples of 32."""
    height, width = tile.shape[:2]
    return np.pad(tile, ((0, -height % _STEP), (0, -width % _STEP), (0, 0)), constant_values=127)


def _holds(large: Floats, box: Floats) -> bool:
    """Whether the middle of a box lies in a large one, as good as upright."""
    middle = box.mean(0)
    return bool((large.min(0) <= middle).all() and (middle <= large.max(0)).all())
