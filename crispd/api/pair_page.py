"""``/pair``: where a phone becomes a device, and where who may invites one and revokes others."""

from __future__ import annotations

import base64
import hashlib
import re
from html import escape
from typing import TYPE_CHECKING, Annotated
from urllib.parse import parse_qs, quote

import segno
from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import ValidationError

from crispd.api.auth.door import COOKIE
from crispd.api.device_routes import InvitationBody, invite_device, links, redeem, set_cookie
from crispd.api.state import CallerDep, ClientDep, DoorDep, in_thread
from crispd.errors import CrispdError, QueryError, outcome_of
from crispd.types import SCOPES

if TYPE_CHECKING:
    from crispd.api.auth.door import Caller, Door
    from crispd.api.auth.pairing import Invitation

router = APIRouter(include_in_schema=False)

_STYLE = """
:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{margin:0 auto;max-width:40rem;padding:1rem}
input,button{font:inherit;padding:.6rem .8rem;min-height:44px}
label{display:block;margin:.5rem 0}input[type=checkbox]{min-height:0}
svg{background:#fff;max-width:100%;height:auto}code{overflow-wrap:anywhere}
td{padding:.2rem .8rem .2rem 0}strong{font-size:1.6rem;letter-spacing:.1em}
"""
# A place on the page. Only a query may follow "/", so it cannot lead to another host, and nothing
# in it ends a header.
_PLACE = re.compile(r"/(?:\?[!-~]{0,2000})?")
# The secret of a QR code stands behind '#', which no browser sends: it is taken out of the
# address, and posted.
_SCRIPT = """
(async()=>{const s=location.hash.slice(1).split('.')[0];if(!s)return;
const n=new URLSearchParams(location.search).get('next')||'/';
history.replaceState(null,'','/pair');
const a=await fetch('/session',{method:'POST',headers:{'Content-Type':'application/json'},
body:JSON.stringify({code:s})});
if(a.ok)location.replace(/^\\/(\\?[!-~]*)?$/.test(n)?n:'/');
else document.getElementById('told').textContent=(await a.json()).detail
})()
"""


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


_HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src {_hash(_STYLE)}; script-src {_hash(_SCRIPT)}; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_LONGEST_FORM = 10_000


def way_to_pair(request: Request) -> str:
    """The address for strangers, which keeps where they wanted to go."""
    wanted = place(f"/?{request.url.query}" if request.url.query else "/")
    return "/pair" if wanted == "/" else f"/pair?next={quote(wanted, safe='')}"


def place(wanted: str) -> str:
    """Where the page shall be opened, or its start where that is no place on it."""
    return wanted if _PLACE.fullmatch(wanted) else "/"


@router.get("/pair")
async def page(
    door: DoorDep, caller: CallerDep, next: Annotated[str, Query()] = "/"
) -> HTMLResponse:
    """A field for the code; for an admin, devices and a form to invite one."""
    entrance = _entrance(caller, place(next))
    return _document(entrance + (_office(door) if caller.may("admin") else ""))


@router.post("/sign-in")
async def sign_in(request: Request, door: DoorDep, client: ClientDep) -> Response:
    """The form of a browser without scripts."""
    form = await _form(request)
    code, wanted = form.get("code", [""])[0], place(form.get("next", ["/"])[0])
    try:
        device, _ = await redeem(door, client.address, code)
    except CrispdError as error:
        body = f'<p role="alert">{escape(str(error))}</p>{_entrance(None, wanted)}'
        return _document(body, outcome_of(error).status)
    answer = RedirectResponse(wanted, 303)
    set_cookie(answer, door, door.enter(device), secure=client.scheme == "https")
    return answer


@router.post("/pair/new")
async def new(request: Request, door: DoorDep) -> HTMLResponse:
    """Invite a device: its QR code, and the code to type."""
    form = await _form(request)
    try:
        body = InvitationBody.model_validate(
            {"name": form.get("name", [""])[0], "scopes": form.get("scope", [])}
        )
        made = invite_device(door, body.name, body.scopes, body.minutes)
    except ValidationError:
        return _told("A name and at least one scope are needed.", 400)
    except CrispdError as error:
        return _told(str(error), outcome_of(error).status)
    return _document(_invitation(door, made))


