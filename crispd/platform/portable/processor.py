"""The processor by its name and number of cores."""

from __future__ import annotations

import os
import platform


def usable_cores() -> int:
    """Processors of the machine."""
    return os.cpu_count() or 1


def machine_name() -> str:
    """Of the processor, or of its kind."""
    return platform.processor() or platform.machine()


def lower_priority() -> None:
    """Elsewhere than on Linux that is a matter of whole processes."""


def has_dot_product() -> bool:
    """Whether the processor has int8 dot-product instructions; False where nobody knows."""
    return platform.machine() == "arm64"  # every Mac with an ARM processor has them


def highest_temperature() -> float | None:
    """Not told."""
    return None
