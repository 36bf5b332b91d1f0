"""The commands and their options."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from crispd import __version__, config
from crispd.cli import output
from crispd.cli.leaving import leave
from crispd.cli.logs import set_up
from crispd.cli.options import AsJson, Carry, ConfigFile, DataDir, LogLevel, PackName, Token, Url
from crispd.cli.sharing import unshare

if TYPE_CHECKING:
    from crispd.wire.calls import Asking

app = typer.Typer(
    help="Find the photos of your house by describing them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Folders = Annotated[list[str] | None, typer.Argument(help="Photo folders.", show_default=False)]


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


@app.command()
def serve(
    folders: Folders = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0: any free one.")] = None,
    data_dir: DataDir = None,
    pack: PackName = None,
    log_level: LogLevel = None,
    config_file: ConfigFile = None,
) -> None:
    """Watch folders and answer searches over HTTP, until stopped."""
    settings = config.load(
        config_file,
        folders=folders or None,
        host=host,
        port=port,
        data_dir=data_dir,
        pack=pack,
        log_level=log_level,
    )
    set_up(settings.log_level)
    # Imported where needed: `crispd status` must not wait for onnxruntime.
    from crispd.api.server import serve as run
    from crispd.library import refuse_wrong_folders
    from crispd.service import Service

    refuse_wrong_folders(settings)
    leave(run(Service(settings), settings))


@app.command()
def index(
    folders: Folders = None,
    data_dir: DataDir = None,
    pack: PackName = None,
    log_level: LogLevel = None,
    config_file: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Index folders once, with a progress bar, and stop."""
    settings = config.load(
        config_file,
        folders=folders or None,
        data_dir=data_dir,
        pack=pack,
        log_level=log_level or "warning",
    )
    set_up(settings.log_level)
    from crispd.cli.indexing import run

    run(settings, as_json=as_json)


