"""The processor: usable cores, int8 instructions, temperature."""

from __future__ import annotations

import sys

if sys.platform.startswith("linux"):
    from crispd.platform.linux.processor import (
        has_dot_product,
        highest_temperature,
        lower_priority,
        machine_name,
        usable_cores,
    )
else:
    from crispd.platform.portable.processor import (
        has_dot_product,
        highest_temperature,
        lower_priority,
        machine_name,
        usable_cores,
    )

__all__ = [
    "has_dot_product",
    "highest_temperature",
    "lower_priority",
    "machine_name",
    "usable_cores",
]
