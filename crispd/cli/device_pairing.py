"""Pairing and unpairing of devices, through a running service or in its data folder."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from crispd.cli import output
from crispd.cli.service_client import ServiceNotRunning, call_service
from crispd.errors import CrispdError, NotFound, QueryError
from crispd.types import SCOPES, Scope

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crispd.config import Settings
    from crispd.types import DeviceStore

_LOOK_SECONDS = 1.0


def scopes_of(text: str) -> list[Scope]:
    """``search,originals``. Raises QueryError."""
    names = [part.strip() for part in text.split(",") if part.strip()]
    wrong = [name for name in names if name not in SCOPES]
    if wrong or not names:
        raise QueryError(
            f"{', '.join(wrong) or 'Nothing'} is no scope. There are: {', '.join(SCOPES)}; several "
            "with commas between them."
        )
    return [scope for scope in SCOPES if scope in names]


def invite(
    settings: Settings, url: str | None, name: str, scopes: list[Scope], minutes: float, *,
    as_json: bool,
) -> None:  # fmt: skip
    """Show a code and a QR code, and wait until the device came. Raises CrispdError."""
    body = {"name": name, "scopes": scopes, "minutes": minutes}
    try:
        made = call_service(settings, url, "/invitations", body)
    except ServiceNotRunning as error:
        raise ServiceNotRunning(
            f"{error} A code needs a running crispd; a token for a program does not: "
            f"crispd pair {name!r} --print-token"
        ) from error
    if as_json:
        output.as_json(made)
        return
    _show(made)
    _wait(settings, url, made)


def print_token(
    settings: Settings, url: str | None, name: str, scopes: list[Scope], *, as_json: bool
) -> None:
    """Make a device and print its token, which is told this once. Raises CrispdError."""
    made = _anywhere(
        settings, url, "/devices", {"name": name, "scopes": scopes},
        lambda book: _add(book, name, tuple(scopes)),
    )  # fmt: skip
    if as_json:
        output.as_json(made)
    else:
        output.line(made["token"])


def list_devices(settings: Settings, url: str | None, *, as_json: bool) -> None:
    """Every device."""
    found = _devices(settings, url)
    if as_json:
        output.as_json({"devices": found})
        return
    width = max((len(device["name"]) for device in found), default=0)
    for device in found:
        used = device["last_used"] or "never used"
        output.line(f"{device['name']:<{width}}  {used:<25}  {', '.join(device['scopes'])}")
    if not found:
        output.line("No devices. Let one in with: crispd pair NAME")


def revoke(settings: Settings, url: str | None, name: str, *, as_json: bool) -> None:
    """Forget a device by its name or id. Raises NotFound."""
    found = [one for one in _devices(settings, url) if name in {one["name"], one["id"]}]
    if not found:
        raise NotFound(f"There is no device named {name!r}. See: crispd devices")
    device = found[0]
    path = f"/devices/{device['id']}"
    _anywhere(
        settings, url, path, None, lambda book: {"removed": book.remove(device["id"])}, "DELETE"
    )
    if as_json:
        output.as_json({"revoked": device["name"]})
    else:
        output.line(f"{device['name']} is revoked: its token, cookies and links hold no more.")


def revoke_shares(settings: Settings, url: str | None, *, as_json: bool) -> None:
    """End every link that was made without a device. Raises CrispdError."""
    from crispd.auth.share_secret import SHARE_SECRET, ShareSecret

    try:
        call_service(settings, url, "/shares", method="DELETE")
    except ServiceNotRunning:
        if url is not None:
            raise
        ShareSecret(settings.data_dir / SHARE_SECRET).renew()
    if as_json:
        output.as_json({"revoked": "shares"})
    else:
        output.line("Links that were made without a device hold no more.")


def _devices(settings: Settings, url: str | None) -> list[dict[str, Any]]:
    from crispd.api.routes.devices import device_answer

    found = _anywhere(
        settings, url, "/devices", None,
        lambda book: {"devices": [device_answer(device).model_dump() for device in book.all()]},
    )  # fmt: skip
    return list(found["devices"])


def _add(book: DeviceStore, name: str, scopes: tuple[Scope, ...]) -> dict[str, Any]:
    from crispd.api.routes.devices import device_answer
    from crispd.auth.access_control import make_device
    from crispd.auth.tokens import new_token

    token = new_token()
    device = make_device(name, scopes, token)
    book.add(device)
    return {**device_answer(device).model_dump(), "token": token}


def _anywhere(
    settings: Settings, url: str | None, path: str, body: dict[str, Any] | None,
    in_folder: Any, method: str | None = None,
) -> dict[str, Any]:  # fmt: skip
    try:
        return call_service(settings, url, path, body, method=method)
    except ServiceNotRunning:
        if url is not None:
            raise
    with _book(settings) as book:
        found: dict[str, Any] = in_folder(book)
        return found


@contextmanager
def _book(settings: Settings) -> Iterator[DeviceStore]:
    from crispd.offline import open_devices

    with open_devices(settings) as book:
        yield book


def _show(made: dict[str, Any]) -> None:
    if made["links"]:
        _draw(made["links"][0])
    output.line(f"Scan this with {made['name']}, or open one of these there:")
    for base in made["addresses"]:
        output.line(f"  {base}/pair")
    output.line(f"and type the code  {made['code']}")
    output.line(f"It may then: {', '.join(made['scopes'])}. Good once, until {made['expires_at']}.")
    if made["fingerprint"]:
        output.line(f"SHA-256 of the certificate: {made['fingerprint']}")


def _draw(link: str) -> None:
    """A QR code of half blocks, where the terminal can show them."""
    import segno

    if sys.stdout.isatty() and (sys.stdout.encoding or "").lower().startswith("utf"):
        segno.make(link, error="l").terminal(compact=True)
    output.line(link)


def _wait(settings: Settings, url: str | None, made: dict[str, Any]) -> None:
    """Until it came. Nobody watches where this is no terminal."""
    if not sys.stdout.isatty():
        return
    output.line("Waiting for it; Ctrl+C leaves the code as it is.")
    try:
        while (found := call_service(settings, url, f"/invitations/{made['id']}"))[
            "state"
        ] == "open":
            time.sleep(_LOOK_SECONDS)
    except KeyboardInterrupt:
        return
    if found["state"] != "paired":
        raise CrispdError("Nobody came in time. Begin again with: crispd pair NAME")
    output.line(f"{made['name']} is paired.")
