"""Downloads that appear under their name only when complete."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType
    from typing import Self


class Download:
    """A download into a temporary file beside ``target`` that replaces it at the end. An unfinished
    one leaves nothing.
    """

    def __init__(self, target: Path) -> None:
        self.target = target
        self._part = target.with_name(f".{secrets.token_hex(8)}.part")
        self._file = self._part.open("wb")

    def write(self, chunk: bytes) -> None:
        """The next bytes."""
        self._file.write(chunk)

    async def awrite(self, chunk: bytes) -> None:
        """The same in a thread: the event loop does not wait for the disk."""
        await asyncio.to_thread(self.write, chunk)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self._file.close()
            if error is None:
                self._part.replace(self.target)
        finally:
            with contextlib.suppress(FileNotFoundError):
                self._part.unlink()
