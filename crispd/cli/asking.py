"""Asking a running crispd, or the data folder where none runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx

from crispd.errors import CrispdError, NotFound, QueryError

if TYPE_CHECKING:
    from crispd.config import Settings

_TIMEOUT_SECONDS = 30.0


class NoService(CrispdError):
    """Nothing answers at the address."""


def ask(
    settings: Settings, url: str | None, path: str, parameters: dict[str, Any] | None = None
) -> Any:
    """The JSON of a GET. Raises NoService, or the error that the service answers with."""
    base = url or _address(settings)
    try:
        answer = httpx.get(base.rstrip("/") + path, params=parameters, timeout=_TIMEOUT_SECONDS)
    except httpx.TransportError as error:
        raise NoService(
            f"No crispd answers at {base} ({error}). Start it with: crispd serve FOLDER, or name "
            "another address with --url."
        ) from error
    if answer.is_success:
        return answer.json()
    raise _error(answer)


def search_anywhere(
    settings: Settings, url: str | None, words: str, *, limit: int, rerank: bool
) -> Any:
    """The answer of a running service; without one, and without ``url``, of the data folder."""
    parameters = {"q": words, "limit": limit, "rerank": str(rerank).lower()}
    try:
        return ask(settings, url, "/search", parameters)
    except NoService:
        if url is not None:
            raise
    return _search_folder(settings, words, limit=limit, rerank=rerank)


def _search_folder(settings: Settings, words: str, *, limit: int, rerank: bool) -> Any:
    from crispd.api.schemas import search_response
    from crispd.search.validate import make_query
    from crispd.service import Service

    query = make_query(words, limit=limit, rerank=rerank)
    if not (settings.data_dir / "crispd.sqlite3").exists():
        raise NotFound(
            f"Nothing is indexed in {settings.data_dir} and no crispd is running. "
            "Begin with: crispd serve FOLDER"
        )
    service = Service(settings)
    try:
        service.open_for_search()
        return search_response(service.search(query)).model_dump()
    finally:
        service.stop()


def _address(settings: Settings) -> str:
    host = "127.0.0.1" if settings.host in {"0.0.0.0", "::"} else settings.host
    return f"http://{host}:{settings.port}"


def _error(answer: httpx.Response) -> CrispdError:
    try:
        detail = str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        detail = f"The service answered {answer.status_code}."
    return (
        QueryError(detail) if answer.status_code == httpx.codes.BAD_REQUEST else CrispdError(detail)
    )
