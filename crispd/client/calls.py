"""The calls of the API: path, parameters and response type of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar
from urllib.parse import quote

from crispd.client import models, pack_models
from crispd.client.filter_options import FilterOptions

if TYPE_CHECKING:
    from collections.abc import Mapping

T = TypeVar("T")


class SearchOptions(FilterOptions, total=False):
    """Parameters of a search besides its words, as ``docs/http.md`` has them; all may be left out.

    Several of ``like`` stand with commas between.
    """

    limit: int
    rerank: bool
    spelling: bool
    parse: bool
    like: str
    sort: Literal["relevance", "newest", "oldest", "distance"]
    min_relevance: Literal["likely", "maybe", "all"]
    group: Literal["duplicates"]
    closest: bool
    language: str


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """A call. ``kind``: the type of its response; ``safe``: it may be sent twice without harm."""

    method: str
    path: str
    kind: type[T]
    params: Mapping[str, str] | None = None
    json: Any = None
    safe: bool = False
    image: bytes | None = None

    def sent(self) -> dict[str, Any]:
        """As httpx takes it: JSON, or a form where there is an image."""
        if self.image is None:
            return {"params": self.params, "json": self.json}
        return form(self.json, self.image)

    def read(self, data: Any) -> T:
        """The answer. Raises ValueError where it cannot be one."""
        return models.read(self.kind, data)


def form(fields: Mapping[str, Any], image: bytes) -> dict[str, Any]:
    """A form with a picture, without its name, which is nobody's business."""
    given = {name: str(value).lower() if isinstance(value, bool) else str(value)
             for name, value in fields.items()}  # fmt: skip
    return {"data": given, "files": {"image": ("image", image)}}


def search(
    q: str, asking: Mapping[str, Any], image: bytes | None = None
) -> Call[models.SearchResults]:
    """In a body: httpx makes no address longer than 64 kB, which long texts may need."""
    given = {name: value for name, value in asking.items() if value is not None}
    return Call(
        "POST", "/search", models.SearchResults, json={"q": q, **given}, safe=True, image=image
    )


def page(cursor: str, limit: int | None) -> Call[models.SearchResults]:
    """The page that a cursor stands for."""
    given = {"cursor": cursor} | ({} if limit is None else {"limit": limit})
    return Call("POST", "/search", models.SearchResults, json=given, safe=True)


def photo(photo_id: str) -> Call[models.Photo]:
    """One photo."""
    return _get(photo_path(photo_id), models.Photo)


def photo_text(photo_id: str, words: str) -> Call[models.TextOfPhoto]:
    """The text in a photo."""
    return _get(
        photo_path(photo_id, "/text"), models.TextOfPhoto, {"words": words} if words else None
    )


def text_reading() -> Call[models.TextReading]:
    """Whether text is read."""
    return _get("/text", models.TextReading)


def forget_text() -> Call[models.Started]:
    """Remove all text."""
    return Call("POST", "/text/forget", models.Started)


def read_text() -> Call[models.TextReading]:
    """Read text again."""
    return Call("POST", "/text/read", models.TextReading)


def photo_path(photo_id: str, of: str = "") -> str:
    """The address of a photo, or of its picture."""
    return f"/photos/{quote(photo_id, safe='')}{of}"


def status() -> Call[models.Status]:
    """Counters."""
    return _get("/status", models.Status)


def folders() -> Call[models.Folders]:
    """Watched folders."""
    return _get("/folders", models.Folders)


def places(limit: int, offset: int, asked: Mapping[str, Any]) -> Call[models.Places]:
    """Where photos were taken."""
    params = _page(limit, offset, asked)
    return Call("GET", "/places", models.Places, params=params, safe=True)


def people(limit: int, offset: int, asked: Mapping[str, Any]) -> Call[models.People]:
    """Who is on photos."""
    params = _page(limit, offset, asked)
    return Call("GET", "/people", models.People, params=params, safe=True)


def _page(limit: int, offset: int, asked: Mapping[str, Any]) -> dict[str, str]:
    given = {name: str(value) for name, value in asked.items() if value is not None}
    return {"limit": str(limit), "offset": str(offset), **given}


def completions(q: str, at: int | None) -> Call[models.Completions]:
    """What the words of a box may become."""
    caret = {} if at is None else {"at": str(at)}
    return Call("GET", "/completions", models.Completions, params={"q": q, **caret}, safe=True)


def problems(limit: int, offset: int) -> Call[models.Problems]:
    """Files that could not be read."""
    params = _page(limit, offset, {})
    return Call("GET", "/problems", models.Problems, params=params, safe=True)


def retry() -> Call[models.Started]:
    """Look at them again."""
    return Call("POST", "/problems/retry", models.Started)


def pause() -> Call[models.Paused]:
    """Take on no more photos."""
    return Call("POST", "/indexing/pause", models.Paused, safe=True)


def resume() -> Call[models.Paused]:
    """Go on."""
    return Call("POST", "/indexing/resume", models.Paused, safe=True)


def confirm(path: str | None) -> Call[models.Started]:
    """Missing photos are gone on purpose."""
    return Call("POST", "/folders/confirm", models.Started, json={"path": path})


def reread(path: str | None, photo_id: str | None) -> Call[models.Started]:
    """Read photos anew."""
    given = {"path": path} if photo_id is None else {"id": photo_id}
    return Call("POST", "/photos/reread", models.Started, json=given)


def rescan() -> Call[models.Started]:
    """Scan every folder."""
    return Call("POST", "/folders/rescan", models.Started)


def packs(language: str | None) -> Call[pack_models.PackOverview]:
    """Packs that are there and those that can be had."""
    asked = None if language is None else {"language": language}
    return _get("/packs", pack_models.PackOverview, asked)


def pull_pack(pack: str, precision: str | None) -> Call[pack_models.PackOverview]:
    """Fetch one."""
    given = {"pack": pack} | ({} if precision is None else {"precision": precision})
    return Call("POST", "/packs/pull", pack_models.PackOverview, json=given)


def use_pack(name: str) -> Call[pack_models.PackOverview]:
    """One shall answer."""
    return Call("POST", f"/packs/{quote(name, safe='')}/use", pack_models.PackOverview)


def take_back(what: Literal["back", "cancel"]) -> Call[pack_models.PackOverview]:
    """A change of the pack, or a download."""
    return Call("POST", f"/packs/{what}", pack_models.PackOverview)


def remove_pack(name: str) -> Call[pack_models.PackOverview]:
    """Delete one."""
    return Call("DELETE", f"/packs/{quote(name, safe='')}", pack_models.PackOverview)


def encode_jobs(worker: str, pack: str, wait: float) -> Call[pack_models.EncodeJobs]:
    """Photos for a worker. Not asked twice: a job whose answer is lost is the hub's again."""
    params = {"worker": worker, "pack": pack, "wait": str(wait)}
    return Call("GET", "/encode/jobs", pack_models.EncodeJobs, params=params)


def keep_encode_lease(worker: str, lease: str) -> Call[models.Model]:
    """A sign of life."""
    given = {"worker": worker, "lease": lease}
    return Call("POST", "/encode/heartbeat", models.Model, json=given, safe=True)


def give_encoded(given: Mapping[str, Any]) -> Call[models.Model]:
    """What a worker made of a job."""
    return Call("POST", "/encode/results", models.Model, json=given)


def health() -> Call[models.Health]:
    """Whether the process is well."""
    return _get("/healthz", models.Health)


def _get(path: str, kind: type[T], params: Mapping[str, str] | None = None) -> Call[T]:
    return Call("GET", path, kind, params=params, safe=True)
