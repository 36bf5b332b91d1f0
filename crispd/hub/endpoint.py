"""The hub as it is asked over HTTP: listings, and files from any byte on."""

from __future__ import annotations

import email.utils
import json
import os
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from crispd import __version__
from crispd.errors import HubError
from crispd.hub.repository import RemoteFile, RepositoryName, commit_of, files_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Self

    import httpx

_DEFAULT = "https://huggingface.co"
_TIMEOUT_SECONDS, _CONNECT_SECONDS = 30.0, 15.0
_MOST_REDIRECTS = 5
_MOST_LISTING_BYTES = 16 * 2**20
_MOST_PAGES = 50
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


class HubBusy(HubError):
    """It will pass: too many requests, a broken line, a server's own trouble. ``seconds``: how long
    the hub asks to wait; None where it does not say.
    """

    def __init__(self, message: str, seconds: float | None = None) -> None:
        super().__init__(message)
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address of the hub, or of a mirror, and a token that goes there and nowhere else.

    Proxies are those of the environment (``HTTPS_PROXY``, ``NO_PROXY``), as httpx reads them.
    """

    url: str = _DEFAULT
    token: str | None = field(default=None, repr=False)

    @classmethod
    def of(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """As ``HF_ENDPOINT`` and ``HF_TOKEN`` say. Raises HubError."""
        url = (environment.get("HF_ENDPOINT") or _DEFAULT).rstrip("/")
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise HubError(f"HF_ENDPOINT is {url!r}; an address such as {_DEFAULT} is expected.")
        return cls(url, environment.get("HF_TOKEN", "").strip() or None)


class Hub:
    """Asks an endpoint. One thread at a time; a context that closes its connections."""

    def __init__(self, endpoint: Endpoint) -> None:
        import httpx  # where it is needed: no start waits for it

        self._endpoint = endpoint
        self._http = httpx.Client(
            timeout=httpx.Timeout(_TIMEOUT_SECONDS, connect=_CONNECT_SECONDS),
            headers={"User-Agent": f"crispd/{__version__}"},
            trust_env=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._http.close()

    def commit(self, repository: RepositoryName) -> str:
        """The commit that its revision stands for now. Raises HubError."""
        if repository.pinned:
            return repository.revision
        revision = quote(repository.revision, safe="")
        url = f"{self._endpoint.url}/api/models/{repository.name}/revision/{revision}"
        return commit_of(self._json(url, repository)[0])

    def files(self, repository: RepositoryName, commit: str) -> list[RemoteFile]:
        """All files at a commit. Raises HubError."""
        base = f"{self._endpoint.url}/api/models/{repository.name}/tree/{commit}"
        url: str | None = f"{base}?recursive=1"
        entries: list[Any] = []
        for _ in range(_MOST_PAGES):
            if url is None:
                return files_of(entries)
            page, url = self._json(url, repository)
            if not isinstance(page, list):
                raise HubError("The hub's listing is no list.")
            entries += page
            if url is not None and not url.startswith(f"{base}?"):
                raise HubError("The hub's listing goes on elsewhere.")
        raise HubError("The hub's listing does not end.")

    @contextmanager
    def open(
        self, repository: RepositoryName, commit: str, file: RemoteFile, start: int
    ) -> Iterator[tuple[int, Iterator[bytes]]]:
        """Bytes of a file: from which one on (0 where the server knows no ranges), and they.

        Raises HubError; what comes may be short or wrong and is for the caller to check.
        """
        url = f"{self._endpoint.url}/{repository.name}/resolve/{commit}/{quote(file.path)}"
        headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={start}-"} if start else {})
        with _translated(url), self._followed(url, headers, file) as answer:
            if answer.status_code == 416:
                raise HubBusy(f"The hub has no bytes of {file.path} from {start} on.", 0)
            _refuse(answer, repository, file.path)
            begins = _beginning(answer) if answer.status_code == 206 else 0
            if begins not in {0, start}:
                raise HubBusy(f"The hub gives other bytes of {file.path} than were asked for.")
            # as they come: what is gathered into larger pieces is lost where the line breaks
            yield begins, answer.iter_raw()

    def _json(self, url: str, repository: RepositoryName) -> tuple[Any, str | None]:
        """A document, and the address of its next page."""
        with _translated(url), self._followed(url, {}, None) as answer:
            _refuse(answer, repository, None)
            data = b""
            for chunk in answer.iter_bytes():
                data += chunk
                if len(data) > _MOST_LISTING_BYTES:
                    raise HubError("The hub's listing is longer than that of any pack.")
            following = answer.links.get("next", {}).get("url")
            try:
                return json.loads(data), following
            except ValueError as error:
                raise HubError(
                    f"{self._endpoint.url} does not answer as a model hub. Is HF_ENDPOINT right?"
                ) from error

    @contextmanager
    def _followed(
        self, url: str, headers: dict[str, str], file: RemoteFile | None
    ) -> Iterator[httpx.Response]:
        """The answer behind redirects. The token goes to the endpoint's own host alone."""
        for _ in range(_MOST_REDIRECTS + 1):
            own = _origin(url) == _origin(self._endpoint.url)
            sent = dict(headers)
            if own and self._endpoint.token:
                sent["Authorization"] = f"Bearer {self._endpoint.token}"
            with self._http.stream("GET", url, headers=sent, follow_redirects=False) as answer:
                if own and file is not None:
                    _check_link(answer, file)
                if answer.status_code not in _REDIRECTS:
                    yield answer
                    return
                following = str(answer.url.join(answer.headers.get("Location", "")))
            if urlsplit(following).scheme not in {"https", urlsplit(url).scheme}:
                raise HubError("The hub leads from an encrypted connection to one that is not.")
            url = following
        raise HubError("The hub leads in circles.")


