"""Cores, instructions and heat, as Linux tells them and elsewhere."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from crispd.platform.linux import processor
from crispd.platform.portable import processor as portable

# As the kernel writes them, cut to a few of each.
ICE_LAKE = "processor\t: 0\nflags\t\t: fpu sse4_2 avx2 avx512f avx512_vnni\n\nprocessor\t: 1\n"
HASWELL = "flags\t\t: fpu sse4_2 avx2 bmi2\n"
SAPPHIRE_RAPIDS = "flags\t\t: fpu sse4_2 avx2 avx512_vnni amx_int8\n"
# AT_HWCAP and AT_HWCAP2, as LD_SHOW_AUXV=1 prints them.
PI_4 = {16: 0x8FF, 26: 0}
PI_5 = {16: 0x119FFF, 26: 0}
ONLY_I8MM = {16: 0x8FF, 26: 1 << 13}


@pytest.fixture(autouse=True)
def asked_anew() -> Iterator[None]:
    processor.has_dot_product.cache_clear()
    yield
    processor.has_dot_product.cache_clear()


@pytest.mark.parametrize(
    ("cpuinfo", "fast"),
    [
        (ICE_LAKE, True),
        (HASWELL, False),
        (SAPPHIRE_RAPIDS, True),
        (SAPPHIRE_RAPIDS + "\n" + HASWELL, False),  # unlike cores
        ("", False),
        ("flags", False),
    ],
)
def test_dot_products(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cpuinfo: str, fast: bool
) -> None:
    (tmp_path / "cpuinfo").write_text(cpuinfo)
    monkeypatch.setattr(processor, "_CPUINFO", tmp_path / "cpuinfo")
    monkeypatch.setattr(processor.platform, "machine", lambda: "x86_64")
    assert processor.has_dot_product() is fast


def test_flags_are_what_all_cores_have() -> None:
    assert processor.flags(SAPPHIRE_RAPIDS + "\n" + HASWELL) == {"fpu", "sse4_2", "avx2"}


@pytest.mark.parametrize(
    ("told", "fast"), [(PI_4, False), (PI_5, True), (ONLY_I8MM, True), ({16: 0, 26: 0}, False)]
)
def test_an_arm_processor_is_what_the_kernel_says(told: dict[int, int], fast: bool) -> None:
    assert processor.has_arm_dot_product(told.__getitem__) is fast


def test_an_emulated_arm_processor_is_not_that_of_the_host(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """qemu's user emulation shows /proc/cpuinfo as it is outside."""
    (tmp_path / "cpuinfo").write_text(ICE_LAKE)
    monkeypatch.setattr(processor, "_CPUINFO", tmp_path / "cpuinfo")
    monkeypatch.setattr(processor.platform, "machine", lambda: "aarch64")
    monkeypatch.setattr(processor, "_auxiliary", PI_4.__getitem__)
    assert processor.has_dot_product() is False


def test_the_hottest_sensor(tmp_path: Path) -> None:
    for number, text in enumerate(["45000\n", "61500\n", "nonsense"]):
        (tmp_path / f"thermal_zone{number}").mkdir()
        (tmp_path / f"thermal_zone{number}" / "temp").write_text(text)
    assert processor.highest_temperature(tmp_path) == 61.5
    assert processor.highest_temperature(tmp_path / "none") is None


@pytest.mark.parametrize(("machine", "fast"), [("arm64", True), ("x86_64", False)])
def test_a_processor_by_its_name(monkeypatch: pytest.MonkeyPatch, machine: str, fast: bool) -> None:
    monkeypatch.setattr(portable.platform, "machine", lambda: machine)
    assert portable.has_dot_product() is fast


def test_cores() -> None:
    assert 1 <= processor.usable_cores() <= portable.usable_cores()
    one = min(os.sched_getaffinity(0))
    before = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {one})
        assert processor.usable_cores() == 1
    finally:
        os.sched_setaffinity(0, before)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere it does nothing")
def test_a_thread_can_come_after_others() -> None:
    before = os.getpriority(os.PRIO_PROCESS, 0)
    with ThreadPoolExecutor(1) as pool:
        pool.submit(processor.lower_priority).result()
        own = pool.submit(lambda: os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
        assert own.result() == max(before, 10)
    assert os.getpriority(os.PRIO_PROCESS, 0) == before
