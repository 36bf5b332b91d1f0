"""The server process: a socket, uvicorn, and the terminal's output."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
from typing import TYPE_CHECKING

import uvicorn

from crispd import __version__
from crispd.api.event_stream import EventStream
from crispd.auth.access_control import AccessControl, ServerAddress
from crispd.auth.access_policy import is_loopback, make_access_policy
from crispd.auth.local_credentials import LocalToken, make_access_control, reachable, signing_key
from crispd.auth.share_secret import SHARE_SECRET, ShareSecret
from crispd.server.application import create_app
from crispd.server.connections import Connection, limited_connections
from crispd.server.listening import address_of, bound_addresses
from crispd.server.mdns import (
    Announcement,
    MdnsAnnouncer,
    announced_host,
    announced_name,
    listens_on_the_network,
    txt_record_of,
)
from crispd.server.startup_report import StartupReport
from crispd.server.tls import TlsCertificates, make_certificates
from crispd.systemd.notify import Notifier

if TYPE_CHECKING:
    import socket

    from crispd.config import Settings
    from crispd.server.early_start import EarlyStart
    from crispd.service_facade import ServiceFacade

log = logging.getLogger(__name__)

_GRACE_SECONDS = 5
_ANSWERS_SECONDS = 4
# 10,000 characters of a query are up to 120,000 bytes in an address.
_LONGEST_HEAD = 256 * 1024


def serve(early: EarlyStart, settings: Settings) -> int:
    """Serve until told to stop; the exit code. Why it ended by itself is said last of all."""
    manager = Notifier.from_environment()
    service, sockets = early.service, early.sockets
    host, port = address_of(sockets[0], settings.host)
    deaths: list[tuple[str, int]] = []

    def on_death(reason: str, exit_code: int) -> None:
        deaths.append((reason, exit_code))
        if manager:
            log.error("crispd ends: %s", reason)
        server.should_exit = True

    feed = EventStream()
    local = LocalToken(settings.data_dir)
    key = signing_key(settings.data_dir)
    access_control, tls = _doors(service, settings, sockets, local, key)
    app = create_app(
        service,
        __version__,
        on_death,
        manager,
        access_control,
        tls,
        feed,
        start=early.wait,
        immich=settings.immich_api,
        max_upload_mb=settings.max_upload_mb,
    )
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="on",
        http=limited_connections(settings.max_connections),
        ws="none",
        h11_max_incomplete_event_size=_LONGEST_HEAD,
        timeout_graceful_shutdown=_GRACE_SECONDS,
        server_header=False,
        ssl_context_factory=(lambda *_: tls.context) if tls else None,
        loop="crispd.server.connections:Loop",
        proxy_headers=False,  # believes whoever is on this machine; the guard knows whom to believe
    )
    server = _Server(config, manager, feed, _announcer(settings, sockets, key, access_control, tls))
    data_dir = str(settings.data_dir)
    reporter = StartupReport(
        service, host, port, data_dir, settings.folders, manager,
        scheme="https" if tls else "http", closed=access_control.rules.required,
        is_open=lambda: access_control.is_loaded,
    )  # fmt: skip
    reporter.start()

    def ask_to_stop() -> None:
        server.should_exit = True

    # For the moments before uvicorn takes the signals over and after it gave them back: it raises
    # the one that stopped it once more, and a stop that was asked for is no failure.
    early.on_stop(ask_to_stop)
    try:
        server.run(sockets=sockets)
    finally:
        reporter.stop()
        local.remove()
    if deaths and not manager:
        _say_last(deaths[0][0])
    return deaths[-1][1] if deaths else 0


def _say_last(reason: str) -> None:
    """Below everything that was logged while the server stopped, where a person looks."""
    with contextlib.suppress(OSError):
        sys.stderr.write(f"crispd: {reason}\n")
        sys.stderr.flush()


def _doors(
    service: ServiceFacade,
    settings: Settings,
    sockets: list[socket.socket],
    local: LocalToken,
    key: bytes,
) -> tuple[AccessControl, TlsCertificates | None]:
    """Who may ask, and HTTPS where it is wanted. Raises ConfigError, StorageUnwritable."""
    host, port = address_of(sockets[0], settings.host)
    names = [*settings.allowed_hosts, *([announced_host(key)] if settings.announce else [])]
    rules = make_access_policy(
        _widest(sockets, host), settings.auth, settings.trusted_proxies, names,
        settings.allowed_origins, settings.public_url,
    )  # fmt: skip
    tls = make_certificates(
        settings.tls, settings.data_dir, host, settings.tls_certificate, settings.tls_key, names
    )
    place = ServerAddress(
        reachable(host, port, "https" if tls else "http", settings.public_url),
        tls.fingerprint if tls else None,
        tls.authority if tls else None,
    )
    shares = ShareSecret(settings.data_dir / SHARE_SECRET)
    return make_access_control(rules, service, key, local, place, shares), tls


def _announcer(
    settings: Settings,
    sockets: list[socket.socket],
    key: bytes,
    access_control: AccessControl,
    tls: TlsCertificates | None,
) -> MdnsAnnouncer | None:
    """What tells the network of this crispd; None where that is not wanted, or of no use."""
    if not settings.announce:
        return None
    bound = bound_addresses(sockets)
    if not listens_on_the_network(bound):
        log.warning(
            "announce is on, but crispd listens on this machine only (%s): nothing is announced. "
            "host = 0.0.0.0 lets the network in.", ", ".join(bound),
        )  # fmt: skip
        return None
    fingerprint = tls.fingerprint if tls else None
    facts = txt_record_of(
        __version__, fingerprint, tls=tls is not None, pairing=access_control.rules.required
    )
    port = int(sockets[0].getsockname()[1])
    what = Announcement(announced_name(settings.announce_name), announced_host(key), port, facts)
    return MdnsAnnouncer(what, bound)


class _Server(uvicorn.Server):
    """A uvicorn server that reports its stop at once and ends endless streams before it waits for
    open responses.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        manager: Notifier,
        feed: EventStream,
        announcer: MdnsAnnouncer | None,
    ) -> None:
        super().__init__(config)
        self._manager = manager
        self._feed = feed
        self._announcer = announcer

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self._announcer is not None:
            self._announcer.start()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._manager.stopping()
        self._feed.close()
        if self._announcer is not None:
            await self._announcer.withdraw()
        # before uvicorn loses its patience: it would break answers off with a traceback each
        asyncio.get_running_loop().call_later(_ANSWERS_SECONDS, self._hang_up)
        await super().shutdown(sockets)

    def _hang_up(self) -> None:
        """Who has not read its answer by now does not get the rest."""
        for connection in list(self.server_state.connections):
            if isinstance(connection, Connection):
                connection.transport.abort()


def _widest(sockets: list[socket.socket], host: str) -> str:
    """The address that decides who needs a token: sockets that were handed over may be anywhere."""
    return next((address for address in bound_addresses(sockets) if not is_loopback(address)), host)
