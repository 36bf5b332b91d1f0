"""A throttle for clients that send wrong tokens or codes."""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass
from math import ceil

from crispd.auth.access_policy import is_address
from crispd.errors import TooManyFailures

_FREE = 5  # slips of the finger
_LONGEST_SECONDS = 300.0
_FORGIVEN_SECONDS = 900.0
_MOST_ADDRESSES = 2048


@dataclass(slots=True)
class _Failures:
    count: int
    last: float


class Throttle:
    """Failures by address; bounded. Belongs to the event loop."""

    def __init__(self) -> None:
        self._failures: OrderedDict[str, _Failures] = OrderedDict()

    def failed(self, address: str) -> None:
        """One more."""
        known = self._failures.pop(_group(address), None)
        now = time.monotonic()
        fresh = known is None or now - known.last > _FORGIVEN_SECONDS
        count = 1 if known is None or fresh else known.count + 1
        self._failures[_group(address)] = _Failures(count, now)
        if len(self._failures) > _MOST_ADDRESSES:
            self._failures.popitem(last=False)

    def check(self, address: str) -> None:
        """Raise TooManyFailures while an address has to wait: 1 s, 2 s, 4 s … 5 minutes."""
        known = self._failures.get(_group(address))
        if known is None or known.count < _FREE:
            return
        wait = min(2.0 ** min(known.count - _FREE, 20), _LONGEST_SECONDS)
        left = wait - (time.monotonic() - known.last)  # whole seconds stay whole
        if left > 0:
            seconds = ceil(left)
            raise TooManyFailures(
                f"Too many wrong tokens or codes from this address. Wait {seconds} s.", seconds
            )


def _group(address: str) -> str:
    """Of IPv6, the network: a machine there has 2^64 addresses to ask from."""
    if ":" in address and is_address(address):
        import ipaddress

        return str(ipaddress.ip_network(f"{address.partition('%')[0]}/64", strict=False))
    return address
