"""Open files: where they lie, reopening, reserving room, reading ahead."""

from __future__ import annotations

import sys

if sys.platform.startswith("linux"):
    from crispd.platform.linux.open_files import (
        READ_NOWAIT,
        drop_cached,
        folder_location,
        location_of,
        read_ahead,
        reopening_path,
        reserve,
    )
else:
    from crispd.platform.portable.open_files import (
        READ_NOWAIT,
        drop_cached,
        folder_location,
        location_of,
        read_ahead,
        reopening_path,
        reserve,
    )

__all__ = [
    "READ_NOWAIT",
    "drop_cached",
    "folder_location",
    "location_of",
    "read_ahead",
    "reopening_path",
    "reserve",
]
