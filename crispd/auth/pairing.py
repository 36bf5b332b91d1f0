"""Invitations: a code to type or a secret to scan, good once and for a few minutes.

They live in memory only. A code is eight digits and may be tried ten times by all the network
together; then codes are withdrawn, while the secret in the QR code, 128 bits, stays.
"""

from __future__ import annotations

import hmac
import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crispd.auth.tokens import new_id
from crispd.errors import Overloaded, Unauthorized

if TYPE_CHECKING:
    from crispd.types import Scope

_DIGITS = 8
_MOST_TRIES = 10
_MOST_OPEN = 16


@dataclass(slots=True)
class Invitation:
    """For a device named ``name``. ``until``: seconds since 1970."""

    id: str
    name: str
    scopes: tuple[Scope, ...]
    code: str
    secret: str
    until: float
    tries: int = 0
    device_id: str | None = None

    @property
    def state(self) -> str:
        """``open``, ``paired``, or ``expired``."""
        if self.device_id is not None:
            return "paired"
        return "open" if time.time() < self.until else "expired"


class InvitationRegistry:
    """Belongs to the event loop."""

    def __init__(self) -> None:
        self._all: dict[str, Invitation] = {}

    def invite(self, name: str, scopes: tuple[Scope, ...], seconds: float) -> Invitation:
        """A new one. Raises Overloaded where too many are open."""
        self._forget()
        if sum(item.state == "open" for item in self._all.values()) >= _MOST_OPEN:
            raise Overloaded("Too many invitations are open. They end by themselves in minutes.")
        code = f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}}"
        made = Invitation(
            new_id(), name, scopes, code, secrets.token_urlsafe(16), time.time() + seconds
        )
        self._all[made.id] = made
        return made

    def find(self, invitation_id: str) -> Invitation | None:
        """By id, also for a while after it is over."""
        return self._all.get(invitation_id)

    def redeem(self, given: str) -> Invitation:
        """The invitation of a code or a secret, which is used up. Raises Unauthorized."""
        text = "".join(sign for sign in given if sign not in " -\t\n\r")
        found = None
        for item in self._open():
            # every one is compared, so that the time tells nothing
            code = item.tries < _MOST_TRIES and _same(item.code, text)
            if code or _same(item.secret, given.strip()):
                found = item
        if found is not None:
            found.until = 0.0
            return found
        for item in self._open():
            item.tries += 1
        raise Unauthorized(
            "This code is wrong, was used, or its time is over. Get a new one on the machine that "
            "runs crispd (crispd pair NAME)."
        )

    def _open(self) -> list[Invitation]:
        return [item for item in self._all.values() if item.state == "open"]

    def _forget(self) -> None:
        over = [item for item in self._all.values() if item.state != "open"]
        for item in over[:-_MOST_OPEN]:
            del self._all[item.id]


def _same(known: str, given: str) -> bool:
    return hmac.compare_digest(known.encode(), given.encode("utf-8", "replace"))
