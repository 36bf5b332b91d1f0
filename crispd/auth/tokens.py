"""Device tokens and signed values.

A token is 256 random bits, so its plain SHA-256 can be stored: there is nothing to guess, and a
slow hash, which is for passwords that people choose, would only cost every request its time.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crispd.errors import StorageUnwritable

if TYPE_CHECKING:
    from pathlib import Path

PREFIX = "crispd_"  # lets people and scanners of leaked secrets tell what it is
_BYTES = 32
_TAG_BYTES = 32


def new_token() -> str:
    """``crispd_`` and 43 characters."""
    return PREFIX + secrets.token_urlsafe(_BYTES)


def new_id() -> str:
    """Of a device or a pairing: short, and no secret."""
    return secrets.token_hex(6)


def hash_of(token: str) -> bytes:
    """What is kept of a token: 32 bytes."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


@dataclass(frozen=True, slots=True)
class Signer:
    """Makes and reads short signed texts. ``key``: 32 bytes that never leave the data folder."""

    key: bytes

    def sign(self, purpose: str, subject: str, until: int, secret: bytes) -> str:
        """``subject.until.tag``; ``secret`` is mixed in, so that the text dies with it."""
        return f"{subject}.{until}.{_text(self._tag(purpose, subject, until, secret))}"

    def subject(self, text: str) -> str:
        """Whom a text claims to be of; not checked yet."""
        return text.partition(".")[0]

    def holds(self, purpose: str, text: str, secret: bytes) -> int | None:
        """Until when (seconds since 1970) a text holds; None where it does not."""
        subject, _, rest = text.partition(".")
        number, _, given = rest.partition(".")
        if not (number.isascii() and number.isdigit() and len(number) <= 12):
            return None
        until = int(number)
        known = _text(self._tag(purpose, subject, until, secret))
        same = hmac.compare_digest(known.encode(), given.encode("utf-8", "replace"))
        return until if same and time.time() < until else None

    def _tag(self, purpose: str, subject: str, until: int, secret: bytes) -> bytes:
        text = "\0".join((purpose, subject, str(until))).encode("utf-8", "replace")
        return hmac.new(self.key, text + b"\0" + secret, hashlib.sha256).digest()


def _text(tag: bytes) -> str:
    return base64.urlsafe_b64encode(tag[:_TAG_BYTES]).rstrip(b"=").decode()


def load_key(path: Path) -> bytes:
    """The signing key of a data folder, made where there is none. Raises StorageUnwritable."""
    try:
        found = binascii.unhexlify(path.read_text("ascii").strip())
        if len(found) == _BYTES:
            return found
    except (FileNotFoundError, ValueError):  # none, or damaged: what it signed holds no more
        pass
    except OSError as error:
        raise _unwritable(path, error) from error
    key = secrets.token_bytes(_BYTES)
    write_secret(path, key.hex())
    return key


def write_secret(path: Path, text: str) -> None:
    """A file only its owner may read, there whole or not at all. Raises StorageUnwritable."""
    partial = path.with_name(f"{path.name}.part")
    try:
        partial.unlink(missing_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        descriptor = os.open(partial, flags, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(text + "\n")
        partial.replace(path)
    except OSError as error:
        raise _unwritable(path, error) from error


def _unwritable(path: Path, error: OSError) -> StorageUnwritable:
    return StorageUnwritable(
        f"{path} cannot be read or written: {error.strerror}. Run crispd as the user that owns "
        "the data folder, or give another CRISPD_DATA_DIR."
    )
