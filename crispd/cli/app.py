"""The typer application: every command under its name."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from crispd import __version__
from crispd.cli import output
from crispd.cli.commands import control, devices, maintenance, run, search
from crispd.cli.commands.packs import packs

if TYPE_CHECKING:
    from collections.abc import Callable

app = typer.Typer(
    help="Find the photos of your house by describing them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _version_option(wanted: bool) -> None:
    if wanted:
        output.version(__version__, False)
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version.", is_eager=True, callback=_version_option
        ),
    ] = False,
) -> None:
    """Find the photos of your house by describing them."""
    os.umask(0o077)  # what is known of a house is nobody else's, whoever starts this and how


# In the order of ``crispd --help``.
_COMMANDS: dict[str, Callable[..., None]] = {
    "serve": run.serve,
    "index": run.index,
    "search": search.search,
    "places": search.places,
    "people": search.people,
    "duplicates": search.duplicates,
    "status": control.status,
    "find": search.find,
    "pause": control.pause,
    "resume": control.resume,
    "confirm": control.confirm,
    "reread": control.reread,
    "problems": control.problems,
    "text": control.text,
    "doctor": maintenance.doctor,
    "bench": maintenance.bench,
    "backup": maintenance.backup,
    "restore": maintenance.restore,
    "repair": maintenance.repair,
    "pair": devices.pair,
    "devices": devices.devices,
    "unpair": devices.unpair,
    "unshare": devices.unshare,
    "eval": search.evaluate,
    "install-service": run.install_service,
    "worker": run.worker,
    "version": run.print_version,
}
# -people is a word to leave out, and no option
_SETTINGS = {"search": {"ignore_unknown_options": True}}
for _name, _command in _COMMANDS.items():
    app.command(_name, context_settings=_SETTINGS.get(_name))(_command)
app.add_typer(packs, name="packs")
