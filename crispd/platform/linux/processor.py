"""The processor by /proc/cpuinfo, the auxiliary vector and /sys. Linux only."""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
import threading
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_BEHIND = 10  # of nice
_CPUINFO = Path("/proc/cpuinfo")
_THERMAL = Path("/sys/class/thermal")
# The kernel's names for instructions that multiply and add four int8 pairs at once. Without them
# int8 is no faster than float32 on a Cortex-A53 or A72, and on x86 sums of two products saturate,
# unless the weights were made for that.
_DOT_PRODUCT = frozenset({"avx512_vnni", "avx_vnni", "amx_int8"})
# What an ARM kernel says to every program, of all cores together: <asm/hwcap.h>, <linux/auxvec.h>.
_AT_HWCAP, _AT_HWCAP2 = 16, 26
_HWCAP_ASIMDDP, _HWCAP2_I8MM = 1 << 20, 1 << 13


def usable_cores() -> int:
    """Processors this process may use."""
    return len(os.sched_getaffinity(0))


def machine_name(board: Path = Path("/proc/device-tree/model"), cpuinfo: Path = _CPUINFO) -> str:
    """Of the board, or of the processor, as a person would name it."""
    with contextlib.suppress(OSError):
        return board.read_text(errors="replace").strip("\0 \n")
    with contextlib.suppress(OSError):
        for line in cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name" and value.strip():
                return " ".join(value.split())
    return platform.machine()


def lower_priority() -> None:
    """The calling thread, and those it starts, come after others: of a core that both want, it gets
    a tenth.
    """
    thread = threading.get_native_id()
    with contextlib.suppress(OSError):  # forbidden in some containers
        if os.getpriority(os.PRIO_PROCESS, thread) < _BEHIND:
            os.setpriority(os.PRIO_PROCESS, thread, _BEHIND)


@cache
def has_dot_product() -> bool:
    """Whether the processor has int8 dot-product instructions; False where nobody knows."""
    if platform.machine() == "aarch64":
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


def flags(cpuinfo: str) -> frozenset[str]:
    """Instruction sets that every core has: a little core may lack what its big neighbour does."""
    cores = [
        frozenset(line.partition(":")[2].split())
        for line in cpuinfo.splitlines()
        if line.partition(":")[0].strip().lower() in {"flags", "features"}
    ]
    return frozenset.intersection(*cores) if cores else frozenset()


def highest_temperature(folder: Path = _THERMAL) -> float | None:
    """Degrees Celsius of the hottest sensor; None where there is none."""
    found = []
    for path in folder.glob("thermal_zone*/temp"):
        try:
            found.append(int(path.read_text()) / 1000)
        except (OSError, ValueError):  # sensors of devices that sleep
            continue
    return max(found, default=None)


def _auxiliary(kind: int) -> int:
    try:
        getauxval = ctypes.CDLL(None).getauxval
    except (OSError, AttributeError):
        return 0
    getauxval.argtypes, getauxval.restype = [ctypes.c_ulong], ctypes.c_ulong
    return int(getauxval(kind))
