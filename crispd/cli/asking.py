"""Asking a running crispd, or the data folder where none runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx

from crispd.errors import CrispdError, NotFound, QueryError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from crispd.config import Settings
    from crispd.service import Service

_TIMEOUT_SECONDS = 30.0
_MOST_PROBLEMS = 1000


class NoService(CrispdError):
    """Nothing answers at the address."""


def ask(
    settings: Settings,
    url: str | None,
    path: str,
    body: dict[str, Any] | None = None,
    image: bytes | None = None,
) -> dict[str, Any]:
    """The JSON of a GET, or of a POST of ``body``, a form where there is an ``image``.

    Raises NoService, or what is answered.
    """
    base = _base(url) if url else _address(settings)
    try:
        # trust_env: a proxy of the environment knows nothing of this house
        with httpx.Client(timeout=_TIMEOUT_SECONDS, trust_env=False) as http:
            answer = _sent(http, base + path, body, image)
    except httpx.TransportError as error:
        raise NoService(
            f"No crispd answers at {base} ({error}). Start it with: crispd serve FOLDER, or name "
            "another address with --url."
        ) from error
    except httpx.InvalidURL as error:
        raise QueryError(f"{base} is no address ({error}). Such as: http://nas:8642") from error
    found = _json(answer)
    if answer.is_success and found is not None:
        return found
    raise _error(answer, found, base)


def _sent(
    http: httpx.Client, address: str, body: dict[str, Any] | None, image: bytes | None
) -> httpx.Response:
    if body is None:
        return http.get(address)
    if image is None:
        return http.post(address, json=body)
    # without the picture's name, which is nobody's business
    form = {name: str(value).lower() if isinstance(value, bool) else value
            for name, value in body.items()}  # fmt: skip
    return http.post(address, data=form, files={"image": ("image", image)})


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
    *,
    limit: int,
    rerank: bool,
    spelling: bool,
    like: str | None = None,
    image: bytes | None = None,
) -> dict[str, Any]:
    """The answer of a running service; without one, and without ``url``, of the data folder."""
    from crispd.search.validate import Asked, make_query

    asked = Asked(words, limit=limit, rerank=rerank, spelling=spelling, like=like)
    if image is None:
        make_query(asked)  # what is wrong is said before anything is asked
    # in a body: httpx makes no address longer than 64 kB, which long texts in some scripts need
    body = {"q": words, "limit": limit, "rerank": rerank, "spelling": spelling}
    body |= {} if like is None else {"like": like}

    def from_folder(service: Service) -> dict[str, Any]:
        from crispd.api.schemas import search_response

        picture = None if image is None else service.encoded(image)
        return search_response(service.search(make_query(asked, picture))).model_dump()

    return _anywhere(settings, url, "/search", body, from_folder, image)


def problems_anywhere(settings: Settings, url: str | None) -> dict[str, Any]:
    """The same for the files that could not be read."""

    def from_folder(service: Service) -> dict[str, Any]:
        from crispd.api.schemas import Problems, problem_response

        found, total = service.problems(_MOST_PROBLEMS, 0)
        return Problems(
            problems=[problem_response(item) for item in found], total=total
        ).model_dump()

    return _anywhere(settings, url, f"/problems?limit={_MOST_PROBLEMS}", None, from_folder)


def _anywhere(
    settings: Settings,
    url: str | None,
    path: str,
    body: dict[str, Any] | None,
    from_folder: Callable[[Service], dict[str, Any]],
    image: bytes | None = None,
) -> dict[str, Any]:
    try:
        return ask(settings, url, path, body, image)
    except NoService:
        if url is not None:
            raise
    if not (settings.data_dir / "crispd.sqlite3").exists():
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


def _base(url: str) -> str:
    return (url if "://" in url else f"http://{url}").rstrip("/")


def _address(settings: Settings) -> str:
    host = "127.0.0.1" if settings.host in {"0.0.0.0", "::"} else settings.host
    return f"http://[{host}]:{settings.port}" if ":" in host else f"http://{host}:{settings.port}"


def _json(answer: httpx.Response) -> dict[str, Any] | None:
    try:
        found = answer.json()
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _error(answer: httpx.Response, found: dict[str, Any] | None, base: str) -> CrispdError:
    if found is None or not isinstance(found.get("detail"), str):
        return CrispdError(
            f"What answers at {base} is no crispd (status {answer.status_code}). "
            "Name its address with --url."
        )
    detail = found["detail"]
    return QueryError(detail) if answer.status_code == 400 else CrispdError(detail)
