"""A decoder that photos ending with "poison" kill. Python imports it first where it is on the path.

By a real fault, in the thread that decodes. A signal sent to the process may reach another thread,
and this one goes on.
"""

from __future__ import annotations

import ctypes
from typing import Any

import crispd.images.decode as module

_whole = module.open_oriented


def _faulty(data: bytes, *rest: Any) -> Any:
    if data.endswith(b"poison"):
        ctypes.string_at(0)
    return _whole(data, *rest)


module.open_oriented = _faulty
