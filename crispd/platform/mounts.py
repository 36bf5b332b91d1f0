"""Kinds of file systems, by path and by device."""

from __future__ import annotations

import sys

if sys.platform.startswith("linux"):
    from crispd.platform.linux.mounts import (
        file_system,
        kinds_of_devices,
    )
else:
    from crispd.platform.portable.mounts import (
        file_system,
        kinds_of_devices,
    )

__all__ = [
    "file_system",
    "kinds_of_devices",
]
