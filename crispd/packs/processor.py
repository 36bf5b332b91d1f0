"""Which of a pack's graphs suits this processor."""

from __future__ import annotations

import logging
import platform
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crispd.packs.manifest import GraphFiles
    from crispd.types import Precision

log = logging.getLogger(__name__)

_CPUINFO = Path("/proc/cpuinfo")
# The kernel's names for instructions that multiply and add four int8 pairs at once. Without them
# int8 is no faster than float32 on a Cortex-A53 or A72, and on x86 sums of two products saturate.
_DOT_PRODUCT = frozenset({"avx512_vnni", "avx_vnni", "amx_int8", "asimddp", "i8mm"})


def choose(files: GraphFiles, precision: Precision) -> str:
    """The file to load; ``int8`` means what it says only where the pack has such a graph."""
    if files.int8 is None or precision == "float":
        return files.default
    return files.int8 if precision == "int8" or has_dot_product() else files.default


@cache
def has_dot_product() -> bool:
    """Whether the processor has int8 dot-product instructions; False where nobody knows."""
    try:
        found = flags(_CPUINFO.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        # Every Mac with an ARM processor has them; nothing else without /proc is known.
        found = frozenset({"asimddp"}) if platform.machine() == "arm64" else frozenset()
    return bool(found & _DOT_PRODUCT)


def flags(cpuinfo: str) -> frozenset[str]:
    """Instruction sets that every core has: a little core may lack what its big neighbour does."""
    cores = [
        frozenset(line.partition(":")[2].split())
        for line in cpuinfo.splitlines()
        if line.partition(":")[0].strip().lower() in {"flags", "features"}
    ]
    return frozenset.intersection(*cores) if cores else frozenset()
