"""The page's files: scripts, styles, icons, the manifest and the service worker."""

from __future__ import annotations

import gzip
import json
from html import unescape

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from crispd.api.shell import SCRIPT, Asset, Edition, asset_of
from crispd.api.state import ShellDep
from crispd.api.words import Words, WordsDep
from crispd.errors import NotFound

router = APIRouter(include_in_schema=False)

_ALWAYS = {
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), microphone=(), interest-cohort=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
# Packed for every answer, so it has to be quick; level 6 saves 2 % more in twice the time.
_DOCUMENT_LEVEL = 4
# What the document says before its scripts do.
_SPOKEN = ("about_page", "skip", "search_label", "search_hint", "search")
_FOREVER = "public, max-age=31536000, immutable"
_ASK_FIRST = "no-cache"


@router.head("/web/{version}/{name:path}")
@router.get("/web/{version}/{name:path}")
async def web_file(request: Request, shell: ShellDep, version: str, name: str) -> Response:
    """A file of the page. Of another edition comes the present one, to be asked for again."""
    edition = shell.edition()
    asset = edition.assets.get(name)
    if asset is None:
        raise NotFound("The page has no such file. Load it again.")
    return _sent(request, asset, _FOREVER if version == edition.version else _ASK_FIRST)


@router.head("/manifest.webmanifest")
@router.get("/manifest.webmanifest")
async def manifest(request: Request, shell: ShellDep, words: WordsDep) -> Response:
    """What a phone needs to put the page among its apps."""
    plain = json.loads(shell.edition().assets["manifest.json"].data)
    plain |= {"lang": words.tag, "description": unescape(words("about_page"))}
    plain["shortcuts"][0]["name"] = unescape(words("house"))
    told = asset_of("manifest.json", json.dumps(plain, ensure_ascii=False).encode())
    return _sent(request, told, _ASK_FIRST)


@router.head("/shell")
@router.get("/shell")
async def empty_shell(request: Request, shell: ShellDep, words: WordsDep) -> Response:
    """The document without any answer in it: what the service worker keeps."""
    return document(request, shell.edition(), words, _ASK_FIRST, q="", plain="", given="", early="")


@router.head("/sw.js")
@router.get("/sw.js")
async def service_worker(shell: ShellDep) -> Response:
    """It has to lie at the top to serve ``/``; it names its edition, so a new one replaces it."""
    edition = shell.edition()
    return Response(
        _worker(edition),
        headers={"Cache-Control": _ASK_FIRST, "Content-Security-Policy": "default-src 'self'"},
        media_type="text/javascript",
    )


def document(
    request: Request, edition: Edition, words: Words, caching: str, code: int = 200, **parts: str
) -> Response:
    """The document with its parts (HTML already), packed for who takes that."""
    spoken = {key: words(key) for key in _SPOKEN}
    data = edition.filled(**parts, **spoken, lang=words.tag).encode()
    headers = {
        **_ALWAYS,
        "Content-Security-Policy": edition.policy,
        "Cache-Control": caching,
        "Vary": "Accept-Encoding, Accept-Language",
    }
    if "gzip" in request.headers.get("accept-encoding", ""):
        data = gzip.compress(data, _DOCUMENT_LEVEL, mtime=0)
        headers["Content-Encoding"] = "gzip"
    return HTMLResponse(data, code, headers=headers)


def _worker(edition: Edition) -> str:
    files = [f"/web/{edition.version}/{name}" for name in (SCRIPT, "icons/icon.svg")]
    known = {"version": edition.version, "files": ["/shell", "/manifest.webmanifest", *files]}
    script = edition.assets["sw.js"].data.decode()
    return f"const EDITION = {json.dumps(known)};\n{script}"


def _sent(request: Request, asset: Asset, caching: str) -> Response:
    packed = asset.packed is not None and "gzip" in request.headers.get("accept-encoding", "")
    etag = f'"{asset.etag}{"-gz" if packed else ""}"'
    headers = {"ETag": etag, "Cache-Control": caching, "Vary": "Accept-Encoding, Accept-Language"}
    if etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if packed:
        headers["Content-Encoding"] = "gzip"
    data = asset.packed if packed else asset.data
    return Response(data, headers=headers, media_type=asset.media_type)
