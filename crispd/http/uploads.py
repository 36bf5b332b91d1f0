"""Uploaded query images: read within limits, in memory, never stored."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.routing import Match

from crispd.errors import Overloaded, PhotoError, PhotoTooLarge, PhotoUnsupported, QueryError
from crispd.http.upload_budget import UploadBudget, UploadReservation
from crispd.http.validation_errors import sentences_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator

    from fastapi import Request
    from starlette.datastructures import FormData
    from starlette.types import Scope

M = TypeVar("M", bound=BaseModel)

# What stands around a picture: names, boundaries, and the longest question.
_REST_BYTES = 256 * 1024
_MOST_FIELDS = 40
_FIELD = "image"
_SEND_IT = f"Send it as the field {_FIELD} of multipart/form-data, such as curl -F image=@a.jpg."


def is_upload(scope: Scope) -> bool:
    """Whether a request may bring a picture, and so be longer than others."""
    if scope["method"] != "POST" or scope["path"] != "/search":
        return False
    kinds = [value for name, value in scope["headers"] if name == b"content-type"]
    return bool(kinds) and kinds[0].strip().lower().startswith(b"multipart/")


class UploadSlots:
    """Upload limits. ``most_bytes``: of a picture. ``at_once``: uploads in processing, and as many
    in transfer.
    """

    def __init__(self, most_bytes: int, at_once: int) -> None:
        self.most_bytes = most_bytes
        self.memory = UploadBudget(at_once * self.longest)
        self._free = at_once

    @property
    def longest(self) -> int:
        """Bytes of a whole form."""
        return self.most_bytes + _REST_BYTES

    def refuse_when_full(self) -> None:
        """Raise Overloaded where every place is taken, before anything is read."""
        if not self._free:
            raise Overloaded("Too many pictures at once. Try again in a moment.")

    @contextmanager
    def place(self) -> Iterator[None]:
        """A turn for a picture that has arrived. Raises Overloaded."""
        self.refuse_when_full()
        self._free -= 1
        try:
            yield
        finally:
            self._free += 1


class UploadRoute(APIRoute):
    """A route for multipart bodies; all other requests go to the route after it."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """No match where nothing is uploaded."""
        if scope["type"] == "http" and not is_upload(scope):
            return Match.NONE, {}
        return super().matches(scope)


class _InMemory(MultiPartParser):
    """Starlette's form parser, without its temporary file for parts over a megabyte."""

    spool_max_size = 2**31


async def read_upload(
    request: Request, model: type[M], uploads: UploadSlots, held: UploadReservation
) -> tuple[bytes, M]:
    """The picture, and the other fields as a ``model``.

    Raises QueryError, HTTPException (413), or Overloaded where others have to be made room for.
    """
    with held.scope:
        data, given = await _parsed(request, held)
        uploads.memory.arrived(held)
    held.refuse_if_given_up()
    if len(data) > uploads.most_bytes:
        raise HTTPException(413, too_long(uploads.most_bytes))
    if not data:
        raise QueryError(f"The picture is empty. {_SEND_IT}")
    return data, fields_of(given, model)


async def _parsed(request: Request, held: UploadReservation) -> tuple[bytes, dict[str, Any]]:
    """The picture, and the texts beside it."""
    arriving = _counted(request.stream(), held)
    parser = _InMemory(request.headers, arriving, max_files=1, max_fields=_MOST_FIELDS)
    try:
        form = await parser.parse()
    except MultiPartException as error:
        raise QueryError(f"The form cannot be read: {error.message.rstrip('.')}.") from error
    except UnicodeError as error:
        raise QueryError("The form cannot be read: it is not UTF-8.") from error
    try:
        given = _once(form)
        picture = given.pop(_FIELD, None)
        if not isinstance(picture, UploadFile):
            raise QueryError(f"The picture is missing. {_SEND_IT}")
        return await picture.read(), given
    finally:
        await form.close()


async def _counted(
    stream: AsyncGenerator[bytes, None], held: UploadReservation
) -> AsyncGenerator[bytes, None]:
    async for chunk in stream:
        held.grow(len(chunk))
        yield chunk


def _once(form: FormData) -> dict[str, Any]:
    names = [name for name, _ in form.multi_items()]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise QueryError(f"{', '.join(twice)[:80]} is given more than once; give it once.")
    return dict(form)


def fields_of(given: dict[str, Any], model: type[M]) -> M:
    """Texts, of a form or an address, as ``model`` has them. Raises QueryError."""
    try:
        return model.model_validate(given)
    except ValidationError as error:
        found = [{**item, "loc": ("body", *item["loc"])} for item in error.errors()]
        raise QueryError(sentences_of(model.model_fields, found)) from error


def too_long(most: int) -> str:
    """A sentence for what is longer than ``most`` bytes."""
    return f"The picture has more than {most / 2**20:g} MB; send it smaller."


def refusal(error: PhotoError) -> HTTPException:
    """What a picture that cannot be searched by is answered with."""
    if isinstance(error, PhotoTooLarge):
        return HTTPException(413, str(error))
    return HTTPException(415 if isinstance(error, PhotoUnsupported) else 422, str(error))
