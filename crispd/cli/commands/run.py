"""Commands that run crispd: serve, index, install-service, version."""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import socket
import sys
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from crispd import __version__
from crispd.cli import output
from crispd.cli.logs import set_up
from crispd.cli.options import Carry, SharedOptions, with_options

if TYPE_CHECKING:
    from collections.abc import Iterator


@with_options("folders", "data_dir", "pack", "log_level", "config_file")
def serve(
    options: SharedOptions,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0: any free one.")] = None,
) -> None:
    """Watch folders and answer searches over HTTP, until stopped."""
    settings = options.settings(host=host, port=port)
    set_up(settings.log_level)
    # Imported where needed: `crispd status` must not wait for onnxruntime.
    with _importing():
        from crispd.library.watched_folders import prepare_folders

        prepare_folders(settings)
        from crispd.server.early_start import EarlyStart
        from crispd.service import Service

        early = EarlyStart(Service(settings), settings.host, settings.port)
    with early:
        with _importing():  # beside the opening of the data
            from crispd.server.process import serve as run
        exit_process(run(early, settings))


@contextlib.contextmanager
def _importing() -> Iterator[None]:
    """Without looking for garbage: modules are none, and looking takes a tenth of their import.

    What is there by then is not looked through later, either.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


@with_options("folders", "data_dir", "pack", "log_level", "config_file", "as_json")
def index(
    options: SharedOptions,
) -> None:
    """Index folders once, with a progress bar, and stop."""
    settings = options.settings(log_level=options.log_level or "warning")
    set_up(settings.log_level)
    from crispd.cli.indexing import run

    run(settings, as_json=options.as_json)


@with_options("folders", "data_dir", "config_file")
def install_service(
    options: SharedOptions,
    user: Annotated[bool, typer.Option("--user", help="For your own service manager.")] = False,
    run_as: Annotated[
        str | None, typer.Option(help="User of the service. [default: one of its own]")
    ] = None,
    socket: Annotated[bool, typer.Option("--socket", help="Let systemd listen.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Write without asking.")] = False,
    carry: Carry = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(min=1, help="Port to listen on.")] = None,
) -> None:
    """Show the systemd unit for this machine and these folders, and write it."""
    settings = options.settings(host=host, port=port)
    from crispd.cli.install_service import run

    run(
        settings, options.config_file, run_as=run_as, per_user=user, with_socket=socket, yes=yes,
        carry=carry,
    )  # fmt: skip


@with_options("data_dir", "token", "config_file")
def worker(
    options: SharedOptions,
    hub: Annotated[str, typer.Option("--hub", help="Address of the hub, such as http://nas:8642.")],
    name: Annotated[str, typer.Option(help="What this machine is called there.")] = "",
) -> None:
    """Encode photos for a hub that indexes or changes its pack. Its token has the scope encode."""
    from crispd.cli.worker import work

    set_up("warning")
    with contextlib.suppress(KeyboardInterrupt):
        work(options.settings(), hub, name or socket.gethostname())


@with_options("as_json")
def print_version(
    options: SharedOptions,
) -> None:
    """Print the version."""
    output.version(__version__, options.as_json)


def exit_process(code: int) -> NoReturn:
    """End with this exit code, at once: everything is written by then.

    An interpreter that takes itself apart works for a third of a second, and for seconds on a hub.
    A thread that did not end in time may be deep in a model or a decoder, and under it such an
    interpreter aborts: "terminate called without an active exception", and systemd calls a stop
    that went well a crash.
    """
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
