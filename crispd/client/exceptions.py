"""Every error that the client raises.

::

    CrispdClientError
      InvalidAddress        the address cannot be one
      NoAnswer              nothing answers there, or not in time
      CertificateNotTrusted its certificate is not the one expected
      NotCrispd             what answers is no crispd
      Refused               crispd said no; has a ``problem``
        BadRequest            400, 405, 413, 416
        Unauthorized          401  no token, or one that is not known
        Forbidden             403  the token's scopes do not reach so far
        NotFound              404
        Conflict              409
        Gone                  410  a cursor whose results are no longer kept
        Unreadable            422  the photo cannot be read
        TooManyRequests       429
        ServerError           5xx
          Unavailable         503  starting, stopping or busy
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProblemDocument:
    """An error as crispd writes it (RFC 9457). ``detail`` is a sentence for people."""

    status: int
    title: str
    detail: str
    type: str = "about:blank"


class CrispdClientError(Exception):
    """Base of all that a client raises."""


class InvalidAddress(CrispdClientError):
    """The address cannot be one."""


class NoAnswer(CrispdClientError):
    """No response at that address, or not in time."""


class CertificateNotTrusted(CrispdClientError):
    """The certificate is not the expected one. No request and no token was sent."""


class NotCrispd(CrispdClientError):
    """The server is not a crispd. ``status``: of its response."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class Refused(CrispdClientError):
    """crispd refused the call. ``problem`` says why; ``retry_after``: seconds to wait."""

    def __init__(self, problem: ProblemDocument, retry_after: float | None = None) -> None:
        super().__init__(problem.detail)
        self.problem = problem
        self.retry_after = retry_after

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.problem.status


class BadRequest(Refused):
    """A parameter is wrong; the message names it."""


class Unauthorized(Refused):
    """No token, or one that is not known."""


class Forbidden(Refused):
    """The token's scopes do not reach so far."""


class NotFound(Refused):
    """No such photo, folder or address."""


class Conflict(Refused):
    """It is there already."""


class Gone(Refused):
    """The cursor's results are no longer cached."""


class Unreadable(Refused):
    """The photo cannot be read."""


class TooManyRequests(Refused):
    """Too many wrong tokens."""


class ServerError(Refused):
    """Something is wrong at the other side."""


class Unavailable(ServerError):
    """Starting, stopping or busy: later again."""


_BY_STATUS: dict[int, type[Refused]] = {
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    410: Gone,
    422: Unreadable,
    429: TooManyRequests,
    503: Unavailable,
}


def refused(problem: ProblemDocument, retry_after: float | None = None) -> Refused:
    """The error of a problem, by its status."""
    general = BadRequest if problem.status < 500 else ServerError
    return _BY_STATUS.get(problem.status, general)(problem, retry_after)
