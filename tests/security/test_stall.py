"""An attack of strangers on a real service: systemd would go on hearing of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.robustness.stall import ATTACKS, WATCHDOG_SECONDS, attack

pytestmark = pytest.mark.slow  # a hundred connections with a megabyte each

CONNECTIONS, SECONDS = 100, 60
MOST_GROWTH_MB = 300


@pytest.mark.parametrize("name", ATTACKS)
def test_strangers_stall_nothing(tmp_path: Path, name: str) -> None:
    seen = attack(tmp_path, *ATTACKS[name], CONNECTIONS, rounds=1, seconds=SECONDS)
    print(name, seen)
    assert float(str(seen["longest_gap_s"])) < WATCHDOG_SECONDS / 2
    grown = int(str(seen["memory_peak_mb"])) - int(str(seen["memory_before_mb"]))
    assert grown < MOST_GROWTH_MB
    assert int(str(seen["longest_answer"])) < 2000
    assert "healthz failed" not in str(seen["answers"])
