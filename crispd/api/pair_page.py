"""``/pair``: where a phone becomes a device, and where who may invites one and revokes others."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Annotated
from urllib.parse import parse_qs, quote

import segno
from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import ValidationError

from crispd.api.auth.door import COOKIE
from crispd.api.device_routes import InvitationBody, invite_device, links, redeem, set_cookie
from crispd.api.shell import Edition, hash_of
from crispd.api.state import CallerDep, ClientDep, DoorDep, ShellDep, in_thread
from crispd.api.words import Words, WordsDep
from crispd.errors import CrispdError, QueryError, outcome_of
from crispd.types import SCOPES

if TYPE_CHECKING:
    from crispd.api.auth.door import Caller, Door
    from crispd.api.auth.pairing import Invitation
    from crispd.types import Device

router = APIRouter(include_in_schema=False)

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
const t=document.getElementById('told');
if(a.ok)location.replace(/^\\/(\\?[!-~]*)?$/.test(n)?n:'/');
else t.textContent=a.status===429?t.dataset.wait:t.dataset.wrong
})()
"""


_POLICY = (
    "default-src 'none'; img-src 'self'; style-src '{style}'; script-src '{script}'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_LONGEST_FORM = 10_000


def way_to_pair(request: Request) -> str:
    """The address for strangers, which keeps where they wanted to go."""
    wanted = place(f"/?{request.url.query}" if request.url.query else "/")
    return "/pair" if wanted == "/" else f"/pair?next={quote(wanted, safe='')}"


def place(wanted: str) -> str:
    """Where the page shall be opened, or its start where that is no place on it."""
    return wanted if _PLACE.fullmatch(wanted) else "/"


@dataclass(frozen=True, slots=True)
class Paper:
    """What this page is written on: the style of the other one, and the reader's words."""

    edition: Edition
    words: Words

    def sheet(self, body: str, status: int = 200) -> HTMLResponse:
        """The document around ``body``."""
        style = self.edition.style
        policy = _POLICY.format(style=hash_of(style), script=hash_of(_SCRIPT))
        said = self.words
        return HTMLResponse(
            f'<!doctype html><html lang="{said.tag}"><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width,initial-scale=1">'
            f'<link rel="icon" href="/web/{self.edition.version}/icons/icon.svg">'
            f"<title>crispd – {said('devices')}</title><style>{style}</style>"
            f'<main class="pair"><h1>crispd</h1><p id="told" class="warning" role="alert" '
            f'data-wrong="{said("failed_401")}" data-wait="{said("failed_429")}"></p>'
            f"{body}</main><script>{_SCRIPT}</script></html>",
            status,
            headers={
                "Content-Security-Policy": policy, "Referrer-Policy": "same-origin",
                "Cache-Control": "no-store",
            },
        )  # fmt: skip

    def told(self, sentence: str, status: int) -> HTMLResponse:
        """One sentence, and the way back."""
        back = f"<p><a href='/pair'>{self.words('back')}</a></p>"
        return self.sheet(f"<p>{sentence}</p>{back}", status)


def _paper(shell: ShellDep, words: WordsDep) -> Paper:
    return Paper(shell.edition(), words)


PaperDep = Annotated[Paper, Depends(_paper)]


@router.get("/pair")
async def page(
    door: DoorDep, caller: CallerDep, paper: PaperDep, next: Annotated[str, Query()] = "/"
) -> HTMLResponse:
    """A field for the code; for an admin, devices and a form to invite one."""
    entrance = _entrance(caller, place(next), paper.words)
    office = _office(door, paper.words) if caller.may("admin") else ""
    return paper.sheet(entrance + office)


@router.post("/sign-in")
async def sign_in(request: Request, door: DoorDep, client: ClientDep, paper: PaperDep) -> Response:
    """The form of a browser without scripts."""
    form = await _form(request)
    code, wanted = form.get("code", [""])[0], place(form.get("next", ["/"])[0])
    try:
        device, _ = await redeem(door, client.address, code)
    except CrispdError as error:
        said = f'<p class="warning" role="alert">{paper.words.of_error(error)}</p>'
        return paper.sheet(
            f"{said}{_entrance(None, wanted, paper.words)}", outcome_of(error).status
        )
    answer = RedirectResponse(wanted, 303)
    set_cookie(answer, door, door.enter(device), secure=client.scheme == "https")
    return answer


@router.post("/pair/new")
async def new(request: Request, door: DoorDep, paper: PaperDep) -> HTMLResponse:
    """Invite a device: its QR code, and the code to type."""
    form = await _form(request)
    try:
        body = InvitationBody.model_validate(
            {"name": form.get("name", [""])[0], "scopes": form.get("scope", [])}
        )
        made = invite_device(door, body.name, body.scopes, body.minutes)
    except ValidationError:
        return paper.told(paper.words("pair_incomplete"), 400)
    except CrispdError as error:
        return paper.told(paper.words.of_error(error), outcome_of(error).status)
    return paper.sheet(_invitation(door, made, paper.words))


@router.post("/pair/remove")
async def remove(request: Request, door: DoorDep, paper: PaperDep) -> Response:
    """Revoke a device."""
    try:
        await door.remove(in_thread, (await _form(request)).get("device", [""])[0])
    except CrispdError as error:
        return paper.told(paper.words.of_error(error), outcome_of(error).status)
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


def _entrance(caller: Caller | None, wanted: str, words: Words) -> str:
    there = escape(wanted, quote=True)
    to_photos = f"<a class='button' href='{there}'>{words('to_photos')}</a>"
    if caller is not None and caller.device is not None:
        is_device = words("pair_is", name=f"<b>{escape(caller.device.name)}</b>")
        return (
            f"<section class='card'><p>{is_device}</p><p>{to_photos}</p>"
            f"<form method='post' action='/sign-out'><button>{words('sign_out')}</button></form>"
            "</section>"
        )
    if caller is not None and caller.scopes:
        return f"<p>{to_photos}</p>"
    return (
        f"<section class='card'><h2>{words('pair_title')}</h2><p>{words('pair_words')}</p>"
        "<form method='post' action='/sign-in'>"
        f"<input type='hidden' name='next' value='{there}'>"
        f"<label for='code'>{words('pair_code')}</label><input id='code' name='code' required "
        "inputmode='numeric' autocomplete='one-time-code' placeholder='1234-5678' autofocus>"
        f"<button class='primary'>{words('pair_go')}</button></form>"
        f"<p>{words('pair_known')} <a href='{there}'>{words('go_on')}</a></p></section>"
    )


def _office(door: Door, words: Words) -> str:
    rows = "".join(_row(device, words) for device in door.with_times())
    rows = rows or f"<li>{words('no_devices')}"
    boxes = "".join(
        f"<label class='box'><input type='checkbox' name='scope' value='{scope}'"
        f"{'' if scope == 'admin' else ' checked'}> {words(f'scope_{scope}')}</label>"
        for scope in SCOPES
    )
    return (
        f"<section class='card'><h2>{words('devices')}</h2>"
        f"<ul class='rows'>{rows}</ul></section>"
        f"<section class='card'><h2>{words('pair_another')}</h2>"
        "<form method='post' action='/pair/new'>"
        f"<label for='name'>{words('pair_name')}</label>"
        "<input id='name' name='name' maxlength='60' required>"
        f"<fieldset><legend>{words('pair_may')}</legend>{boxes}</fieldset>"
        f"<button class='primary'>{words('pair_show')}</button></form></section>"
    )


def _row(device: Device, words: Words) -> str:
    scopes = ", ".join(words(f"scope_{scope}") for scope in device.scopes)
    used = words("never_used")
    if device.last_used:
        day = device.last_used[:10]
        used = words("used", when=f"<time datetime='{day}'>{day}</time>")
    return (
        f"<li><p class='path'><b>{escape(device.name)}</b></p>"
        f"<p class='quiet'>{scopes} · {used}</p>"
        "<form method='post' action='/pair/remove'>"
        f"<button name='device' value='{device.id}'>{words('revoke')}"
        f"<span class='unseen'> {escape(device.name)}</span></button></form>"
    )


def _invitation(door: Door, made: Invitation, words: Words) -> str:
    name = escape(made.name)
    codes = "".join(
        f"<p>{segno.make(link, error='m').svg_inline(scale=5)}</p>"
        for link in links(door, made)[:1]
    )
    where = "".join(f"<li><code>{escape(base)}/pair</code>" for base in door.place.addresses)
    pinned = door.place.fingerprint
    mark = f"<p>{words('fingerprint', mark=f'<code>{pinned}</code>')}</p>" if pinned else ""
    return (
        f"<section class='card'><h2>{name}</h2>{codes}<p>{words('pair_scan', name=name)}</p>"
        f"<ul>{where}</ul><p class='code'>{made.code[:4]}-{made.code[4:]}</p>"
        f"<p>{words('pair_once')}</p>{mark}"
        f"<p><a class='button' href='/pair'>{words('devices')}</a></p></section>"
    )
