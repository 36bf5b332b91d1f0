"""Parsing of HTTP responses into values and errors."""

from __future__ import annotations

import re
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import unquote

import httpx

from crispd.client.exceptions import InvalidAddress, NoAnswer, NotCrispd, ProblemDocument, refused
from crispd.client.retry_policy import retry_after

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crispd.client.calls import Call

T = TypeVar("T")
_NO_CONTENT = 204


def address_of(url: str) -> str:
    """``nas:8642`` and such as people write them. Raises InvalidAddress."""
    address = (url if "://" in url else f"http://{url}").rstrip("/")
    try:
        parts = httpx.URL(address)
    except httpx.InvalidURL as error:
        raise InvalidAddress(f"{address} is no address ({error}).") from error
    if parts.scheme not in {"http", "https"} or not parts.host:
        raise InvalidAddress(f"{address} is no address. Such as: http://nas:8642")
    return address


@contextmanager
def errors_of(address: str) -> Iterator[None]:
    """httpx's errors as ours."""
    try:
        yield
    except (httpx.TransportError, httpx.TooManyRedirects, httpx.DecodingError) as error:
        said = str(error) or type(error).__name__
        raise NoAnswer(f"No crispd answers at {address} ({said}).") from error
    except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
        raise InvalidAddress(f"{address} is no address ({error}).") from error


def value_of(answer: httpx.Response, call: Call[T], address: str) -> T:
    """What a call's answer says. Raises Refused or NotCrispd."""
    found = json_of(answer, address)
    try:
        return call.read(found)
    except ValueError as error:
        raise _stranger(answer, address) from error


def json_of(answer: httpx.Response, address: str) -> dict[str, Any]:
    """The object that was answered. Raises Refused or NotCrispd."""
    check(answer, address)
    if answer.status_code == _NO_CONTENT:
        return {}
    found = _json(answer)
    if found is None:
        raise _stranger(answer, address)
    return found


def check(answer: httpx.Response, address: str) -> None:
    """Raises Refused for an error that is read already, NotCrispd for one that is not ours."""
    if answer.is_success:
        return
    found = _json(answer)
    if found is None or not isinstance(found.get("detail"), str):
        raise _stranger(answer, address)
    problem = ProblemDocument(
        answer.status_code,
        str(found.get("title", "")),
        found["detail"],
        str(found.get("type", "about:blank")),
    )
    raise refused(problem, retry_after(answer.headers.get("retry-after")))


def target(to: str | Path, answer: httpx.Response, otherwise: str) -> Path:
    """Where a download goes: ``to``, or in the folder ``to`` under the name that crispd gives."""
    path = Path(to)
    return path / _filename(answer, otherwise) if path.is_dir() else path


def _filename(answer: httpx.Response, otherwise: str) -> str:
    """Of Content-Disposition, and nothing but a name: what it says must not lead elsewhere."""
    header = answer.headers.get("content-disposition", "")
    coded = re.search(r"filename\*=utf-8''([^;]+)", header, re.IGNORECASE)
    plain = re.search(r'filename="([^"]*)"', header)
    name = unquote(coded[1]) if coded else plain[1] if plain else ""
    name = name.replace("\\", "/").rpartition("/")[2].replace("\0", "").strip()
    return otherwise if name in {"", ".", ".."} else name


def _json(answer: httpx.Response) -> dict[str, Any] | None:
    try:
        found = answer.json()
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _stranger(answer: httpx.Response, address: str) -> NotCrispd:
    status = answer.status_code
    return NotCrispd(f"What answers at {address} is no crispd (status {status}).", status)
