"""The OCR models: found in an installed ``rapidocr``, without importing it."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

_PACKAGE = "rapidocr"
_DETECTION = "det_small.onnx"
_RECOGNITION = "rec_small.onnx"
# Raised when this code reads the same models in another way.
_READER_VERSION = 2


@dataclass(frozen=True, slots=True)
class OcrModels:
    """Files of the two models. ``version``: of all that decides what is read, as one word."""

    detection: Path
    recognition: Path
    version: str


def find_ocr_models() -> OcrModels | None:
    """Those of the installed package; None where it is not installed or has no such models.

    ``rapidocr`` 3.9 and 3.10 carry PP-OCRv6 (small), 3.0 to 3.8 earlier ones without letters of
    German or French.
    """
    try:
        package = distribution(_PACKAGE)
    except PackageNotFoundError:
        return None
    found = {
        ending: Path(str(package.locate_file(file)))
        for file in package.files or ()
        for ending in (_DETECTION, _RECOGNITION)
        if file.name.startswith("PP-OCR") and file.name.endswith(ending)
    }
    if len(found) < 2 or not all(path.is_file() for path in found.values()):
        return None
    name = found[_RECOGNITION].name.removesuffix(f"_{_RECOGNITION}")
    return OcrModels(found[_DETECTION], found[_RECOGNITION], f"{name}-small:{_READER_VERSION}")
