"""A claim on a name that other processes of this machine see."""

from __future__ import annotations

import sys

if sys.platform.startswith("linux"):
    from crispd.platform.linux.name_claim import (
        NameClaim,
    )
else:
    from crispd.platform.portable.name_claim import (
        NameClaim,
    )

__all__ = [
    "NameClaim",
]
