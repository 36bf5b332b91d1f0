"""Recognition: what a line of text says, by PP-OCR's CTC model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from crispd.images.ocr_pixels import cut_out
from crispd.ocr.rectangles import sides

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crispd.packs.sessions.runtime import OnnxSession
    from crispd.types import Floats, Pixels

HEIGHT = 48  # of a line, in pixels, as the model wants it
_WIDTHS = (HEIGHT, 40 * HEIGHT)
_WIDTH_STEP = 32  # lines of a batch are padded: few shapes, little waste
_ON_ITS_SIDE = 1.5  # as PP-OCR takes it
_MOST = 6  # lines of a batch
_BATCH_WIDTH = 30 * HEIGHT  # of a batch together: its scores take 4 x 18,710 bytes each 8 pixels


class TextRecognizer:
    """Reads lines. ``session``: PP-OCR's recognition model, which holds its characters."""

    def __init__(self, session: OnnxSession) -> None:
        self._session = session
        [self._output] = session.outputs
        # the first class of CTC is none; the last is the space
        self._characters = ["", *session.metadata["character"].split("\n"), " "]

    def read(self, lines: Sequence[Pixels]) -> list[tuple[str, float]]:
        """Of lines of about one width, uint8 [48, w, 3]: what each says, and how sure that is."""
        width = -(-max(line.shape[1] for line in lines) // _WIDTH_STEP) * _WIDTH_STEP
        # The model learned blue before red, and grey (0) behind the end of a line.
        values = np.zeros((len(lines), 3, HEIGHT, width), np.float32)
        for place, line in enumerate(lines):
            values[place, :, :, : line.shape[1]] = line[:, :, ::-1].transpose(2, 0, 1) / 127.5 - 1
        [scores] = self._session.run([self._output], {"x": values})
        return [self._decode(one) for one in scores]

    def _decode(self, scores: Floats) -> tuple[str, float]:
        """Greedy CTC: the best class of each step, without repetitions and nones."""
        best = scores.argmax(1)
        kept = (best != 0) & (best != np.concatenate([[-1], best[:-1]]))
        if not kept.any():
            return "", 0.0
        text = "".join(self._characters[place] for place in best[kept])
        return text, float(scores.max(1)[kept].mean())


def cut_line(pixels: Pixels, corners: Floats) -> Pixels:
    """A line of text as the model wants it: uint8 [48, w, 3]. ``corners``: from where it begins."""
    width, height = sides(corners)
    wanted = int(np.clip(round(HEIGHT * width / max(height, 1)), *_WIDTHS))
    return cut_out(pixels, corners, wanted, HEIGHT)


def is_on_its_side(corners: Floats) -> bool:
    """Whether a line of text is taken for one that goes down or up."""
    width, height = sides(corners)
    return height >= _ON_ITS_SIDE * width


def batches(lines: Sequence[Pixels]) -> list[list[int]]:
    """Places of lines, of about one width together, as many as memory allows."""
    order = sorted(range(len(lines)), key=lambda place: lines[place].shape[1])
    found: list[list[int]] = []
    for place in order:
        width = lines[place].shape[1]
        if found and width * (len(found[-1]) + 1) <= _BATCH_WIDTH and len(found[-1]) < _MOST:
            found[-1].append(place)
        else:
            found.append([place])
    return found
