"""Credentials of this machine: the local token, the signing key, and the server's addresses."""

from __future__ import annotations

import contextlib
import logging
import secrets
import socket
from typing import TYPE_CHECKING

from crispd.auth.access_control import AccessControl, ServerAddress
from crispd.auth.access_policy import is_loopback
from crispd.auth.share_secret import ShareSecret
from crispd.auth.tokens import Signer, load_key, new_token, write_secret
from crispd.errors import StorageUnwritable

if TYPE_CHECKING:
    from pathlib import Path

    from crispd.auth.access_policy import AccessPolicy
    from crispd.service_facade import ServiceFacade

log = logging.getLogger(__name__)

LOCAL_TOKEN = "local-token"
SIGNING_KEY = "signing-key"
# For documentation only (RFC 5737, RFC 3849): nothing is sent, the kernel only says from where.
_ANYWHERE = {socket.AF_INET: "192.0.2.1", socket.AF_INET6: "2001:db8::1"}


class LocalToken:
    """A token for this run, in a file that only the owner of the data folder can read."""

    def __init__(self, data_dir: Path) -> None:
        self.text = new_token()
        self._path = data_dir / LOCAL_TOKEN

    def write(self) -> None:
        """Once the data folder is ours: before, the file may be another process's."""
        try:
            write_secret(self._path, self.text)
        except StorageUnwritable as error:  # a full disk: searches are answered all the same
            log.warning("commands on this machine will need a token of their own: %s", error)

    def remove(self) -> None:
        """When the service ends."""
        with contextlib.suppress(OSError):
            if self._path.read_text("ascii").strip() == self.text:
                self._path.unlink()


def make_access_control(
    rules: AccessPolicy,
    service: ServiceFacade,
    key: bytes,
    local: LocalToken,
    place: ServerAddress,
    shares: ShareSecret | None = None,
) -> AccessControl:
    """The door of a house. ``key`` signs its cookies and links."""
    if rules.off:
        log.warning("auth is off: whoever reaches this address sees every photo")
    return AccessControl(
        rules, lambda: service.devices, Signer(key), local.text, place, local.write, shares
    )


def signing_key(data_dir: Path) -> bytes:
    """That of the data folder, or one for this run where none can be kept there."""
    try:
        return load_key(data_dir / SIGNING_KEY)
    except StorageUnwritable as error:
        log.warning("cookies and shared links hold until the next restart only: %s", error)
        return secrets.token_bytes(32)


def reachable(host: str, port: int, scheme: str, public_url: str) -> tuple[str, ...]:
    """Base addresses at which devices find this crispd, the likeliest first."""
    if public_url:
        return (public_url,)
    if host not in {"0.0.0.0", "::"}:
        return (_base(scheme, host, port),)
    found = [address for family in _ANYWHERE if (address := own_address(family)) is not None]
    name = socket.gethostname().partition(".")[0].lower()
    names = [*found, f"{name}.local"] if name else found
    return tuple(_base(scheme, each, port) for each in names)


def own_address(family: socket.AddressFamily) -> str | None:
    """The address that the way out of this machine begins at."""
    with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
        probe.connect((_ANYWHERE[family], 9))
        address = str(probe.getsockname()[0])
        return None if is_loopback(address) else address
    return None


def _base(scheme: str, host: str, port: int) -> str:
    usual = {"http": 80, "https": 443}[scheme] == port
    name = f"[{host}]" if ":" in host else host
    return f"{scheme}://{name}" if usual else f"{scheme}://{name}:{port}"
