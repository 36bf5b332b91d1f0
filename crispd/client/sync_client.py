# Made of async_client.py by scripts/sync_client.py. Edit that one, then: make client
"""The synchronous client."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, TypeVar

import httpx

from crispd.client import calls, responses
from crispd.client.client_settings import DEFAULT_URL, ClientSettings, redacted
from crispd.client.downloads import Download
from crispd.client.exceptions import Gone, NoAnswer, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Iterable
    from pathlib import Path
    from types import TracebackType
    from typing import Self, Unpack

    from crispd.client.calls import Call, SearchOptions
    from crispd.client.filter_options import FilterOptions
    from crispd.client.models import (
        Completion,
        Folder,
        Health,
        Hit,
        Paused,
        People,
        Photo,
        Places,
        Problems,
        SearchResults,
        Status,
        TextOfPhoto,
        TextReading,
    )
    from crispd.client.pack_models import EncodeJobs, PackOverview

T = TypeVar("T")


class Client(ClientSettings):
    """A crispd at ``url``. Closed by ``with`` or ``close``.

    ``token``: of a device. ``ca``: a PEM file to believe besides the system's authorities;
    ``fingerprint``: SHA-256 of the certificate, or of the house's authority, looked at when this is
    made; ``verify``: a context of your own. ``uds``: a Unix socket to connect to. ``timeout``:
    seconds. ``patience``: how 503, 429 and lost connections are tried again; calls that change
    something only where nothing was sent.
    """

    def __init__(self, url: str = DEFAULT_URL, **settings: Any) -> None:
        super().__init__(url, **settings)
        transport = httpx.HTTPTransport(verify=self.trust, uds=self.uds)
        self._http = httpx.Client(transport=transport, **self.options)

    def __enter__(self) -> Self:
        """For ``with``."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close."""
        self.close()

    def close(self) -> None:
        """Give connections back."""
        self._http.close()

    # --- searching ----------------------------------------------------------------------------

    def search(
        self, q: str = "", image: bytes | None = None, **asking: Unpack[SearchOptions]
    ) -> SearchResults:
        """The first page of what ``q``, a picture (JPEG, HEIC …) and the filters find."""
        return self._send(calls.search(q, asking, image))

    def page(self, cursor: str, limit: int | None = None) -> SearchResults:
        """The page that ``SearchResults.next`` stands for. Raises Gone an hour after its last
        use.
        """
        return self._send(calls.page(cursor, limit))

    def pages(
        self, q: str = "", image: bytes | None = None, **asking: Unpack[SearchOptions]
    ) -> Iterator[SearchResults]:
        """Every page. Where the results are lost on the way, they are searched for once more.

        Pages of the new search say so in ``asked_again`` and leave out what came before. Raises
        Gone the second time.
        """
        limit, seen, again = asking.get("limit"), set[str](), False
        page = self.search(q, image, **asking)
        while True:
            page = redacted(page, seen, again)
            yield page
            if page.next is None:
                return
            try:
                page = self.page(page.next, limit)
            except Gone:
                if again:
                    raise
                again = True
                page = self.search(q, image, **asking)

    def hits(
        self, q: str = "", image: bytes | None = None, **asking: Unpack[SearchOptions]
    ) -> Iterator[Hit]:
        """Every photo that is found, page by page as they are needed."""
        for page in self.pages(q, image, **asking):
            for hit in page.results:
                yield hit

    # --- photos -------------------------------------------------------------------------------

    def photo(self, photo_id: str) -> Photo:
        """All that is known of a photo."""
        return self._send(calls.photo(photo_id))

    def photo_text(self, photo_id: str, words: str = "") -> TextOfPhoto:
        """The text in a photo, line by line; of each, where ``words`` stand in it."""
        return self._send(calls.photo_text(photo_id, words))

    def thumbnail(self, photo_id: str, size: int | None = None) -> bytes:
        """A JPEG with a long side of ``size`` pixels."""
        return self._picture(calls.photo_path(photo_id, "/thumbnail"), size)

    def preview(self, photo_id: str, size: int | None = None) -> bytes:
        """A JPEG for a screen, whatever the original is."""
        return self._picture(calls.photo_path(photo_id, "/preview"), size)

    def original(self, photo_id: str, to: str | Path) -> Path:
        """Stream the file into ``to``, a path or a folder; where it went.

        What was at the path is replaced once all of it has come.
        """
        path = calls.photo_path(photo_id, "/original")
        return self._download("GET", path, to, photo_id)

    def archive(self, photo_ids: Iterable[str], to: str | Path) -> Path:
        """Stream the files of several photos into one ZIP archive at ``to``; where it went."""
        form = {"ids": ",".join(photo_ids)}
        return self._download("POST", "/photos/archive", to, "photos.zip", data=form)

    # --- the house ----------------------------------------------------------------------------

    def status(self) -> Status:
        """Counters: what is searchable, what waits, how fast."""
        return self._send(calls.status())

    def folders(self) -> tuple[Folder, ...]:
        """Watched folders."""
        return (self._send(calls.folders())).folders

    def places(
        self,
        limit: int = 100,
        offset: int = 0,
        q: str | None = None,
        bounds: str | None = None,
        **filters: Unpack[FilterOptions],
    ) -> Places:
        """Where the photos that the filters let through were taken, most photos first.

        ``q``: a part of a name; ``bounds``: of a map, as "south,west,north,east" in degrees.
        """
        asked = {"q": q, "bounds": bounds, **filters}
        return self._send(calls.places(limit, offset, asked))

    def people(
        self,
        limit: int = 100,
        offset: int = 0,
        q: str | None = None,
        **filters: Unpack[FilterOptions],
    ) -> People:
        """Who is on the photos that the filters let through, most photos first. ``q``: a part of a
        name.
        """
        return self._send(calls.people(limit, offset, {"q": q, **filters}))

    def completions(self, q: str, at: int | None = None) -> tuple[Completion, ...]:
        """What the words before the caret, behind ``at`` characters of a box, may become."""
        return (self._send(calls.completions(q, at))).completions

    def problems(self, limit: int = 100, offset: int = 0) -> Problems:
        """Files that could not be read, the latest first."""
        return self._send(calls.problems(limit, offset))

    def retry(self) -> int:
        """Look at them again; how many."""
        return (self._send(calls.retry())).started

    def text_reading(self) -> TextReading:
        """Whether text in photos is read."""
        return self._send(calls.text_reading())

    def forget_text(self) -> int:
        """Remove all text of photos and read none until ``read_text``; of how many contents."""
        return (self._send(calls.forget_text())).started

    def read_text(self) -> TextReading:
        """Read text in photos again after it was forgotten."""
        return self._send(calls.read_text())

    def pause(self) -> Paused:
        """Take on no more photos. Searches go on."""
        return self._send(calls.pause())

    def resume(self) -> Paused:
        """Go on with indexing."""
        return self._send(calls.resume())

    def confirm(self, path: str | None = None) -> int:
        """Photos that a scan misses are gone on purpose; how many folders waited for that."""
        return (self._send(calls.confirm(path))).started

    def reread(self, path: str | None = None, *, photo_id: str | None = None) -> int:
        """Read a photo, or all below a folder of the service, anew; how many are known there."""
        return (self._send(calls.reread(path, photo_id))).started

    def rescan(self) -> int:
        """Scan every folder now; how many."""
        return (self._send(calls.rescan())).started

    # --- model packs --------------------------------------------------------------------------

    def packs(self, language: str | None = None) -> PackOverview:
        """Packs that are there and those that can be had; advice for who asks in ``language``."""
        return self._send(calls.packs(language))

    def pull_pack(self, pack: str, precision: str | None = None) -> PackOverview:
        """Begin to fetch one of the catalogue or ``owner/name@revision``; ``packs`` says how far
        it is. ``precision``: such as int8, or of images and texts, fp16/int8.
        """
        return self._send(calls.pull_pack(pack, precision))

    def cancel_pull(self) -> PackOverview:
        """End that. What has come stays."""
        return self._send(calls.take_back("cancel"))

    def use_pack(self, name: str) -> PackOverview:
        """This one shall answer, once it has seen all photos and passed a check."""
        return self._send(calls.use_pack(name))

    def go_back_to_pack(self) -> PackOverview:
        """The one before shall answer again; a change that is on its way is given up."""
        return self._send(calls.take_back("back"))

    def remove_pack(self, name: str) -> PackOverview:
        """Delete one that neither answers nor shall."""
        return self._send(calls.remove_pack(name))

    def encode_jobs(self, worker: str, pack: str = "", wait: float = 0) -> EncodeJobs:
        """Photos for a worker that has ``pack``; waits ``wait`` seconds for some, 10 at most."""
        return self._send(calls.encode_jobs(worker, pack, wait))

    def keep_encode_lease(self, worker: str, lease: str) -> None:
        """A sign of life, every two seconds while a job is encoded. Raises NotFound where nobody
        waits for it any more.
        """
        self._send(calls.keep_encode_lease(worker, lease))

    def give_encoded(
        self, worker: str, lease: str, count: int, embeddings: str, tokens: str = ""
    ) -> None:
        """The vectors of a job, in base64 as ``POST /encode/results`` has them."""
        given = {"worker": worker, "lease": lease, "count": count, "embeddings": embeddings}
        self._send(calls.give_encoded(given | {"tokens": tokens}))

    # --- the process --------------------------------------------------------------------------

    def health(self) -> Health:
        """Whether the process is well. Raises Unavailable with what is not, after retries."""
        return self._send(calls.health())

    def json(
        self, method: str, path: str, body: Any = None, image: bytes | None = None
    ) -> dict[str, Any]:
        """Any call: what is answered, as it comes. With an ``image``, ``body`` goes as a form."""
        what = {"json": body} if image is None else calls.form(body or {}, image)
        answer = self._ask(method, path, safe=method == "GET", **what)
        return responses.json_of(answer, self.address)

    # --- the wire -----------------------------------------------------------------------------

    def _send(self, call: Call[T]) -> T:
        answer = self._ask(call.method, call.path, safe=call.safe, **call.sent())
        return responses.value_of(answer, call, self.address)

    def _download(
        self, method: str, path: str, to: str | Path, otherwise: str, **what: Any
    ) -> Path:
        with responses.errors_of(self.address):
            with self._http.stream(method, path, **what) as answer:
                if not answer.is_success:
                    answer.read()
                responses.check(answer, self.address)
                with Download(responses.target(to, answer, otherwise)) as download:
                    for chunk in answer.iter_bytes():
                        download.write(chunk)
        return download.target

    def _picture(self, path: str, size: int | None) -> bytes:
        params = None if size is None else {"size": size}
        answer = self._ask("GET", path, safe=True, params=params)
        return answer.content

    def _ask(self, method: str, path: str, *, safe: bool, **what: Any) -> httpx.Response:
        """A good answer, after as many tries as patience has. Raises CrispdClientError."""
        tried = 0
        while True:
            tried += 1
            try:
                with responses.errors_of(self.address):
                    answer = self._http.request(method, path, **what)
                responses.check(answer, self.address)
            except (NoAnswer, Refused) as error:
                time.sleep(self.delay(error, tried, safe))
            else:
                return answer
