"""Commands for model packs: ``crispd packs``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from crispd.cli.logs import set_up
from crispd.cli.options import SERVICE, SharedOptions, with_options

packs = typer.Typer(
    help="Models: those that are here, those that can be had, and which one answers.",
    no_args_is_help=True,
)


def _precision(value: str | None) -> str | None:
    from crispd.packs.foreign.file_choice import PRECISIONS

    if value is not None and not set(value.split("/", 1)) <= set(PRECISIONS):
        raise typer.BadParameter(f"{value!r} is none of {', '.join(PRECISIONS)}.")
    return value


Name = Annotated[str, typer.Argument(help="Name of a pack, as crispd packs list has it.")]

Precision = Annotated[
    str | None,
    typer.Option(
        metavar="P or P/P",
        help="Of its graphs where it has several: fp32, fp16, int8, q4, q4f16 or bnb4; two with a "
        "slash are of images and of texts.",
        callback=_precision,
    ),
]


@with_options(*SERVICE)
def list_packs(
    options: SharedOptions,
) -> None:
    """Packs that are here and those of the catalogue; how far a download or a change is."""
    from crispd.cli.packs import show

    set_up("warning")
    show(options.settings(), options.url, as_json=options.as_json)


@with_options(*SERVICE)
def pull(
    options: SharedOptions,
    pack: Annotated[
        str,
        typer.Argument(help="Of the catalogue, or a repository: owner/name or owner/name@v1."),
    ],
    precision: Precision = None,
) -> None:
    """Fetch a pack: a running crispd does, else this command. An interrupted one goes on."""
    from crispd.cli.packs import pull as fetch

    set_up("warning")
    fetch(options.settings(), options.url, pack, precision, as_json=options.as_json)


@with_options("data_dir", "config_file", "as_json")
def import_folder(
    options: SharedOptions,
    folder: Annotated[Path, typer.Argument(help="A folder with ONNX models of others, or a pack.")],
    name: Annotated[str, typer.Option(help="What the pack is called here.")] = "",
    precision: Precision = None,
) -> None:
    """Make a pack of a folder of models. Its files are linked or copied, never changed."""
    from crispd.cli.packs import add_folder

    set_up("warning")
    add_folder(options.settings(), folder, name, precision, as_json=options.as_json)


@with_options("data_dir", "config_file", "as_json")
def verify(options: SharedOptions, name: Name) -> None:
    """Read a pack through: every file is as it was when it was installed."""
    from crispd.cli.packs import verify as read_through

    set_up("warning")
    read_through(options.settings(), name, as_json=options.as_json)


@with_options("data_dir", "config_file", "as_json")
def bench(options: SharedOptions, name: Name = "mini") -> None:
    """How fast a pack is on this machine: photos a second, milliseconds a query, memory."""
    from crispd.cli.packs import bench as measure

    set_up("warning")
    measure(options.settings(), name, as_json=options.as_json)


@with_options(*SERVICE)
def recommend(
    options: SharedOptions,
    photos: Annotated[
        int | None, typer.Option(min=0, help="How many; else those of the library.")
    ] = None,
    language: Annotated[str, typer.Option(help="In which people ask, such as de or en,fr.")] = "en",
) -> None:
    """Which packs suit this machine and library, and what encoding again would take."""
    from crispd.cli.packs import recommend as advise

    set_up("warning")
    advise(options.settings(), options.url, photos, language, as_json=options.as_json)


@with_options(*SERVICE)
def use(options: SharedOptions, name: Name) -> None:
    """This pack shall answer, once it has seen all photos and passed a check."""
    from crispd.cli.packs import use as wanted

    set_up("warning")
    wanted(options.settings(), options.url, name, as_json=options.as_json)


@with_options(*SERVICE)
def back(options: SharedOptions) -> None:
    """The pack that answered before shall again; a change that is on its way is given up."""
    from crispd.cli.packs import back as go_back

    set_up("warning")
    go_back(options.settings(), options.url, as_json=options.as_json)


@with_options(*SERVICE)
def remove(options: SharedOptions, name: Name) -> None:
    """Delete a pack that neither answers nor shall."""
    from crispd.cli.packs import remove as delete

    set_up("warning")
    delete(options.settings(), options.url, name, as_json=options.as_json)


for _name, _command in {
    "list": list_packs,
    "pull": pull,
    "import": import_folder,
    "verify": verify,
    "bench": bench,
    "recommend": recommend,
    "use": use,
    "back": back,
    "remove": remove,
}.items():
    packs.command(_name)(_command)
