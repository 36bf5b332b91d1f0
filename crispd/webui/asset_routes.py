"""Routes of the page's files: scripts, styles, icons, the manifest and the service worker."""

from __future__ import annotations

import json

from fastapi import APIRouter, Request
from fastapi.responses import Response

from crispd.errors import NotFound
from crispd.webui.asset_edition import BUNDLE, Asset, language_module, make_asset
from crispd.webui.rendering import EditionDep, RendererDep

router = APIRouter(include_in_schema=False)

_FOREVER = "public, max-age=31536000, immutable"
_REVALIDATE = "no-cache"


@router.head("/web/{version}/{name:path}")
@router.get("/web/{version}/{name:path}")
async def static_file(request: Request, edition: EditionDep, version: str, name: str) -> Response:
    """A file of the page. Of another edition comes the present one, to be asked for again."""
    asset = edition.assets.get(name)
    if asset is None:
        raise NotFound("The page has no such file. Load it again.")
    return _asset_response(request, asset, _FOREVER if version == edition.version else _REVALIDATE)


@router.head("/manifest.webmanifest")
@router.get("/manifest.webmanifest")
async def manifest(request: Request, renderer: RendererDep) -> Response:
    """What a phone needs to put the page among its apps."""
    translate = renderer.translate
    content = json.loads(renderer.edition.assets["manifest.json"].data)
    content |= {"lang": translate.language, "description": translate("about_page").unescape()}
    content["shortcuts"][0]["name"] = translate("house").unescape()
    asset = make_asset("manifest.json", json.dumps(content, ensure_ascii=False).encode())
    return _asset_response(request, asset, _REVALIDATE)


@router.head("/shell")
@router.get("/shell")
async def empty_page(request: Request, renderer: RendererDep) -> Response:
    """The document without any answer in it: what the service worker keeps."""
    return renderer.page(request, "index.html", {}, caching=_REVALIDATE)


@router.head("/sw.js")
@router.get("/sw.js")
async def service_worker(renderer: RendererDep) -> Response:
    """It has to lie at the top to serve ``/``; it names its edition, so a new one replaces it.

    It keeps the reader's language, too.
    """
    edition = renderer.edition
    names = (BUNDLE, "icons/icon.svg", language_module(renderer.translate.language))
    files = [f"/web/{edition.version}/{name}" for name in names if name]
    known = {"version": edition.version, "files": ["/shell", "/manifest.webmanifest", *files]}
    script = edition.assets["sw.js"].data.decode()
    return Response(
        f"const EDITION = {json.dumps(known)};\n{script}",
        headers={
            "Cache-Control": _REVALIDATE,
            "Content-Security-Policy": "default-src 'self'",
            "Vary": "Accept-Language",
        },
        media_type="text/javascript",
    )


def _asset_response(request: Request, asset: Asset, caching: str) -> Response:
    compressed = None
    if "gzip" in request.headers.get("accept-encoding", ""):
        compressed = asset.compressed
    etag = f'"{asset.etag}{"" if compressed is None else "-gz"}"'
    headers = {"ETag": etag, "Cache-Control": caching, "Vary": "Accept-Encoding, Accept-Language"}
    if etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if compressed is not None:
        headers["Content-Encoding"] = "gzip"
    return Response(compressed or asset.data, headers=headers, media_type=asset.media_type)
