"""The choice of a pack's graph for this processor."""

from __future__ import annotations

import ctypes
import logging
import platform
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from crispd.packs.manifest import GraphFiles
    from crispd.types import Precision

log = logging.getLogger(__name__)

_CPUINFO = Path("/proc/cpuinfo")
# The kernel's names for instructions that multiply and add four int8 pairs at once. Without them
# int8 is no faster than float32 on a Cortex-A53 or A72, and on x86 sums of two products saturate,
# unless the weights were made for that.
_DOT_PRODUCT = frozenset({"avx512_vnni", "avx_vnni", "amx_int8"})
# What an ARM kernel says to every program, of all cores together: <asm/hwcap.h>, <linux/auxvec.h>.
_AT_HWCAP, _AT_HWCAP2 = 16, 26
_HWCAP_ASIMDDP, _HWCAP2_I8MM = 1 << 20, 1 << 13


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


@cache
def has_dot_product() -> bool:
    """Whether the processor has int8 dot-product instructions; False where nobody knows."""
    machine = platform.machine()
    if machine == "arm64":  # every Mac with an ARM processor has them
        return True
    if machine == "aarch64":
        return has_arm_dot_product(_auxiliary)
    try:
        found = flags(_CPUINFO.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return False
    return bool(found & _DOT_PRODUCT)


def has_arm_dot_product(auxiliary: Callable[[int], int]) -> bool:
    """By what the kernel hands to every program; ``auxiliary`` is getauxval(3).

    Not by /proc/cpuinfo: under emulation that is the host's, whose processor this is not.
    """
    return bool(auxiliary(_AT_HWCAP) & _HWCAP_ASIMDDP or auxiliary(_AT_HWCAP2) & _HWCAP2_I8MM)


def _auxiliary(kind: int) -> int:
    try:
        getauxval = ctypes.CDLL(None).getauxval
    except (OSError, AttributeError):
        return 0
    getauxval.argtypes, getauxval.restype = [ctypes.c_ulong], ctypes.c_ulong
    return int(getauxval(kind))


def flags(cpuinfo: str) -> frozenset[str]:
    """Instruction sets that every core has: a little core may lack what its big neighbour does."""
    cores = [
        frozenset(line.partition(":")[2].split())
        for line in cpuinfo.splitlines()
        if line.partition(":")[0].strip().lower() in {"flags", "features"}
    ]
    return frozenset.intersection(*cores) if cores else frozenset()