@app.command()
def search(
    words: Annotated[str, typer.Argument(help="What the photo shows.", show_default=False)] = "",
    limit: Annotated[int, typer.Option(min=1, max=200, help="Photos at most.")] = 10,
    rerank: Annotated[bool, typer.Option(help="Re-rank with the fine model.")] = True,
    spelling: Annotated[bool, typer.Option(help="Put slips of the finger right.")] = True,
    parse: Annotated[bool, typer.Option(help="Read filters and dates in the words.")] = True,
    image: Annotated[Path | None, typer.Option(help="A picture that photos shall be like.")] = None,
    like: Annotated[str | None, typer.Option(help="The id of such a photo.")] = None,
    after: Annotated[str | None, typer.Option(help="Taken then or later: 2020-06.")] = None,
    before: Annotated[str | None, typer.Option(help="Taken earlier.")] = None,
    folder: Annotated[str | None, typer.Option(help="In it or below.")] = None,
    kind: Annotated[str | None, typer.Option("--type", help="jpeg, heic, raw …")] = None,
    camera: Annotated[str | None, typer.Option(help="A part of maker or model.")] = None,
    near: Annotated[str | None, typer.Option(help="48.86,2.35,5km.")] = None,
    has: Annotated[str | None, typer.Option(help="gps, keywords, rating.")] = None,
    orientation: Annotated[str | None, typer.Option(help="landscape, portrait, square.")] = None,
    min_width: Annotated[int | None, typer.Option(min=1, help="Pixels at least.")] = None,
    min_height: Annotated[int | None, typer.Option(min=1, help="Pixels at least.")] = None,
    min_megapixels: Annotated[float | None, typer.Option(min=0, help="At least.")] = None,
    rating: Annotated[int | None, typer.Option(min=1, max=5, help="Stars at least.")] = None,
    keyword: Annotated[str | None, typer.Option(help="Keywords, with commas.")] = None,
    sort: Annotated[str | None, typer.Option(help="relevance, newest, oldest.")] = None,
    min_relevance: Annotated[str | None, typer.Option(help="likely, maybe, all.")] = None,
    group: Annotated[str | None, typer.Option(help="duplicates: one of those alike.")] = None,
    every_page: Annotated[bool, typer.Option("--all", help="Every photo found.")] = False,
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    config_file: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Search: asks a running crispd, or opens the data folder where none runs."""
    settings = config.load(config_file, data_dir=data_dir, token=token)
    set_up("warning")
    from crispd.cli.asking import MOST_A_PAGE, picture_of, search_anywhere

    given = {
        "limit": MOST_A_PAGE if every_page else limit, "rerank": rerank, "spelling": spelling,
        "parse": parse, "min_width": min_width, "min_height": min_height,
        "min_megapixels": min_megapixels,
        "like": like, "after": after, "before": before, "folder": folder, "type": kind,
        "camera": camera, "near": near, "has": has, "orientation": orientation,
        "rating": rating, "keyword": keyword, "sort": sort, "min_relevance": min_relevance,
        "group": group,
    }  # fmt: skip
    found = search_anywhere(
        settings,
        url,
        words,
        cast("Asking", {name: value for name, value in given.items() if value is not None}),
        image=None if image is None else picture_of(image),
        every_page=every_page,
    )
    output.answer(found, as_json)


@app.command()
def duplicates(
    limit: Annotated[int, typer.Option(min=1, max=200, help="Groups at most.")] = 30,
    cursor: Annotated[str | None, typer.Option(help="Where to go on.")] = None,
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    config_file: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Photos that are nearly the same: copies, versions, bursts. Nothing is deleted."""
    settings = config.load(config_file, data_dir=data_dir, token=token)
    set_up("warning")
    from crispd.cli.asking import duplicates_anywhere

    output.duplicates(duplicates_anywhere(settings, url, limit, cursor), as_json)


@app.command()
def status(
    url: Url = None,
    token: Token = None,
    config_file: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """How a running crispd stands."""
    from crispd.cli.asking import ask

    output.facts(ask(config.load(config_file, token=token), url, "/status"), as_json)


@app.command()
def find(
    seconds: Annotated[float, typer.Option(min=0.5, max=60, help="How long to listen.")] = 3,
    as_json: AsJson = False,
) -> None:
    """Look for crispds of this house that announce themselves (the setting announce)."""
    from crispd.cli.looking import run

    run(seconds, as_json=as_json)


@app.command()
def pause(
    url: Url = None,
    token: Token = None,
    config_file: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """A running crispd takes on no more photos; searches go on."""
    from crispd.cli.asking import ask

    output.facts(ask(config.load(config_file, token=token), url, "/indexing/pause", {}), as_json)


@app.command()
def resume(
    url: Url = None,
    token: Token = None,
    config_file: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """A running crispd goes on with indexing."""
    from crispd.cli.asking import ask

    output.facts(ask(config.load(config_file, token=token), url, "/indexing/resume", {}), as_json)


@app.command()
def confirm(
    folder: Annotated[
        str | None, typer.Argument(help="Only of this folder; all without it.")
    ] = None,
    url: Url = None,
    token: Token = None,
    config_file: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Photos that a scan misses are gone on purpose: a running crispd forgets them."""
    from crispd.cli.asking import ask

    found = ask(config.load(config_file, token=token), url, "/folders/confirm", {"path": folder})
    output.facts({"folders_confirmed": found["started"]}, as_json)


@app.command()
def problems(
    retry: Annotated[bool, typer.Option("--retry", help="Look at them again.")] = False,
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    config_file: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Files that could not be read, and why: of a running crispd, or of the data folder."""
    from crispd.cli.asking import ask, problems_anywhere

    set_up("warning")
    settings = config.load(config_file, data_dir=data_dir, token=token)
    if retry:
        started = ask(settings, url, "/problems/retry", {})["started"]
        output.facts({"files_looked_at_again": started}, as_json)
        return
    output.problems(problems_anywhere(settings, url), as_json)


@app.command()
def doctor(
    folders: Folders = None,
    data_dir: DataDir = None,
    pack: PackName = None,
    config_file: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Look for what could be wrong: folders, permissions, limits, disk, clock, pack, database."""
    settings = config.load(config_file, folders=folders or None, data_dir=data_dir, pack=pack)
    from crispd.cli.examining import run

    if not run(settings, as_json=as_json):
        raise typer.Exit(1)


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="Where the copy goes.")],
    data_dir: DataDir = None,
    config_file: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Copy all that crispd knows to one file, also while a service runs."""
    settings = config.load(config_file, data_dir=data_dir)
    from crispd.cli.keeping import back_up

    back_up(settings, file, as_json=as_json)


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A file that crispd backup made.")],
    data_dir: DataDir = None,
    config_file: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Put a backup in place; the database that was there is kept beside it."""
    settings = config.load(config_file, data_dir=data_dir)
    from crispd.cli.keeping import restore as put_back

    put_back(settings, file, as_json=as_json)


@app.command()
def repair(
    data_dir: DataDir = None, config_file: ConfigFile = None, as_json: AsJson = False
) -> None:
    """Save what can be read of a damaged database; the damaged file is kept."""
    settings = config.load(config_file, data_dir=data_dir)
    from crispd.cli.keeping import repair as save

    save(settings, as_json=as_json)


@app.command()
def pair(
    name: Annotated[str, typer.Argument(help="What the device is called.")],
    scope: Annotated[
        str, typer.Option(help="What it may do: search, originals, admin; with commas.")
    ] = "search,originals",
    minutes: Annotated[
        float, typer.Option(min=0.1, max=60, help="How long the code is good.")
    ] = 10,
    just_token: Annotated[
        bool, typer.Option("--print-token", help="Print a token, for a program.")
    ] = False,
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    config_file: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Let a device in: shows a QR code and a code to type, good once."""
    from crispd.cli import pairing

    settings = config.load(config_file, data_dir=data_dir, token=token)
    set_up("warning")
    scopes = pairing.scopes_of(scope)
    if just_token:
        pairing.print_token(settings, url, name, scopes, as_json=as_json)
    else:
        pairing.invite(settings, url, name, scopes, minutes, as_json=as_json)


@app.command()
def devices(
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    config_file: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Devices that have been let in, and when each was last heard of."""
    from crispd.cli.pairing import listed

    set_up("warning")
    listed(config.load(config_file, data_dir=data_dir, token=token), url, as_json=as_json)


@app.command()
def unpair(
    name: Annotated[str, typer.Argument(help="Name or id of the device.")],
    url: Url = None,
    token: Token = None,
    data_dir: DataDir = None,
    config_file: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Revoke a device: its token, cookies and links hold no more."""
    from crispd.cli.pairing import revoke

    set_up("warning")
    revoke(config.load(config_file, data_dir=data_dir, token=token), url, name, as_json=as_json)


app.command()(unshare)


@app.command(name="eval")
def evaluate(
    dataset: Annotated[
        Path, typer.Argument(help="A data set, a folder of them, COCO or Karpathy JSON.")
    ],
    split: Annotated[
        str | None, typer.Option(help="Photos asked for; all: every one. [default: test, dev, all]")
    ] = None,
    images: Annotated[Path | None, typer.Option(help="Where the photos lie.")] = None,
    library: Annotated[
        int | None, typer.Option(min=1, help="Photos in all, filled up from other splits.")
    ] = None,
    queries: Annotated[int | None, typer.Option(min=1, help="Captions at most.")] = None,
    fine: Annotated[bool, typer.Option(help="Sets: fine over every photo too; slow.")] = True,
    out: Annotated[
        Path | None, typer.Option(help="Where the tables go. [default: evaluations in the data]")
    ] = None,
    pack: PackName = None,
    data_dir: DataDir = None,
    config_file: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Measure ranking and speed on captioned photos: coarse, fine, cascade, and as served."""
    settings = config.load(config_file, data_dir=data_dir, pack=pack)
    set_up("warning")
    from crispd.cli.evaluating import run

    run(
        settings, dataset, split=split, images=images, library=library, queries=queries, fine=fine,
        out=out, as_json=as_json,
    )  # fmt: skip


@app.command(name="install-service")
def install_service(
    folders: Folders = None,
    user: Annotated[bool, typer.Option("--user", help="For your own service manager.")] = False,
    run_as: Annotated[
        str | None, typer.Option(help="User of the service. [default: one of its own]")
    ] = None,
    socket: Annotated[bool, typer.Option("--socket", help="Let systemd listen.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Write without asking.")] = False,
    carry: Carry = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(min=1, help="Port to listen on.")] = None,
    data_dir: DataDir = None,
    config_file: ConfigFile = None,
) -> None:
    """Show the systemd unit for this machine and these folders, and write it."""
    settings = config.load(
        config_file, folders=folders or None, host=host, port=port, data_dir=data_dir
    )
    from crispd.cli.installing import run

    run(
        settings, config_file, run_as=run_as, per_user=user, with_socket=socket, yes=yes,
        carry=carry,
    )  # fmt: skip


@app.command(name="version")
def print_version(as_json: AsJson = False) -> None:
    """Print the version."""
    output.version(__version__, as_json)
