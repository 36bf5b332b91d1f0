"""The choice of a pack's graph for this processor."""

from __future__ import annotations

import logging
import platform
from typing import TYPE_CHECKING

from crispd.platform.processor import has_dot_product

if TYPE_CHECKING:
    from crispd.packs.manifest import GraphFiles
    from crispd.types import Precision

log = logging.getLogger(__name__)


def choose(files: GraphFiles, precision: Precision) -> str:
    """The file to load; ``int8`` means what it says only where the pack has such a graph."""
    if files.int8_file is None or precision == "float":
        return files.file
    fast = has_dot_product() or (files.int8_in_16_bits and is_x86())
    return files.int8_file if precision == "int8" or fast else files.file


def choose_text(files: GraphFiles, precision: Precision) -> str:
    """The same for words: with ``auto`` the int8 graph on every processor.

    One sentence at a time is a matter of how fast weights come from memory: 3.7 instead of 8.6 ms
    and 45 instead of 128 MB (mini, AVX2 without VNNI, onnxruntime 1.32).
    """
    return choose(files, "int8" if precision == "auto" else precision)


def is_x86() -> bool:
    """Whether this is a processor of Intel's or AMD's kind."""
    return platform.machine().lower() in {"x86_64", "amd64", "i686"}
