"""``python -m tests.e2e.examples``: ask a real house for what the OpenAPI shows as examples."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
from PIL import ExifTags, Image

from crispd.http.problem_details import UNEXPECTED, problem
from tests.e2e.server import ALBUM, Server
from tests.packs import small

FILE = Path(__file__).parents[2] / "crispd" / "api" / "examples.json"
Json = dict[str, Any]

_LONGEST_LIST = 3
_WRITTEN = 1_625_300_000
_WATCHERS = 64
_ENCODED = {
    "worker": "desktop", "lease": "3q2-7w0aVbXr", "count": 1, "embeddings": "AACAPwAAAAA=",
    "tokens": "",
}  # fmt: skip
_XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf='
    b'"http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
    b'xmlns:ext="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"><ext:PersonInImage><rdf:Bag>'
    b"<rdf:li>Lena</rdf:li></rdf:Bag></ext:PersonInImage></rdf:Description></rdf:RDF></x:xmpmeta>"
)
_METRICS = ("crispd_photos", "crispd_search_duration_seconds_count", "crispd_info")


def recorded(folder: Path) -> Json:
    """The examples, of a house in an empty folder."""
    photos = folder / "photos"
    _fill(photos)
    # nothing is read, whether its models are installed or not
    plain = Server(folder / "data", photos, auth="required", read_text="off")
    with _running(plain) as server:
        server.settle()
        small.write_pack(folder / "data" / "packs" / "small")
        while not server.get("/suggestions")["complete"] or not _compared(server):
            time.sleep(0.05)
        calls, cursor = _calls(server)
    with _running(Server(folder / "data", photos, auth="required")) as server:
        problems = _problems(server, cursor)
    small.write_pack(folder / "small")
    secure = Server(folder / "secure", photos, tls="auto", pack=str(folder / "small"))
    with _running(secure) as server:
        calls["getAuthority"] = {"answer": _cut_short(server.http.get("/ca.crt").text)}
    found = {"calls": calls, "problems": problems}
    text = json.dumps(found, ensure_ascii=False)
    for here, there in (
        (str(photos), "/srv/photos"),
        (str(folder / "data"), "/var/lib/crispd"),
        *((address, "http://hub.local:8642") for address in _addresses(found)),
    ):
        text = text.replace(here, there)
    renamed: Json = json.loads(text)
    return renamed


def _fill(photos: Path) -> None:
    photos.mkdir(parents=True)
    for path in ALBUM.glob("*.jpg"):
        shutil.copy(path, photos)
    dogs, folder = photos / "two_dogs_window.jpg", photos / "2021" / "07"
    folder.mkdir(parents=True)
    with Image.open(dogs) as image:
        image.save(folder / "IMG_20210703_101200.jpg", quality=90, exif=_exif(), xmp=_XMP)
    (photos / "cut_off.jpg").write_bytes(dogs.read_bytes()[:5000])
    for path in photos.rglob("*.jpg"):
        os.utime(path, (_WRITTEN, _WRITTEN))


def _exif() -> Image.Exif:
    """Camera, time and place."""
    exif = Image.Exif()
    exif[ExifTags.Base.Make], exif[ExifTags.Base.Model] = "Google", "Pixel 8"
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = "2021:07:03 10:12:00"
    exif.get_ifd(ExifTags.IFD.GPSInfo).update(
        {1: "N", 2: (54.0, 19.0, 12.0), 3: "E", 4: (10.0, 7.0, 48.0), 5: b"\0", 6: 4.0}
    )
    return exif


@contextmanager
def _running(server: Server) -> Iterator[Server]:
    try:
        token = (server.data / "local-token").read_text().strip()
        server.http.headers["authorization"] = f"Bearer {token}"
        server.until(lambda status: status["state"] != "starting", 60)
        yield server
    finally:
        server.stop()


def _compared(server: Server) -> bool:
    return bool(server.get("/duplicates")["complete"])


def _calls(server: Server) -> tuple[Json, str]:
    """What each call answers, and a cursor that ends with this server."""
    http = server.http
    body = {"q": "dogs in 2021", "limit": 2, "min_relevance": "all"}
    found = http.post("/search", json=body).json()
    photo = found["results"][0]["id"]
    invited, device = {"name": "Lena's phone"}, {"name": "dashboard", "scopes": ["search"]}
    invitation = http.post("/invitations", json=invited).json()
    asked: dict[str, tuple[str, str, Any]] = {
        "search": ("GET", "/search?q=dogs&limit=1", None),
        "searchWithBody": ("POST", "/search", body),
        "getSuggestions": ("GET", "/suggestions", None),
        "getCompletions": ("GET", "/completions?q=dog%20kie", None),
        "getPlaces": ("GET", "/places?limit=1", None),
        "getPeople": ("GET", "/people", None),
        "getDuplicates": ("GET", "/duplicates?limit=1", None),
        "getPhoto": ("GET", f"/photos/{photo}", None),
        "getPhotoText": ("GET", f"/photos/{photo}/text", None),
        "getTextReading": ("GET", "/text", None),
        "forgetText": ("POST", "/text/forget", None),
        "readText": ("POST", "/text/read", None),
        "sharePhoto": ("POST", f"/photos/{photo}/share", {"minutes": 60, "kind": "preview"}),
        "getFolders": ("GET", "/folders", None),
        "rescanFolders": ("POST", "/folders/rescan", None),
        "rereadPhotos": ("POST", "/photos/reread", {"path": str(server.folders[0])}),
        "confirmMissing": ("POST", "/folders/confirm", {"path": str(server.folders[0])}),
        "pauseIndexing": ("POST", "/indexing/pause", None),
        "resumeIndexing": ("POST", "/indexing/resume", None),
        "getProblems": ("GET", "/problems", None),
        "getStatus": ("GET", "/status", None),
        "retryProblems": ("POST", "/problems/retry", None),
        "getHealth": ("GET", "/healthz", None),
        "getReadiness": ("GET", "/readyz", None),
        "getInvitation": ("GET", f"/invitations/{invitation['id']}", None),
        "pairDevice": ("POST", "/pair", {"code": invitation["code"]}),
        "inviteDevice": ("POST", "/invitations", invited | {"name": "television"}),
        "addDevice": ("POST", "/devices", device),
        "getDevices": ("GET", "/devices", None),
        "getSession": ("GET", "/session", None),
        "getPacks": ("GET", "/packs?language=de", None),
        "usePack": ("POST", "/packs/small/use", None),
        "goBackToPack": ("POST", "/packs/back", None),
        "removePack": ("DELETE", "/packs/small", None),
        "pullPack": ("POST", "/packs/pull", {"pack": "clip-b32-int8"}),
        "cancelPull": ("POST", "/packs/cancel", None),
        "getEncodeJobs": ("GET", "/encode/jobs?worker=desktop", None),
    }
    calls = {name: _answered(http, *call) for name, call in asked.items()}
    code = calls["inviteDevice"]["answer"]["code"]
    calls["openSession"] = _answered(http, "POST", "/session", {"code": code})
    calls["giveEncoded"] = {"asked": _ENCODED}
    lease = {name: _ENCODED[name] for name in ("worker", "lease")}
    calls["keepEncodeLease"] = {"asked": lease}
    metrics = http.get("/metrics").text.splitlines(keepends=True)
    shown = [line for line in metrics if any(name in line for name in _METRICS)]
    calls["getMetrics"] = {"answer": "".join(shown)}
    calls["getEvents"] = {"answer": _first_event(http)}
    return calls, found["next"]


def _answered(http: httpx.Client, method: str, path: str, body: Any) -> Json:
    answer = http.request(method, path, json=body)
    assert answer.is_success, (path, answer.text)
    given = {} if body is None else {"asked": body}
    return {**given, "answer": _shortened(answer.json())}


def _shortened(value: Any) -> Any:
    """Three of a list tell what it holds."""
    if isinstance(value, list):
        return [_shortened(item) for item in value[:_LONGEST_LIST]]
    if isinstance(value, dict):
        return {name: _shortened(item) for name, item in value.items()}
    return value


def _cut_short(certificate: str) -> str:
    """Without most of its lines, which name the machine."""
    first, second, *_, last = certificate.splitlines()
    return f"{first}\n{second[:20]}…\n{last}\n"


def _first_event(http: httpx.Client) -> str:
    with http.stream("GET", "/events") as answer:
        text = ""
        for part in answer.iter_text():
            text += part
            found = re.search(r"event: .+?\n\n", text, re.DOTALL)
            if found:
                return found[0]
    raise AssertionError(text)


def _problems(server: Server, cursor: str) -> Json:
    """One of each status, provoked."""
    http = server.http
    photo = http.get("/search?q=dogs").json()["results"][0]["id"]
    narrow = http.post("/devices", json={"name": "narrow", "scopes": ["search"]}).json()["token"]

    def bearer(token: str) -> dict[str, str]:
        return {"authorization": f"Bearer {token}"}

    broken = (ALBUM / "two_dogs_window.jpg").read_bytes()[:5000]
    bare = httpx.Client(base_url=http.base_url, timeout=20)
    found = [
        http.get("/search?q=dogs&limit=0"),
        bare.get("/search?q=dogs"),
        http.get("/devices", headers=bearer(narrow)),
        http.get(f"/photos/{'a' * 24}"),
        http.post("/devices", json={"name": "narrow"}),
        http.get("/search", params={"cursor": cursor}),
        http.post("/search", json={"q": "a" * 2**20}),
        http.post("/search", files={"image": b"no picture"}),
        http.get(f"/photos/{photo}/original", headers={"range": "bytes=99999999-"}),
        http.get("/status", headers={"host": "evil.example"}),
        http.post("/search", files={"image": broken}),
        *(bare.get("/status", headers=bearer("wrong")) for _ in range(30)),
    ]
    with ExitStack() as watching:
        for _ in range(_WATCHERS):
            watching.enter_context(http.stream("GET", "/events"))
        found.append(http.get("/events"))
    bare.close()
    problems = {str(answer.status_code): answer.json() for answer in reversed(found)}
    problems["500"] = json.loads(problem(500, "Internal error", UNEXPECTED).body)
    return dict(sorted(problems.items()))


def _addresses(found: Json) -> list[str]:
    places = found["calls"]["inviteDevice"]["answer"]["addresses"]
    shared = found["calls"]["sharePhoto"]["answer"]["url"].partition("/shared")[0]
    return sorted({*places, shared})


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        FILE.write_text(json.dumps(recorded(Path(folder)), indent=1, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
