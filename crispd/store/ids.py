"""Public ids: opaque, and stable for a content at its path."""

from __future__ import annotations

import base64
import hashlib
import os

_BYTES = 15  # 24 characters of base32 without padding; 2^60 photos until a collision is likely


def public_id(root_path: str, path: str, content_hash: str) -> str:
    """24 characters of a-z and 2-7. The same after the database was made anew."""
    # NUL occurs in no path, so the parts cannot run into one another.
    parts = (os.fsencode(root_path), os.fsencode(path), content_hash.encode())
    digest = hashlib.blake2b(b"\0".join(parts), digest_size=_BYTES).digest()
    return base64.b32encode(digest).decode().lower()