def _check_link(answer: httpx.Response, file: RemoteFile) -> None:
    """What the hub says of the file that it leads to is what its listing said."""
    size = answer.headers.get("X-Linked-Size", "")
    etag = answer.headers.get("X-Linked-Etag", "").removeprefix("W/").strip('"')
    if size.isdigit() and int(size) != file.bytes:
        raise HubError(f"The hub lists {file.path} with {file.bytes} bytes and sends {size}.")
    if len(etag) == 64 and file.sha256 is not None and etag != file.sha256:
        raise HubError(f"The hub lists {file.path} with another checksum than it sends it with.")


def _beginning(answer: httpx.Response) -> int:
    unit, _, rest = answer.headers.get("Content-Range", "").partition(" ")
    start = rest.partition("-")[0]
    return int(start) if unit == "bytes" and start.isdigit() else -1


def _refuse(answer: httpx.Response, repository: RepositoryName, path: str | None) -> None:
    """Raise what a status means."""
    status, name = answer.status_code, repository.name
    host = answer.url.host
    if status in {200, 206}:
        return
    if status == 429:
        raise HubBusy(f"{host} has had too many requests from here.", _retry_after(answer))
    if status >= 500:
        raise HubBusy(f"{host} has trouble of its own ({status}).", _retry_after(answer))
    if status in {401, 403}:
        raise HubError(
            f"{host} does not give {path or name} to everybody. If its page asks for that, accept "
            "the licence there, and set HF_TOKEN to a token that may read it."
        )
    if status == 404:
        where = f"no file {path} in {name}" if path else f"no {name} at {repository.revision}"
        raise HubError(f"There is {where} at {host}. Look at its page for what there is.")
    raise HubError(f"{host} answers {status} for {path or name}.")


def _retry_after(answer: httpx.Response) -> float | None:
    text = answer.headers.get("Retry-After", "")
    if text.isdigit():
        return float(text)
    try:
        return max(email.utils.parsedate_to_datetime(text).timestamp() - time.time(), 0.0)
    except ValueError:
        return None


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port


@contextmanager
def _translated(url: str) -> Iterator[None]:
    import httpx

    try:
        yield
    except httpx.InvalidURL as error:
        raise HubError(f"The hub leads to what is no address: {error}.") from error
    except (httpx.TransportError, httpx.StreamError) as error:
        host = urlsplit(url).hostname
        raise HubBusy(f"{host} cannot be reached ({type(error).__name__}: {error}).") from error
