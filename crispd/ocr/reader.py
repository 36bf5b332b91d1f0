"""Reading of a photo: its lines of text, in reading order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from crispd.ocr.detection import TextDetector
from crispd.ocr.recognition import TextRecognizer, batches, cut_line, is_on_its_side
from crispd.ocr.rectangles import reading_order
from crispd.packs.sessions.runtime import OnnxSession
from crispd.types import TextLine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from crispd.ocr.models import OcrModels
    from crispd.types import Floats, Pixels

# Below this a line is a guess: of textures, of handwriting, of letters too small.
_SURE, _SURE_OF_FEW = 0.6, 0.8
_FEW = 2  # letters
_ASKED = 3  # lines that say whether text stands on its head
_UPRIGHT = 0.9  # their mean where nobody needs to turn them


class OcrReader:
    """Reads photos. ``version`` belongs to what it read. One thread at a time."""

    def __init__(self, models: OcrModels, threads: int = 1) -> None:
        self.version = models.version
        self._detector = TextDetector(OnnxSession(models.detection, threads, arena=False))
        self._recognizer = TextRecognizer(OnnxSession(models.recognition, threads, arena=False))

    def read(self, pixels: Pixels, pause: Callable[[], bool] = lambda: True) -> list[TextLine]:
        """Lines of a photo, uint8 [h, w, 3], RGB, upright or in any of four directions.

        ``pause`` is called between runs of a model and says whether to go on; if not, what was read
        until then is all. Raises PackError.
        """
        boxes = self._detector.boxes(pixels, pause)
        on_their_side = [is_on_its_side(box) for box in boxes]
        # what goes down begins at its right corner
        boxes = [
            np.roll(box, -on_side, axis=0)
            for box, on_side in zip(boxes, on_their_side, strict=True)
        ]
        lines = [cut_line(pixels, box) for box in boxes]
        for on_side in (False, True):
            places = [place for place, each in enumerate(on_their_side) if each == on_side]
            if places and pause() and self._stand_on_head([lines[place] for place in places]):
                for place in places:
                    lines[place] = lines[place][::-1, ::-1]
                    boxes[place] = np.roll(boxes[place], 2, axis=0)
        return self._in_order(pixels, boxes, self._read(lines, pause))

    def _read(
        self, lines: Sequence[Pixels], pause: Callable[[], bool]
    ) -> dict[int, tuple[str, float]]:
        found: dict[int, tuple[str, float]] = {}
        for batch in batches(lines):
            if not pause():
                break
            said = self._recognizer.read([lines[place] for place in batch])
            found.update(zip(batch, said, strict=True))
        return found

    def _stand_on_head(self, lines: Sequence[Pixels]) -> bool:
        """Whether the longest lines say more turned by 180 degrees."""
        some = sorted(lines, key=lambda line: line.shape[1])[-_ASKED:]
        upright = _mean(self._recognizer.read(some))
        if upright >= _UPRIGHT:
            return False
        return _mean(self._recognizer.read([line[::-1, ::-1] for line in some])) > upright

    def _in_order(
        self, pixels: Pixels, boxes: Sequence[Floats], said: dict[int, tuple[str, float]]
    ) -> list[TextLine]:
        size = np.array([pixels.shape[1], pixels.shape[0]], np.float32)
        return [
            TextLine(said[place][0].strip(), round(said[place][1], 2), _shares(boxes[place] / size))
            for place in reading_order(boxes)
            if place in said and _is_sure(*said[place])
        ]


def _is_sure(text: str, confidence: float) -> bool:
    few = len(text.strip()) <= _FEW
    return bool(text.strip()) and confidence >= (_SURE_OF_FEW if few else _SURE)


def _mean(said: Iterable[tuple[str, float]]) -> float:
    return float(np.mean([score for _, score in said]))


def _shares(corners: Floats) -> tuple[float, ...]:
    return tuple(round(float(value), 4) for value in corners.clip(0, 1).ravel())
