"""A service for the commands: a running one over HTTP, or else the data folder."""

from __future__ import annotations

import contextlib
import ssl
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from crispd.client import (
    BadRequest,
    Client,
    CrispdClientError,
    InvalidAddress,
    NoAnswer,
    NotCrispd,
    RetryPolicy,
    Unauthorized,
)
from crispd.default_data_dir import OF_THE_MACHINE, has_database
from crispd.errors import CrispdError, NotFound, QueryError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from crispd.client.calls import SearchOptions
    from crispd.config import Settings
    from crispd.service import Service

_MOST_PROBLEMS = 1000
MOST_A_PAGE = 200


class ServiceNotRunning(CrispdError):
    """No service responds at the address."""


def call_service(
    settings: Settings,
    url: str | None,
    path: str,
    body: dict[str, Any] | None = None,
    image: bytes | None = None,
    method: str | None = None,
) -> dict[str, Any]:
    """The JSON of a GET, or of a POST of ``body``, a form where there is an ``image``.

    Raises ServiceNotRunning, or what is answered.
    """
    with connected(settings, url) as service:
        return service.json(method or ("GET" if body is None else "POST"), path, body, image)


@contextmanager
def connected(settings: Settings, url: str | None) -> Iterator[Client]:
    """A client of the service; its errors become those of the commands."""
    base = _base(url) if url else _address(settings)
    once = RetryPolicy(retries=0)
    try:
        with Client(
            base, token=_token(settings, url), verify=_trusted(settings, url), patience=once
        ) as client:
            yield client
    except NoAnswer as error:
        raise ServiceNotRunning(
            f"No crispd answers at {base} ({error.__cause__}). Start it with: crispd serve FOLDER, "
            "or name another address with --url (crispd find looks for them in this house)."
        ) from error
    except InvalidAddress as error:
        raise QueryError(f"{base} is no address. Such as: http://nas:8642") from error
    except NotCrispd as error:
        raise CrispdError(f"{error} Name its address with --url.") from error
    except Unauthorized as error:
        raise CrispdError(
            f"{error} On this machine, run the command as the user that crispd runs as; elsewhere, "
            "give the token with --token or CRISPD_TOKEN."
        ) from error
    except BadRequest as error:
        raise (QueryError if error.status == 400 else CrispdError)(str(error)) from error
    except CrispdClientError as error:
        raise CrispdError(str(error)) from error


