"""Checks of the announcement on the network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crispd.doctor.findings import Finding, good, warning

if TYPE_CHECKING:
    from collections.abc import Sequence


def check_announcement(host: str, *, loopback: bool, addresses: Sequence[str]) -> Finding:
    """With ``announce`` on. ``addresses``: at which the house reaches ``host``."""
    if loopback:
        return warning(
            "announcement",
            f"announce is on, but crispd listens on this machine only ({host})",
            'Set host = "0.0.0.0", and let devices in with crispd pair; or leave announce out.',
        )
    if not addresses:
        return warning(
            "announcement",
            "this machine has no address on a network now",
            "Nothing: crispd is announced when there is one.",
        )
    return good("announcement", f"to be found at {', '.join(addresses)}")
