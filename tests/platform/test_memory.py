"""How much memory there is."""

from __future__ import annotations

from pathlib import Path

import pytest

from crispd.platform.linux import memory
from crispd.platform.portable import memory as portable

MB = 2**20


def machine(tmp_path: Path, groups: str, **limits: str) -> float | None:
    """Present memory of a machine of 4 GB with these groups and limits."""
    proc, tree = tmp_path / "proc", tmp_path / "groups"
    (proc / "self").mkdir(parents=True)
    (proc / "meminfo").write_text("MemTotal:  4194304 kB\nMemFree: 1 kB\n")
    (proc / "self" / "cgroup").write_text(groups)
    for path, text in limits.items():
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        (tree / path).write_text(text)
    return memory.present_mb(proc, tree)


def test_memory_of_the_machine(tmp_path: Path) -> None:
    assert machine(tmp_path, "") == 4096


@pytest.mark.parametrize(
    ("groups", "limits"),
    [
        ("0::/a/b\n", {"a/b/memory.max": "max", "a/memory.max": str(512 * MB)}),
        ("0::/on/the/host\n", {"memory.max": str(512 * MB)}),
        ("4:cpu:/x\n5:memory:/x\n", {"memory/x/memory.limit_in_bytes": str(512 * MB)}),
        ("5:memory:/x\n", {"memory/memory.limit_in_bytes": str(512 * MB)}),
    ],
)
def test_memory_of_a_container(tmp_path: Path, groups: str, limits: dict[str, str]) -> None:
    assert machine(tmp_path, groups, **limits) == 512


def test_no_limit_is_a_very_large_number(tmp_path: Path) -> None:
    limits = {"memory/x/memory.limit_in_bytes": "9223372036854771712"}
    assert machine(tmp_path, "5:memory:/x\n", **limits) == 4096


def test_a_machine_that_tells_nothing(tmp_path: Path) -> None:
    assert memory.present_mb(tmp_path, tmp_path) is None
    assert memory.available_mb(tmp_path / "meminfo") is None
    assert memory.resident_mb(tmp_path / "statm") is None


@pytest.mark.parametrize(
    ("text", "available"),
    [
        ("MemTotal: 8 kB\nMemAvailable:  4000000 kB\n", 3906.25),
        ("MemAvailable:", None),
        ("something else", None),
    ],
)
def test_available_memory(tmp_path: Path, text: str, available: float | None) -> None:
    (tmp_path / "meminfo").write_text(text)
    assert memory.available_mb(tmp_path / "meminfo") == available


def test_both_see_the_same_machine(tmp_path: Path) -> None:
    total = memory._line_mb(Path("/proc/meminfo"), "MemTotal")
    assert portable.present_mb() == pytest.approx(total, rel=0.01)
    resident = memory.resident_mb()
    assert resident is not None
    assert resident <= memory.peak_mb() * 1.01
    assert memory.peak_mb() == portable.peak_mb()


def test_macos_counts_in_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    kilobytes = portable.peak_mb()
    monkeypatch.setattr(portable.sys, "platform", "darwin")
    assert portable.peak_mb() == pytest.approx(kilobytes / 1024)
