"""The page's files: scripts, styles, icons, the manifest and the service worker."""

from __future__ import annotations

import json

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from crispd.api.shell import Asset, Edition
from crispd.api.state import ShellDep
from crispd.errors import NotFound

router = APIRouter(include_in_schema=False)

# Everything comes from this house: no script in the document, no style, no other host. Pictures
# that somebody is about to send are shown from memory (blob:).
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
    "trusted-types crispd"
)
PAGE_HEADERS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), microphone=(), interest-cohort=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
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
async def manifest(request: Request, shell: ShellDep) -> Response:
    """What a phone needs to put the page among its apps."""
    return _sent(request, shell.edition().assets["manifest.json"], _ASK_FIRST)


@router.head("/shell")
@router.get("/shell")
async def empty_shell(shell: ShellDep) -> HTMLResponse:
    """The document without any answer in it: what the service worker keeps."""
    filled = shell.edition().filled(q="", plain="")
    return HTMLResponse(filled, headers={**PAGE_HEADERS, "Cache-Control": _ASK_FIRST})


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


def _worker(edition: Edition) -> str:
    files = [f"/web/{edition.version}/{name}" for name in edition.assets if name != "sw.js"]
    known = {"version": edition.version, "files": ["/shell", "/manifest.webmanifest", *files]}
    script = edition.assets["sw.js"].data.decode()
    return f"const EDITION = {json.dumps(known)};\n{script}"


def _sent(request: Request, asset: Asset, caching: str) -> Response:
    packed = asset.packed is not None and "gzip" in request.headers.get("accept-encoding", "")
    etag = f'"{asset.etag}{"-gz" if packed else ""}"'
    headers = {"ETag": etag, "Cache-Control": caching, "Vary": "Accept-Encoding"}
    if etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if packed:
        headers["Content-Encoding"] = "gzip"
    data = asset.packed if packed else asset.data
    return Response(data, headers=headers, media_type=asset.media_type)
