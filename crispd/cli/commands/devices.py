"""Commands for devices and share links: pair, devices, unpair, unshare."""

from __future__ import annotations

from typing import Annotated

import typer

from crispd.cli.logs import set_up
from crispd.cli.options import SERVICE, SharedOptions, with_options


@with_options(*SERVICE)
def pair(
    options: SharedOptions,
    name: Annotated[str, typer.Argument(help="What the device is called.")],
    scope: Annotated[
        str, typer.Option(help="What it may do: search, originals, encode, admin; with commas.")
    ] = "search,originals",
    minutes: Annotated[
        float, typer.Option(min=0.1, max=60, help="How long the code is good.")
    ] = 10,
    just_token: Annotated[
        bool, typer.Option("--print-token", help="Print a token, for a program.")
    ] = False,
) -> None:
    """Let a device in: shows a QR code and a code to type, good once."""
    from crispd.cli import device_pairing

    settings = options.settings()
    set_up("warning")
    scopes = device_pairing.scopes_of(scope)
    if just_token:
        device_pairing.print_token(settings, options.url, name, scopes, as_json=options.as_json)
    else:
        device_pairing.invite(settings, options.url, name, scopes, minutes, as_json=options.as_json)


@with_options(*SERVICE)
def devices(
    options: SharedOptions,
) -> None:
    """Devices that have been let in, and when each was last heard of."""
    from crispd.cli.device_pairing import list_devices

    set_up("warning")
    list_devices(options.settings(), options.url, as_json=options.as_json)


@with_options(*SERVICE)
def unpair(
    options: SharedOptions,
    name: Annotated[str, typer.Argument(help="Name or id of the device.")],
) -> None:
    """Revoke a device: its token, cookies and links hold no more."""
    from crispd.cli.device_pairing import revoke

    set_up("warning")
    revoke(options.settings(), options.url, name, as_json=options.as_json)


@with_options(*SERVICE)
def unshare(options: SharedOptions) -> None:
    """End every shared link that was made without a device."""
    from crispd.cli.device_pairing import revoke_shares

    set_up("warning")
    revoke_shares(options.settings(), options.url, as_json=options.as_json)