def picture_of(path: Path) -> bytes:
    """A file to search by. Raises QueryError."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise QueryError(f"{path} cannot be read: {error.strerror}.") from error


def search_anywhere(
    settings: Settings,
    url: str | None,
    words: str,
    asking: SearchOptions,
    *,
    image: bytes | None = None,
    every_page: bool = False,
) -> dict[str, Any]:
    """The answer of a running service; without one, and without ``url``, of the data folder."""
    from crispd.query.request import SearchRequest, make_query

    asked = SearchRequest.of(words, **asking)
    if image is None:
        make_query(asked)  # what is wrong is said before anything is asked

    def of_service() -> dict[str, Any]:
        with connected(settings, url) as client:
            pages = client.pages(words, image, **asking)
            found = ((page.raw, [hit.raw for hit in page.results]) for page in pages)
            return _joined(found, every_page)

    def of_folder(service: Service) -> dict[str, Any]:
        from crispd.api.search_schemas import search_response

        picture = None if image is None else service.encoded(image)

        def pages() -> Iterator[tuple[dict[str, Any], list[Any]]]:
            query = make_query(asked, picture, service.hemisphere, service.known_names())
            while True:
                page = search_response(service.search(query)).model_dump()
                yield page, page["results"]
                if page["next"] is None:
                    return
                query = make_query(SearchRequest(limit=asked.limit, cursor=page["next"]))

        return _joined(pages(), every_page)

    return _anywhere(settings, url, of_service, of_folder)


def _joined(
    pages: Iterable[tuple[Mapping[str, Any], list[Any]]], every_page: bool
) -> dict[str, Any]:
    """The first page; with the photos of all others, if that is asked for."""
    rest = iter(pages)
    page, _ = next(rest)
    first = dict(page)
    if every_page:
        first["results"] = list(first["results"])
        for _, results in rest:
            first["results"] += results
        first["next"] = None
    return first


def problems_anywhere(settings: Settings, url: str | None) -> dict[str, Any]:
    """The same for the files that could not be read."""

    def from_folder(service: Service) -> dict[str, Any]:
        from crispd.api.schemas import Problems, problem_response

        found, total = service.problems(_MOST_PROBLEMS, 0)
        return Problems(
            problems=[problem_response(item) for item in found], total=total
        ).model_dump()

    def of_service() -> dict[str, Any]:
        return call_service(settings, url, f"/problems?limit={_MOST_PROBLEMS}")

    return _anywhere(settings, url, of_service, from_folder)


def places_anywhere(
    settings: Settings,
    url: str | None,
    limit: int,
    filters: Mapping[str, Any],
    part: str = "",
    bounds: str | None = None,
) -> dict[str, Any]:
    """Where the photos that the filters let through were taken."""

    def from_folder(service: Service) -> dict[str, Any]:
        from crispd.api.routes.places import find_places, places_response

        found = find_places(service, filters, part, bounds)
        return places_response(found, limit).model_dump()

    asked = {"limit": limit, "q": part or None, "bounds": bounds, **filters}
    return _counted_anywhere(settings, url, "/places", asked, from_folder)


def people_anywhere(
    settings: Settings, url: str | None, limit: int, filters: Mapping[str, Any], part: str = ""
) -> dict[str, Any]:
    """Who is on the photos that the filters let through."""

    def from_folder(service: Service) -> dict[str, Any]:
        from crispd.api.routes.people import people_response
        from crispd.query.request import make_filters

        found = service.people(make_filters(filters, service.hemisphere), part)
        return people_response(found, limit).model_dump()

    asked = {"limit": limit, "q": part or None, **filters}
    return _counted_anywhere(settings, url, "/people", asked, from_folder)


def _counted_anywhere(
    settings: Settings,
    url: str | None,
    path: str,
    asked: Mapping[str, Any],
    from_folder: Callable[[Service], dict[str, Any]],
) -> dict[str, Any]:
    from crispd.filters.table import FILTERS
    from crispd.query.request import make_filters

    given = {name: value for name, value in asked.items() if value is not None}
    # what is wrong is said before anything is asked
    make_filters({name: value for name, value in given.items() if name in FILTERS})
    of_service = partial(call_service, settings, url, f"{path}?{urlencode(given)}")
    return _anywhere(settings, url, of_service, from_folder)


def duplicates_anywhere(
    settings: Settings, url: str | None, limit: int, cursor: str | None
) -> dict[str, Any]:
    """Groups of photos that are nearly the same; of the data folder, all photos are compared."""

    def from_folder(service: Service) -> dict[str, Any]:
        from crispd.api.routes.duplicates import duplicates_response

        found = service.duplicates(limit, cursor)
        while not found.complete:
            found = service.duplicates(limit, cursor)
        return duplicates_response(found).model_dump()

    asked = {"limit": limit} if cursor is None else {"limit": limit, "cursor": cursor}

    def of_service() -> dict[str, Any]:
        return call_service(settings, url, f"/duplicates?{urlencode(asked)}")

    return _anywhere(settings, url, of_service, from_folder)


def _anywhere(
    settings: Settings,
    url: str | None,
    of_service: Callable[[], dict[str, Any]],
    from_folder: Callable[[Service], dict[str, Any]],
) -> dict[str, Any]:
    try:
        return of_service()
    except ServiceNotRunning:
        if url is not None:
            raise
    if not has_database(settings.data_dir):
        raise NotFound(
            f"Nothing is indexed in {settings.data_dir} and no crispd answers at "
            f"{_address(settings)}. Begin with: crispd serve FOLDER"
        )
    # Imported where needed: a question to a running service must not wait for onnxruntime.
    from crispd.service import Service

    service = Service(settings)
    try:
        service.open_for_search()
        return from_folder(service)
    finally:
        service.stop()


def _token(settings: Settings, url: str | None) -> str | None:
    """The token of the settings; of the data folder only for the service that has it open."""
    token = settings.token.get_secret_value().strip()
    for folder in _data_folders(settings) if url is None else ():
        with contextlib.suppress(OSError, UnicodeError):  # none runs, or it is another user's
            token = token or (folder / "local-token").read_text("ascii").strip()
    return token or None


def _data_folders(settings: Settings) -> tuple[Path, ...]:
    """Where a service on this machine may have its data: the one of the settings first."""
    return settings.data_dir, OF_THE_MACHINE


def _trusted(settings: Settings, url: str | None) -> ssl.SSLContext | None:
    """Whom to believe: the house's own authority too, and here the certificate that was given."""
    given = Path(settings.tls_certificate).expanduser() if settings.tls_certificate else None
    found = given or next(filter(_is_there, _authorities(settings)), None)
    if not _base(url or _address(settings)).startswith("https:") or found is None:
        return None
    context = ssl.create_default_context()
    with contextlib.suppress(OSError):  # of another user
        context.load_verify_locations(found)
    if url is None:
        # it is asked under the address of this machine, whatever name the certificate bears
        context.check_hostname = given is None
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return context


def _authorities(settings: Settings) -> Iterator[Path]:
    return (folder / "tls" / "ca.crt" for folder in _data_folders(settings))


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # in a folder of another user's
        return False


def _base(url: str) -> str:
    return (url if "://" in url else f"http://{url}").rstrip("/")


def _address(settings: Settings) -> str:
    host = "127.0.0.1" if settings.host in {"0.0.0.0", "::"} else settings.host
    scheme = "https" if settings.tls_certificate or settings.tls == "auto" else "http"
    name = f"[{host}]" if ":" in host else host
    return f"{scheme}://{name}:{settings.port}"
