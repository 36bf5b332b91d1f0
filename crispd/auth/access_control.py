"""Access control: knows every device and identifies callers."""

from __future__ import annotations

import hmac
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from crispd.auth.pairing import InvitationRegistry
from crispd.auth.share_secret import ShareSecret
from crispd.auth.throttle import Throttle
from crispd.auth.tokens import Signer, hash_of, new_id, new_token
from crispd.errors import Conflict, NotFound, NotReady, Unauthorized
from crispd.types import SCOPES, Device

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.datastructures import Headers

    from crispd.auth.access_policy import AccessPolicy
    from crispd.auth.request_origin import RequestOrigin
    from crispd.types import DeviceStore, Scope

    InThread = Callable[..., Awaitable[object]]

COOKIE = "crispd_session"
SESSION_SECONDS = 400 * 86400  # as long as browsers keep a cookie at most
_LOCAL = "local"
_NOTED_SECONDS = 3600.0  # one write a device and hour


@dataclass(frozen=True, slots=True)
class Caller:
    """``device`` is None for nobody, for the local token, and where no token is needed.

    ``by_cookie``: a browser sends it along whoever's page it shows.
    """

    scopes: tuple[Scope, ...] = ()
    device: Device | None = None
    by_cookie: bool = False
    subject: str = ""

    def has_scope(self, scope: Scope) -> bool:
        """Whether this one has a scope."""
        return scope in self.scopes


ANONYMOUS = Caller()


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """Where devices find this crispd: base addresses, the likeliest first.

    ``authority``: the certificate (PEM) that a device has to trust, with its ``fingerprint``
    (SHA-256, hex); None without TLS or with a certificate that was given.
    """

    addresses: tuple[str, ...] = ()
    fingerprint: str | None = None
    authority: str | None = None


