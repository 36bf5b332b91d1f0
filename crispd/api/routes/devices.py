"""Routes of ``/devices``, ``/invitations``, ``/pair`` and ``/session``: access for devices."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from crispd.api.dependencies import AccessControlDep, CallerDep, RequestOriginDep
from crispd.auth.access_control import COOKIE, SESSION_SECONDS, AccessControl, Caller
from crispd.auth.pairing import Invitation
from crispd.errors import NotFound, QueryError, Unauthorized
from crispd.http.problem_details import responses
from crispd.http.strict_json import JsonRoute
from crispd.http.threads import in_thread
from crispd.types import SCOPES, Device, Scope

router = APIRouter(tags=["devices"], route_class=JsonRoute)

_NAME = Field(min_length=1, max_length=60, pattern=r"^[^\x00-\x1f\x7f]*\S[^\x00-\x1f\x7f]*$")
DeviceId = Annotated[str, Path(description="From /devices.", examples=["k3v7q2xw"])]
InvitationId = Annotated[str, Path(description="Of an invitation.", examples=["p4t8z1mc"])]
_MOST_MINUTES = 60.0
_NOT_KEPT = {"Cache-Control": "no-store"}


class DeviceBody(BaseModel):
    """A name, and what the device may do."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"name": "Lena's phone"}}
    )

    name: Annotated[str, _NAME]
    scopes: list[Scope] = Field(["search", "originals"], min_length=1, max_length=len(SCOPES))


class InvitationBody(DeviceBody):
    """The same, with the time it holds."""

    minutes: float = Field(10, gt=0, le=_MOST_MINUTES)


class Code(BaseModel):
    """A code that was typed, or the secret of a QR code."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"code": "1234-5678"}})

    code: str = Field(min_length=1, max_length=100)


class SessionBody(BaseModel):
    """A code, which makes the browser a device, or the token of one."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"code": "1234-5678"}})

    code: str | None = Field(None, min_length=1, max_length=100)
    token: str | None = Field(None, min_length=1, max_length=200)


class DeviceAnswer(BaseModel):
    """A device. ``last_used`` is right to the hour."""

    id: str
    name: str
    scopes: list[Scope]
    created_at: str
    last_used: str | None


class Devices(BaseModel):
    """Every device, by name."""

    devices: list[DeviceAnswer]


class NewDevice(DeviceAnswer):
    """``token`` is told this once."""

    token: str


class InvitationAnswer(BaseModel):
    """``state``: open, paired or expired. ``links`` are for a QR code, the secret behind ``#``."""

    id: str
    name: str
    scopes: list[Scope]
    state: str
    expires_at: str
    code: str | None = None
    links: list[str] = []
    addresses: list[str] = []
    fingerprint: str | None = None


class Session(BaseModel):
    """Who asks; ``device`` is null where that is no device."""

    device: str | None
    scopes: list[Scope]
    needs_token: bool


@router.get("/devices", operation_id="getDevices")
async def devices(access_control: AccessControlDep) -> Devices:
    """Every device that has a token."""
    return Devices(devices=[device_answer(device) for device in access_control.with_times()])


@router.post(
    "/devices",
    status_code=201,
    operation_id="addDevice",
    responses=responses(409),
)
async def add_device(
    access_control: AccessControlDep, body: DeviceBody, response: Response
) -> NewDevice:
    """A token for a program, at once. People's devices are invited instead."""
    response.headers.update(_NOT_KEPT)
    device, token = await access_control.add(in_thread, body.name.strip(), scopes_of(body.scopes))
    return NewDevice(**device_answer(device).model_dump(), token=token)


@router.delete(
    "/devices/{device_id}",
    status_code=204,
    operation_id="removeDevice",
    responses=responses(404),
)
async def remove_device(access_control: AccessControlDep, device_id: DeviceId) -> Response:
    """Its token, cookies and links hold no more when this is answered."""
    await access_control.remove(in_thread, device_id)
    return Response(status_code=204)


@router.post(
    "/invitations",
    status_code=201,
    operation_id="inviteDevice",
    responses=responses(409),
)
async def invite(
    access_control: AccessControlDep, body: InvitationBody, response: Response
) -> InvitationAnswer:
    """A code to type on a device, and links for a QR code; good once, for a few minutes."""
    response.headers.update(_NOT_KEPT)
    made = invite_device(access_control, body.name, body.scopes, body.minutes)
    return _invitation(access_control, made, told=True)


@router.get(
    "/invitations/{invitation_id}",
    operation_id="getInvitation",
    responses=responses(404),
)
async def invitation(
    access_control: AccessControlDep, invitation_id: InvitationId
) -> InvitationAnswer:
    """Whether it was taken. The code is not told again."""
    found = access_control.invitations.find(invitation_id)
    if found is None:
        raise NotFound("There is no such invitation; they are forgotten when crispd restarts.")
    return _invitation(access_control, found, told=False)


