"""Commands that search: search, places, duplicates, find, eval."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from crispd.cli import output
from crispd.cli.filter_options import NO_FILTERS, FilterOptions, with_filters
from crispd.cli.logs import set_up
from crispd.cli.options import SERVICE, SharedOptions, with_options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crispd.client.calls import SearchOptions

_Part = Annotated[str, typer.Argument(help="A part of a name.", show_default=False)]


@with_options(*SERVICE)
@with_filters
def search(
    options: SharedOptions,
    words: Annotated[
        list[str] | None, typer.Argument(help="What the photo shows.", show_default=False)
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=200, help="Photos at most.")] = 10,
    rerank: Annotated[bool, typer.Option(help="Re-rank with the fine model.")] = True,
    spelling: Annotated[bool, typer.Option(help="Put slips of the finger right.")] = True,
    parse: Annotated[bool, typer.Option(help="Read filters and dates in the words.")] = True,
    image: Annotated[Path | None, typer.Option(help="A picture that photos shall be like.")] = None,
    like: Annotated[str | None, typer.Option(help="The id of such a photo.")] = None,
    filters: FilterOptions = NO_FILTERS,
    sort: Annotated[str | None, typer.Option(help="relevance, newest, oldest, distance.")] = None,
    min_relevance: Annotated[str | None, typer.Option(help="likely, maybe, all.")] = None,
    group: Annotated[str | None, typer.Option(help="duplicates: one of those alike.")] = None,
    closest: Annotated[bool, typer.Option(help="Show the nearest where nothing may be it.")] = True,
    language: Annotated[
        str | None,
        typer.Option(help="Of the words, where several have them: de.", show_default="the locale"),
    ] = None,
    every_page: Annotated[bool, typer.Option("--all", help="Every photo found.")] = False,
) -> None:
    """Search: asks a running crispd, or opens the data folder where none runs."""
    settings = options.settings()
    set_up("warning")
    from crispd.cli.service_client import MOST_A_PAGE, picture_of, search_anywhere

    given = {
        "limit": MOST_A_PAGE if every_page else limit, "rerank": rerank, "spelling": spelling,
        "parse": parse, "like": like, **filters, "sort": sort, "min_relevance": min_relevance,
        "group": group, "closest": None if closest else False, "language": language or spoken(),
    }  # fmt: skip
    found = search_anywhere(
        settings,
        options.url,
        query_of(words or []),
        cast("SearchOptions", {name: value for name, value in given.items() if value is not None}),
        image=None if image is None else picture_of(image),
        every_page=every_page,
    )
    output.answer(found, options.as_json)


def spoken() -> str | None:
    """The language of the locale (POSIX: ``LC_ALL`` before ``LC_MESSAGES`` before ``LANG``)."""
    names = map(os.environ.get, ("LC_ALL", "LC_MESSAGES", "LANG"))
    code = next(filter(None, names), "").replace(".", "_").partition("_")[0].lower()
    return code if code.isalpha() and code not in {"c", "posix"} else None


@with_options(*SERVICE)
@with_filters
def places(
    options: SharedOptions,
    part: _Part = "",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Places at most.")] = 100,
    bounds: Annotated[
        str | None, typer.Option(help="Of a map, in degrees: south,west,north,east.")
    ] = None,
    filters: FilterOptions = NO_FILTERS,
) -> None:
    """Where photos were taken, with their number and middle."""
    settings = options.settings()
    set_up("warning")
    from crispd.cli.service_client import places_anywhere

    found = places_anywhere(settings, options.url, limit, filters, part, bounds)
    output.places(found, options.as_json)


@with_options(*SERVICE)
@with_filters
def people(
    options: SharedOptions,
    part: _Part = "",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="People at most.")] = 100,
    filters: FilterOptions = NO_FILTERS,
) -> None:
    """Who is on photos, by the names in their files, with the number of photos."""
    settings = options.settings()
    set_up("warning")
    from crispd.cli.service_client import people_anywhere

    output.people(people_anywhere(settings, options.url, limit, filters, part), options.as_json)


@with_options(*SERVICE)
def duplicates(
    options: SharedOptions,
    limit: Annotated[int, typer.Option(min=1, max=200, help="Groups at most.")] = 30,
    cursor: Annotated[str | None, typer.Option(help="Where to go on.")] = None,
) -> None:
    """Photos that are nearly the same: copies, versions, bursts. Nothing is deleted."""
    settings = options.settings()
    set_up("warning")
    from crispd.cli.service_client import duplicates_anywhere

    output.duplicates(duplicates_anywhere(settings, options.url, limit, cursor), options.as_json)


@with_options("as_json")
def find(
    options: SharedOptions,
    seconds: Annotated[float, typer.Option(min=0.5, max=60, help="How long to listen.")] = 3,
) -> None:
    """Look for crispds of this house that announce themselves (the setting announce)."""
    from crispd.cli.find import run

    run(seconds, as_json=options.as_json)


@with_options("pack", "data_dir", "config_file", "as_json")
def evaluate(
    options: SharedOptions,
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
    fine_pack: Annotated[
        str, typer.Option(help="Sets: with this pack to re-rank what comes first, by name or path.")
    ] = "",
    out: Annotated[
        Path | None, typer.Option(help="Where the tables go. [default: evaluations in the data]")
    ] = None,
) -> None:
    """Measure ranking and speed on captioned photos: coarse, fine, cascade, and as served."""
    settings = options.settings()
    set_up("warning")
    from crispd.cli.evaluation import run

    run(
        settings, dataset, split=split, images=images, library=library, queries=queries, fine=fine,
        fine_pack=fine_pack, out=out, as_json=options.as_json,
    )  # fmt: skip


def query_of(words: Sequence[str]) -> str:
    """What was typed as one query: ``dog on beach`` needs no quotes, ``-people`` is no option.

    A shell takes quotes away: where several words were given, one with spaces gets its own back,
    behind the colon of a filter. Raises typer.BadParameter for what looks like a long option.
    """
    for word in words:
        if word.startswith("--"):
            raise typer.BadParameter(f"No such option: {word}. See crispd search --help.")
    if len(words) == 1:
        return words[0]
    return " ".join(_quoted(word) for word in words)


def _quoted(word: str) -> str:
    if " " not in word or '"' in word:
        return word
    name, colon, value = word.partition(":")
    return f'{name}:"{value}"' if colon and " " not in name else f'"{word}"'