class AccessControl:
    """Identifies callers. Belongs to the event loop. ``book`` returns the devices once they are
    loaded.
    """

    def __init__(
        self,
        rules: AccessPolicy,
        book: Callable[[], DeviceStore],
        signer: Signer,
        local_token: str | None = None,
        place: ServerAddress | None = None,
        on_load: Callable[[], None] = lambda: None,
        shares: ShareSecret | None = None,
    ) -> None:
        self.shares = shares or ShareSecret()
        self._on_load = on_load
        self.place = place or ServerAddress()
        self.rules = rules
        self.invitations = InvitationRegistry()
        self.throttle = Throttle()
        self._book = book
        self._signer = signer
        self._local = hash_of(local_token) if local_token else None
        self._devices: dict[str, Device] | None = None
        self._noted: dict[str, float] = {}
        self._unwritten: dict[str, str] = {}

    # --- who asks -----------------------------------------------------------------------------

    def caller(self, headers: Headers, client: RequestOrigin, cookie: str | None) -> Caller:
        """Who asks. Raises Unauthorized for a token that is none, NotReady while starting."""
        token = token_in(headers)
        if token is not None:
            return self.caller_with_token(token, client)
        if self.rules.off or (client.local and not self.rules.required):
            return Caller(SCOPES, subject=_LOCAL)
        return self._by_cookie(cookie) if cookie else ANONYMOUS

    def caller_with_token(self, token: str, client: RequestOrigin) -> Caller:
        """Who holds a token. Raises Unauthorized, TooManyFailures."""
        given, found = hash_of(token), None
        if self._local is not None and hmac.compare_digest(given, self._local):
            return Caller(SCOPES, subject=_LOCAL)
        for device in self.devices():
            # every one is compared, so that the time tells nothing
            if hmac.compare_digest(given, device.token_hash):
                found = device
        if found is not None:
            return self._known(found)
        # Only failures wait: whoever shares an address with an attacker is still let in.
        self.throttle.check(client.address)
        self.throttle.failed(client.address)
        raise Unauthorized("This token is not known here, or it was revoked.")

    def _by_cookie(self, cookie: str) -> Caller:
        subject = self._signer.subject(cookie)
        if self._signer.holds("session", cookie, self._secret(subject)) is None:
            return ANONYMOUS
        if subject == _LOCAL:
            return Caller(SCOPES, by_cookie=True, subject=_LOCAL)
        device = self._loaded().get(subject)
        return ANONYMOUS if device is None else replace(self._known(device), by_cookie=True)

    def _known(self, device: Device) -> Caller:
        now = time.monotonic()
        if now - self._noted.get(device.id, -_NOTED_SECONDS) >= _NOTED_SECONDS:
            self._noted[device.id] = now
            self._unwritten[device.id] = _now()
        return Caller(device.scopes, device, subject=device.id)

    def _secret(self, subject: str) -> bytes:
        """What a signature of a device dies with; for nobody something none was made with."""
        if subject == _LOCAL:
            return self._local or b"open"
        device = self._loaded().get(subject)
        return device.token_hash if device is not None else b"nobody"

    # --- what is signed -----------------------------------------------------------------------

    def session(self, caller: Caller) -> str:
        """What the cookie of a caller holds."""
        until = int(time.time()) + SESSION_SECONDS
        return self._signer.sign("session", caller.subject, until, self._secret(caller.subject))

    def share(self, caller: Caller, what: str, seconds: float) -> tuple[str, int]:
        """A key to one thing, and until when it holds. It dies with the device that made it, or
        with ``shares`` where none did.
        """
        until = int(time.time() + seconds)
        secret = self._share_secret(caller.subject)
        return self._signer.sign(f"share {what}", caller.subject, until, secret), until

    def shared(self, key: str, what: str) -> bool:
        """Whether a key opens this."""
        subject = self._signer.subject(key)
        secret = self._share_secret(subject)
        return self._signer.holds(f"share {what}", key, secret) is not None

    def _share_secret(self, subject: str) -> bytes:
        return self.shares.value if subject == _LOCAL else self._secret(subject)

    # --- devices ------------------------------------------------------------------------------

    def devices(self) -> list[Device]:
        """Every device, by name. Raises NotReady."""
        return sorted(self._loaded().values(), key=lambda device: device.name)

    def load(self) -> None:
        """Read the devices. Blocks; to be called once the house stands."""
        self._on_load()
        self._devices = {device.id: device for device in self._book().all()}

    @property
    def is_loaded(self) -> bool:
        """Whether it can tell who asks, and the token of this run is in its file."""
        return self._devices is not None

    def _loaded(self) -> dict[str, Device]:
        if self._devices is None:
            raise NotReady("crispd is starting. Ask again in a moment.")
        return self._devices

    def with_times(self) -> list[Device]:
        """With what is not written yet."""
        return [
            replace(device, last_used=self._unwritten.get(device.id, device.last_used))
            for device in self.devices()
        ]

    def refuse_taken_name(self, name: str) -> None:
        """Raise Conflict where a device has that name."""
        if any(device.name == name for device in self.devices()):
            raise Conflict(
                f"There is a device named {name!r} already. Take another name, or revoke that one "
                "first (crispd unpair NAME)."
            )

    async def add(
        self, in_thread: InThread, name: str, scopes: tuple[Scope, ...]
    ) -> tuple[Device, str]:
        """A new device and its token, which is told once. Raises Conflict."""
        token = new_token()
        device = make_device(name, scopes, token)
        await in_thread(self._book().add, device)
        self._loaded()[device.id] = device
        return device, token

    async def remove(self, in_thread: InThread, device_id: str) -> None:
        """Its token, cookies and links hold no more when this returns. Raises NotFound."""
        if device_id not in self._loaded():
            raise NotFound(f"There is no device with the id {device_id[:40]!r}. See /devices.")
        self._unwritten.pop(device_id, None)
        # first here, so that it fails at once whatever the disk does
        self._loaded().pop(device_id)
        await in_thread(self._book().remove, device_id)

    def has_device(self, caller: Caller) -> bool:
        """Whether somebody who was let in still may be here: the device was not revoked."""
        return caller.device is None or caller.device.id in self._loaded()

    def complete_pairing(self, device: Device) -> Caller:
        """The caller that a new device is."""
        return Caller(device.scopes, device, subject=device.id)

    def drain_last_used(self) -> dict[str, str]:
        """Times of use that wait to be written."""
        times, self._unwritten = self._unwritten, {}
        return times

    def store_last_used(self, times: dict[str, str]) -> None:
        """Blocks; from any thread."""
        if times:
            self._book().used(times)


def make_device(name: str, scopes: tuple[Scope, ...], token: str) -> Device:
    """A device of a token."""
    return Device(new_id(), name, scopes, hash_of(token), _now())


def token_in(headers: Headers) -> str | None:
    """What ``Authorization: Bearer`` or ``X-Api-Key`` shows; None where there is neither."""
    kind, _, token = headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer" and token.strip():
        return token.strip()
    return headers.get("x-api-key", "").strip() or None


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
