"""Routes of ``/pair``: a phone becomes a device, and devices are invited and revoked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import parse_qs, quote

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from markupsafe import Markup
from pydantic import ValidationError

from crispd.api.dependencies import AccessControlDep, CallerDep, RequestOriginDep
from crispd.api.routes.devices import InvitationBody, invite_device, links, redeem, set_cookie
from crispd.auth.access_control import ANONYMOUS, COOKIE
from crispd.errors import CrispdError, QueryError, outcome_of
from crispd.http.threads import in_thread
from crispd.types import SCOPES
from crispd.webui.content_policy import pairing_policy
from crispd.webui.rendering import PageRenderer, RendererDep

if TYPE_CHECKING:
    from crispd.auth.access_control import AccessControl
    from crispd.auth.pairing import Invitation

router = APIRouter(include_in_schema=False)

# An address of the page. Only a query may follow "/", so it cannot lead to another host, and
# nothing in it ends a header.
_TARGET = re.compile(r"/(?:\?[!-~]{0,2000})?")
_LONGEST_FORM = 10_000


def pairing_url(request: Request) -> str:
    """The address for strangers, which keeps where they wanted to go."""
    target = safe_target(f"/?{request.url.query}" if request.url.query else "/")
    return "/pair" if target == "/" else f"/pair?next={quote(target, safe='')}"


def safe_target(target: str) -> str:
    """Where the page shall be opened, or its start where that is no address of it."""
    return target if _TARGET.fullmatch(target) else "/"


@router.get("/pair")
async def pairing_page(
    access_control: AccessControlDep,
    caller: CallerDep,
    renderer: RendererDep,
    next: Annotated[str, Query()] = "/",
) -> HTMLResponse:
    """A field for the code; for an admin, devices and a form to invite one."""
    devices = access_control.with_times() if caller.has_scope("admin") else None
    values = {"caller": caller, "target": safe_target(next), "devices": devices, "error": None}
    return _page(renderer, "start", {**values, "scopes": SCOPES})


@router.post("/sign-in")
async def sign_in(
    request: Request,
    access_control: AccessControlDep,
    client: RequestOriginDep,
    renderer: RendererDep,
) -> Response:
    """The form of a browser without scripts."""
    form = await _read_form(request)
    code, target = form.get("code", [""])[0], safe_target(form.get("next", ["/"])[0])
    try:
        device, _ = await redeem(access_control, client.address, code)
    except CrispdError as error:
        values = {"caller": ANONYMOUS, "target": target, "devices": None, "error": error}
        return _page(renderer, "start", values, outcome_of(error).status)
    answer = RedirectResponse(target, 303)
    set_cookie(
        answer,
        access_control,
        access_control.complete_pairing(device),
        secure=client.scheme == "https",
    )
    return answer


@router.post("/pair/new")
async def new_invitation(
    request: Request, access_control: AccessControlDep, renderer: RendererDep
) -> HTMLResponse:
    """Invite a device: its QR code, and the code to type."""
    form = await _read_form(request)
    try:
        body = InvitationBody.model_validate(
            {"name": form.get("name", [""])[0], "scopes": form.get("scope", [])}
        )
        made = invite_device(access_control, body.name, body.scopes, body.minutes)
    except ValidationError:
        return _page(renderer, "message", {"message": renderer.translate("pair_incomplete")}, 400)
    except CrispdError as error:
        return _error(renderer, error)
    values = {
        "invitation": made,
        "place": access_control.place,
        "qr_code": _qr_code(access_control, made),
    }
    return _page(renderer, "invitation", values)


@router.post("/pair/remove")
async def remove_device(
    request: Request, access_control: AccessControlDep, renderer: RendererDep
) -> Response:
    """Revoke a device."""
    try:
        await access_control.remove(in_thread, (await _read_form(request)).get("device", [""])[0])
    except CrispdError as error:
        return _error(renderer, error)
    return RedirectResponse("/pair", 303)


@router.post("/sign-out")
async def sign_out() -> Response:
    """Take the cookie back."""
    answer = RedirectResponse("/pair", 303)
    answer.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return answer


async def _read_form(request: Request) -> dict[str, list[str]]:
    """Fields of a plain form. Raises QueryError."""
    body = await request.body()
    if len(body) > _LONGEST_FORM:
        raise QueryError("This form is too long.")
    return parse_qs(body.decode("utf-8", "replace"), max_num_fields=20)


def _page(
    renderer: PageRenderer, template: str, values: dict[str, Any], status: int = 200
) -> HTMLResponse:
    edition = renderer.edition
    headers = {
        "Content-Security-Policy": pairing_policy(edition.style, edition.pairing_script),
        "Referrer-Policy": "same-origin",
        "Cache-Control": "no-store",
    }
    values = {**values, "script": Markup(edition.pairing_script)}
    return HTMLResponse(renderer.html(f"pairing/{template}.html", values), status, headers=headers)


def _error(renderer: PageRenderer, error: CrispdError) -> HTMLResponse:
    values = {"message": renderer.translate.error(error)}
    return _page(renderer, "message", values, outcome_of(error).status)


def _qr_code(access_control: AccessControl, invitation: Invitation) -> Markup | None:
    """As SVG; None where crispd has no address to be reached at."""
    import segno  # by the first who pairs, not by each start

    for link in links(access_control, invitation):
        return Markup(segno.make(link, error="m").svg_inline(scale=5))
    return None