@router.post(
    "/pair",
    status_code=201,
    operation_id="pairDevice",
    responses=responses(409),
)
async def pair(
    access_control: AccessControlDep, client: RequestOriginDep, body: Code, response: Response
) -> NewDevice:
    """A token for a code. Wrong codes have to wait, ever longer."""
    response.headers.update(_NOT_KEPT)
    device, token = await redeem(access_control, client.address, body.code)
    return NewDevice(**device_answer(device).model_dump(), token=token)


@router.post("/session", operation_id="openSession", responses=responses(409))
async def open_session(
    access_control: AccessControlDep, client: RequestOriginDep, body: SessionBody
) -> JSONResponse:
    """A cookie for a browser, for a code or a token."""
    if (body.code is None) == (body.token is None):
        raise QueryError("Give either code or token.")
    if body.code is not None:
        caller = access_control.complete_pairing(
            (await redeem(access_control, client.address, body.code))[0]
        )
    else:
        caller = access_control.caller_with_token(str(body.token), client)
    answer = JSONResponse(_session(access_control, caller).model_dump(), headers=_NOT_KEPT)
    set_cookie(answer, access_control, caller, secure=client.scheme == "https")
    return answer


@router.get("/session", operation_id="getSession")
async def session(access_control: AccessControlDep, caller: CallerDep) -> Session:
    """Who asks, and what for."""
    return _session(access_control, caller)


@router.delete("/session", status_code=204, operation_id="closeSession")
async def close_session() -> Response:
    """Take the cookie back. The device stays; ``DELETE /devices/{device_id}`` revokes it."""
    answer = Response(status_code=204)
    answer.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return answer


@router.get(
    "/ca.crt",
    operation_id="getAuthority",
    response_class=Response,
    responses={200: {"content": {"application/x-x509-ca-cert": {}}}, **responses(404)},
)
async def authority(access_control: AccessControlDep) -> PlainTextResponse:
    """The certificate of this house's own authority, to be trusted by devices, where there is one.

    Hold its fingerprint against the one that ``crispd pair`` shows.
    """
    if access_control.place.authority is None:
        raise NotFound("crispd has no certificate authority of its own here (tls is not auto).")
    return PlainTextResponse(
        access_control.place.authority, media_type="application/x-x509-ca-cert"
    )


def scopes_of(wanted: list[Scope]) -> tuple[Scope, ...]:
    """Each once."""
    return tuple(dict.fromkeys(wanted))


def invite_device(
    access_control: AccessControl, name: str, scopes: list[Scope], minutes: float
) -> Invitation:
    """An invitation. Raises Conflict, Overloaded."""
    access_control.refuse_taken_name(name.strip())
    return access_control.invitations.invite(name.strip(), scopes_of(scopes), minutes * 60)


async def redeem(access_control: AccessControl, address: str, code: str) -> tuple[Device, str]:
    """The device of a code, and its token. Raises Unauthorized, TooManyFailures, Conflict."""
    access_control.throttle.check(address)
    try:
        found = access_control.invitations.redeem(code)
    except Unauthorized:
        access_control.throttle.failed(address)
        raise
    device, token = await access_control.add(in_thread, found.name, found.scopes)
    found.device_id = device.id
    return device, token


def set_cookie(
    answer: Response, access_control: AccessControl, caller: Caller, *, secure: bool
) -> None:
    """Only crispd's own page can use it, and no script reads it."""
    answer.set_cookie(
        COOKIE,
        access_control.session(caller),
        max_age=SESSION_SECONDS,
        httponly=True,
        samesite="strict",
        secure=secure,
    )


def device_answer(device: Device) -> DeviceAnswer:
    """Without its hash."""
    return DeviceAnswer(
        id=device.id,
        name=device.name,
        scopes=list(device.scopes),
        created_at=device.created_at,
        last_used=device.last_used,
    )


def links(access_control: AccessControl, item: Invitation) -> list[str]:
    """What a QR code says. What stands behind ``#`` is never sent, so it is in no log."""
    pinned = f".{access_control.place.fingerprint}" if access_control.place.fingerprint else ""
    return [f"{base}/pair#{item.secret}{pinned}" for base in access_control.place.addresses]


def _invitation(access_control: AccessControl, item: Invitation, *, told: bool) -> InvitationAnswer:
    secrets: dict[str, Any] = (
        {"code": f"{item.code[:4]}-{item.code[4:]}", "links": links(access_control, item)}
        if told
        else {}
    )
    return InvitationAnswer(
        id=item.id,
        name=item.name,
        scopes=list(item.scopes),
        state=item.state,
        expires_at=datetime.fromtimestamp(item.until, UTC).isoformat(timespec="seconds"),
        addresses=list(access_control.place.addresses),
        fingerprint=access_control.place.fingerprint,
        **secrets,
    )


def _session(access_control: AccessControl, caller: Caller) -> Session:
    device = caller.device.name if caller.device is not None else None
    return Session(
        device=device, scopes=list(caller.scopes), needs_token=access_control.rules.required
    )
