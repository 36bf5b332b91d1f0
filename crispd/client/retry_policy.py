"""The retry policy: whether to send a call again, and when."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

import httpx

from crispd.client.exceptions import NoAnswer, Refused

# Nothing was sent yet, so that nothing can be done twice.
_NOTHING_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_AGAIN = (429, 503)


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Retries: ``retries`` after the first try, ``first`` seconds before the first of them,
    doubling each time.

    If a server asks for more than ``longest`` seconds, the client gives up.
    """

    retries: int = 2
    first: float = 0.25
    longest: float = 30.0

    def wait(self, error: Exception, tried: int, safe: bool) -> float | None:
        """Seconds until the next try after ``tried`` ones; None: ``error`` stands."""
        if tried > self.retries:
            return None
        if isinstance(error, Refused):
            if error.status not in _AGAIN or (error.retry_after or 0) > self.longest:
                return None
            if error.retry_after is not None:
                return error.retry_after
        elif not (isinstance(error, NoAnswer) and (safe or _not_sent(error))):
            return None
        delay: float = min(self.first * 2.0 ** (tried - 1), self.longest)
        return delay * random.uniform(0.5, 1.0)  # many clients do not come back at one moment


def retry_after(header: str | None) -> float | None:
    """Seconds that ``Retry-After`` names, as a number or as a date; None where it says nothing."""
    if header is None:
        return None
    if header.strip().isdecimal():
        return float(header)
    try:
        return max(parsedate_to_datetime(header).timestamp() - time.time(), 0.0)
    except (ValueError, OverflowError):
        return None


def _not_sent(error: NoAnswer) -> bool:
    return isinstance(error.__cause__, _NOTHING_SENT)
