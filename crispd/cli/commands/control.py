"""Commands that control a running service: status, pause, resume, confirm, reread, problems,
text.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from crispd.cli import output
from crispd.cli.logs import set_up
from crispd.cli.options import SERVICE, SharedOptions, with_options


class TextAction(StrEnum):
    """What to do with text in photos."""

    FORGET = "forget"
    READ = "read"


@with_options("url", "token", "config_file", "as_json")
def status(
    options: SharedOptions,
) -> None:
    """How a running crispd stands."""
    from crispd.cli.service_client import call_service

    output.facts(call_service(options.settings(), options.url, "/status"), options.as_json)


@with_options("url", "token", "config_file", "as_json")
def pause(
    options: SharedOptions,
) -> None:
    """A running crispd takes on no more photos; searches go on."""
    from crispd.cli.service_client import call_service

    output.facts(
        call_service(options.settings(), options.url, "/indexing/pause", {}), options.as_json
    )


@with_options("url", "token", "config_file", "as_json")
def resume(
    options: SharedOptions,
) -> None:
    """A running crispd goes on with indexing."""
    from crispd.cli.service_client import call_service

    output.facts(
        call_service(options.settings(), options.url, "/indexing/resume", {}), options.as_json
    )


@with_options("url", "token", "config_file", "as_json")
def confirm(
    options: SharedOptions,
    folder: Annotated[
        str | None, typer.Argument(help="Only of this folder; all without it.")
    ] = None,
) -> None:
    """Photos that a scan misses are gone on purpose: a running crispd forgets them."""
    from crispd.cli.service_client import call_service

    found = call_service(options.settings(), options.url, "/folders/confirm", {"path": folder})
    output.facts({"folders_confirmed": found["started"]}, options.as_json)


@with_options("url", "token", "config_file", "as_json")
def reread(
    options: SharedOptions,
    path: Annotated[Path, typer.Argument(help="A photo, or a folder of them.")],
) -> None:
    """A running crispd reads a photo, or all below a folder, anew."""
    from crispd.cli.service_client import call_service

    wanted = {"path": str(path.expanduser().absolute())}
    found = call_service(options.settings(), options.url, "/photos/reread", wanted)
    output.facts({"photos_read_anew": found["started"]}, options.as_json)


@with_options("url", "token", "config_file", "as_json")
def text(
    options: SharedOptions,
    what: Annotated[
        TextAction | None,
        typer.Argument(help="forget: remove all of it, and read none; read: read it again."),
    ] = None,
) -> None:
    """Text in photos: how far a running crispd is with it, or forget it, or read it again."""
    from crispd.cli.service_client import call_service

    settings = options.settings()
    if what is TextAction.FORGET:
        found = call_service(settings, options.url, "/text/forget", {})
        output.facts({"photos_whose_text_is_forgotten": found["started"]}, options.as_json)
        return
    body: dict[str, str] | None = None if what is None else {}
    address = "/text" if what is None else "/text/read"
    output.facts(call_service(settings, options.url, address, body), options.as_json)


@with_options(*SERVICE)
def problems(
    options: SharedOptions,
    retry: Annotated[bool, typer.Option("--retry", help="Look at them again.")] = False,
) -> None:
    """Files that could not be read, and why: of a running crispd, or of the data folder."""
    from crispd.cli.service_client import call_service, problems_anywhere

    set_up("warning")
    settings = options.settings()
    if retry:
        started = call_service(settings, options.url, "/problems/retry", {})["started"]
        output.facts({"files_looked_at_again": started}, options.as_json)
        return
    output.problems(problems_anywhere(settings, options.url), options.as_json)
