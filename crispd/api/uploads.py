"""A picture that comes with a question: read within limits, in memory, and forgotten."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.routing import Match

from crispd.api.explain import sentence_of
from crispd.errors import PhotoError, PhotoTooLarge, PhotoUnsupported, QueryError

if TYPE_CHECKING:
    from anyio import CapacityLimiter
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


@dataclass(frozen=True, slots=True)
class Uploads:
    """``most_bytes``: of a picture; ``places``: for those that are held in memory at a time."""

    most_bytes: int
    places: CapacityLimiter

    @property
    def longest(self) -> int:
        """Bytes of a whole form."""
        return self.most_bytes + _REST_BYTES


class UploadRoute(APIRoute):
    """Takes what is multipart, and leaves everything else to the route behind it."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """No match where nothing is uploaded."""
        if scope["type"] == "http" and not is_upload(scope):
            return Match.NONE, {}
        return super().matches(scope)


class _InMemory(MultiPartParser):
    """starlette's, which would put what is longer than a megabyte into a file of its own."""

    spool_max_size = 2**31


async def read_upload(request: Request, model: type[M], most_bytes: int) -> tuple[bytes, M]:
    """The picture, and the other fields as a ``model``.

    Raises QueryError or HTTPException (413).
    """
    parser = _InMemory(request.headers, request.stream(), max_files=1, max_fields=_MOST_FIELDS)
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
        data = await picture.read()
    finally:
        await form.close()
    if len(data) > most_bytes:
        raise HTTPException(413, too_long(most_bytes))
    if not data:
        raise QueryError(f"The picture is empty. {_SEND_IT}")
    return data, fields_of(given, model)


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
        wrong = [sentence_of(model.model_fields, item) for item in found]
        raise QueryError(" ".join(wrong)) from error


def too_long(most: int) -> str:
    """A sentence for what is longer than ``most`` bytes."""
    return f"The picture has more than {most / 2**20:g} MB; send it smaller."


def refusal(error: PhotoError) -> HTTPException:
    """What a picture that cannot be searched by is answered with."""
    if isinstance(error, PhotoTooLarge):
        return HTTPException(413, str(error))
    return HTTPException(415 if isinstance(error, PhotoUnsupported) else 422, str(error))
