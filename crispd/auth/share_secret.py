"""The signing secret of share links that no device made.

Links of a device end with its token. These end when this secret is replaced.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from crispd.auth.tokens import write_secret

if TYPE_CHECKING:
    from pathlib import Path

SHARE_SECRET = "share-secret"
# Until the first time: links that were made before there was such a file go on holding.
_FIRST = b"shared"
_BYTES = 16


class ShareSecret:
    """``path``: None for one that lives as long as the process."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self.value = _FIRST
        if path is not None:
            try:
                self.value = path.read_bytes().strip() or _FIRST
            except FileNotFoundError:
                pass
            except OSError:  # not to be read: nothing that was signed can be told to hold
                self.value = secrets.token_bytes(_BYTES)

    def renew(self) -> None:
        """No link that was made before holds any more. Blocks. Raises StorageUnwritable."""
        text = secrets.token_hex(_BYTES)
        # first here, so that they fail at once whatever the disk does
        self.value = text.encode()
        if self._path is not None:
            write_secret(self._path, text)
