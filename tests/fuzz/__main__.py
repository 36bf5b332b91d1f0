"""Fuzzing without end: ``python -m tests.fuzz query|images [SECONDS] [SEED]``.

Seeds are damaged by dice. With arguments of libFuzzer instead (``query -max_total_time=60``)
atheris, from ``pip install atheris``, is guided by what an input reaches. An input that breaks
something is kept in ``fuzz-SEED-NUMBER.bin`` and its error is shown.
"""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path

from tests.fuzz.targets import TARGETS, Target, damaged

_SECONDS = 60.0


def by_dice(target: Target, seconds: float, seed: int) -> int:
    """Run for so long; the exit code."""
    dice, seeds = random.Random(seed), target.seeds()
    end, count = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        data = damaged(dice, seeds)
        count += 1
        try:
            target.run(data)
        except BaseException:
            kept = Path(f"fuzz-{seed}-{count}.bin")
            kept.write_bytes(data)
            print(f"input {count} breaks it and is kept in {kept}")
            raise
    print(f"{count} inputs in {seconds:.0f} s, seed {seed}: nothing broke")
    return 0


def guided(target: Target) -> None:
    """With libFuzzer's arguments; atheris never returns."""
    import atheris  # type: ignore[import-not-found,unused-ignore]

    atheris.instrument_all()
    atheris.Setup([sys.argv[0], *sys.argv[2:]], target.run)
    atheris.Fuzz()


def main() -> int:
    """Choose."""
    if len(sys.argv) < 2 or sys.argv[1] not in TARGETS:
        print(__doc__)
        return 2
    target = TARGETS[sys.argv[1]]
    if any(word.startswith("-") for word in sys.argv[2:]):
        guided(target)
    numbers = sys.argv[2:]
    seconds = float(numbers[0]) if numbers else _SECONDS
    seed = int(numbers[1]) if len(numbers) > 1 else random.randrange(2**32)
    return by_dice(target, seconds, seed)


if __name__ == "__main__":
    sys.exit(main())
