"""Every error that crispd raises on purpose, with its HTTP status and exit code.

::

    CrispdError
      ConfigError               a setting that cannot work
      PackError                 a model pack that cannot be used
        PackMissing
        PackCorrupt             a checksum or the manifest does not hold
        PackMismatch            the files do not fit the manifest
      HubError                  a model hub cannot be asked, or gives what it should not
      PhotoError                a photo that cannot be indexed: a result, not a crash
        PhotoUnreadable
        PhotoUnsupported
        PhotoTooLarge
        PhotoVanished           gone or changed while it was read: not a fault of the photo
      StorageError
        StorageLocked           another process holds the data folder
        DiskFull
        StorageUnwritable       gone, or its drive fails
          StorageReadOnly       may be read and not written: searches are answered
        StorageDamaged
        SchemaTooNew
        IndexCorrupt            the HNSW file is missing, stale or damaged: rebuilt from SQLite
      QueryError                a query that makes no sense
        CursorExpired           its results are no longer cached
      DatasetError              captioned photos that ``crispd eval`` cannot use
      NotFound
      NotReady                  starting or stopping: try again shortly
      Overloaded
      Unauthorized              the caller is unknown
        Forbidden               the caller is known and may not do this
      TooManyFailures           wrong codes or tokens: wait
      Conflict                  the name exists already

A message is a sentence for the person who reads it and says what to do where something can be
done. ``OUTCOMES`` maps each type to an HTTP status and an exit code; nothing else does.
"""

from __future__ import annotations

from dataclasses import dataclass


class CrispdError(Exception):
    """Base of every error that crispd raises on purpose."""


class ConfigError(CrispdError):
    """A setting that cannot work; the message names it and its source."""


class PackError(CrispdError):
    """A model pack that cannot be used."""


class PackMissing(PackError):
    """No pack of that name, or a file of it is not there."""


class PackCorrupt(PackError):
    """The manifest cannot be read or a file's checksum does not hold."""


class PackMismatch(PackError):
    """The files are whole but do not do what the manifest says."""


class HubError(CrispdError):
    """A model hub cannot be asked, or does not give what it lists. The message says what to do."""


class PhotoError(CrispdError):
    """A photo that cannot be indexed. ``code`` is for programs, the message for people."""

    code = "unreadable"


class PhotoUnreadable(PhotoError):
    """Damaged, empty, truncated, or not allowed to be read."""

    def __init__(self, message: str, code: str = "unreadable") -> None:
        super().__init__(message)
        self.code = code


class PhotoUnsupported(PhotoError):
    """Not a picture, or a format that is not supported."""

    code = "unsupported"


class PhotoTooLarge(PhotoError):
    """More pixels or bytes than the limits allow."""

    code = "too_large"


class PhotoVanished(PhotoError):
    """Gone, or changed while it was being read. The next event or scan settles it."""

    code = "vanished"


class StorageError(CrispdError):
    """SQLite or the data folder cannot do what is needed."""


class StorageLocked(StorageError):
    """Another process holds the data folder or the database."""


class DiskFull(StorageError):
    """No space left where the data folder lies."""


class StorageUnwritable(StorageError):
    """The data folder is read-only, not ours to write, or its drive fails."""


class StorageReadOnly(StorageUnwritable):
    """The data folder may be read and not written."""


class StorageDamaged(StorageError):
    """The database is damaged; the message names the command that saves what can be saved."""


class SchemaTooNew(StorageError):
    """The database was written by a newer crispd."""


class IndexCorrupt(StorageError):
    """The HNSW file is missing, stale or damaged. crispd rebuilds it from SQLite."""


class QueryError(CrispdError):
    """A query that makes no sense; the message names what is wrong with it."""


class CursorExpired(QueryError):
    """The cursor's results are no longer cached: search again without it."""


class DatasetError(CrispdError):
    """Captioned photos that cannot be evaluated; the message says what is expected."""


class NotFound(CrispdError):
    """No such photo, or its file is gone."""


class NotReady(CrispdError):
    """The service is starting or stopping."""


class Overloaded(CrispdError):
    """Too many searches at once."""


class Unauthorized(CrispdError):
    """The caller is unknown, or its credentials are no longer valid."""


class Forbidden(Unauthorized):
    """The caller is known and may not do this."""


class TooManyFailures(CrispdError):
    """Wrong codes or tokens from one address; the message says how long to wait."""

    def __init__(self, message: str, seconds: int) -> None:
        super().__init__(message)
        self.seconds = seconds


class Conflict(CrispdError):
    """The name exists already."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an error means outside: HTTP ``status``, problem ``title``, process ``exit_code``."""

    status: int
    title: str
    exit_code: int = 1


OUTCOMES: dict[type[CrispdError], Outcome] = {
    CrispdError: Outcome(500, "Internal error"),
    ConfigError: Outcome(500, "Wrong setting", exit_code=2),
    PackError: Outcome(503, "Model pack unusable"),
    HubError: Outcome(502, "Model hub unavailable"),
    PhotoError: Outcome(422, "Photo cannot be read"),
    PhotoVanished: Outcome(404, "Photo is gone"),
    StorageError: Outcome(503, "Storage unavailable"),
    CursorExpired: Outcome(410, "Gone", exit_code=1),
    QueryError: Outcome(400, "Bad request", exit_code=2),
    DatasetError: Outcome(422, "Data set unusable", exit_code=2),
    NotFound: Outcome(404, "Not found"),
    NotReady: Outcome(503, "Not ready"),
    Overloaded: Outcome(503, "Overloaded"),
    Unauthorized: Outcome(401, "Unauthorized"),
    Forbidden: Outcome(403, "Forbidden"),
    TooManyFailures: Outcome(429, "Too many failures"),
    Conflict: Outcome(409, "Conflict"),
}


def outcome_of(error: CrispdError) -> Outcome:
    """The outcome of the nearest ancestor of ``error`` that has one."""
    for kind in type(error).__mro__:
        if kind in OUTCOMES:
            return OUTCOMES[kind]
    return OUTCOMES[CrispdError]