@router.post("/pair/remove")
async def remove(request: Request, door: DoorDep) -> Response:
    """Revoke a device."""
    try:
        await door.remove(in_thread, (await _form(request)).get("device", [""])[0])
    except CrispdError as error:
        return _told(str(error), outcome_of(error).status)
    return RedirectResponse("/pair", 303)


@router.post("/sign-out")
async def sign_out() -> Response:
    """Take the cookie back."""
    answer = RedirectResponse("/pair", 303)
    answer.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return answer


async def _form(request: Request) -> dict[str, list[str]]:
    """Fields of a plain form. Raises QueryError."""
    body = await request.body()
    if len(body) > _LONGEST_FORM:
        raise QueryError("This form is too long.")
    return parse_qs(body.decode("utf-8", "replace"), max_num_fields=20)


def _document(body: str, status: int = 200) -> HTMLResponse:
    return HTMLResponse(
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>crispd: devices</title><style>{_STYLE}</style><h1>crispd</h1>"
        f'<p id="told" role="alert"></p>{body}<script>{_SCRIPT}</script></html>',
        status,
        headers=_HEADERS,
    )


def _told(sentence: str, status: int) -> HTMLResponse:
    return _document(f"<p>{escape(sentence)}</p><p><a href='/pair'>Back</a></p>", status)


def _entrance(caller: Caller | None, wanted: str) -> str:
    there = escape(wanted, quote=True)
    if caller is not None and caller.device is not None:
        return (
            f"<p>This browser is the device <b>{escape(caller.device.name)}</b>. "
            f"<a href='{there}'>To the photos</a></p>"
            "<form method='post' action='/sign-out'><button>Sign out</button></form>"
        )
    if caller is not None and caller.scopes:
        return f"<p><a href='{there}'>To the photos</a></p>"
    return (
        "<p>This browser is not known here yet. On the machine that runs crispd, "
        "<code>crispd pair NAME</code> shows a code to type here, and a QR code to scan. "
        f"Known already? <a href='{there}'>Go on</a>.</p>"
        "<form method='post' action='/sign-in'>"
        f"<input type='hidden' name='next' value='{there}'><label>Code <input name='code' required "
        "inputmode='numeric' autocomplete='one-time-code' autofocus></label>"
        "<button>Pair this browser</button></form>"
    )


def _office(door: Door) -> str:
    rows = "".join(
        f"<tr><td>{escape(device.name)}<td>{', '.join(device.scopes)}"
        f"<td>{escape(device.last_used or 'never used')}"
        f"<td><form method='post' action='/pair/remove'><button name='device' "
        f"value='{device.id}'>Revoke</button></form>"
        for device in door.with_times()
    )
    boxes = "".join(
        f"<label><input type='checkbox' name='scope' value='{scope}'"
        f"{'' if scope == 'admin' else ' checked'}> {scope}</label>"
        for scope in SCOPES
    )
    return (
        f"<h2>Devices</h2><table>{rows or '<tr><td>None yet.'}</table>"
        "<h2>Pair another</h2><form method='post' action='/pair/new'>"
        f"<label>Name <input name='name' maxlength='60' required></label>{boxes}"
        "<button>Show its code</button></form>"
    )


def _invitation(door: Door, made: Invitation) -> str:
    name = escape(made.name)
    codes = "".join(
        f"<p>{segno.make(link, error='m').svg_inline(scale=5)}</p>"
        for link in links(door, made)[:1]
    )
    where = "".join(f"<li><code>{escape(base)}/pair</code>" for base in door.place.addresses)
    pinned = door.place.fingerprint
    mark = f"<p>Fingerprint of the certificate: <code>{pinned}</code></p>" if pinned else ""
    return (
        f"<h2>{name}</h2>{codes}<p>Scan this with {name}, or open one of</p><ul>{where}</ul>"
        f"<p>there and type</p><p><strong>{made.code[:4]}-{made.code[4:]}</strong></p>"
        f"<p>Good once, for ten minutes.</p>{mark}<p><a href='/pair'>Devices</a></p>"
    )
