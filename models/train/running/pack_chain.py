"""The steps that make the shipped packs out of a trained model, each on a copy of the last."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable
from pathlib import Path

from train.running.atomic import atomic

log = logging.getLogger(__name__)


class PackChain:
    """Folders of packs in ``folder``, one a finished step; a step that a killed run left half is
    made anew from the one before.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._last: Path | None = None
        self._count = 0

    def step(self, name: str, make: Callable[[Path], None]) -> None:
        """Let ``make`` change a folder that holds the packs as the last step left them."""
        self._count += 1
        target = self._folder / f"{self._count}-{name}"
        if target.exists():
            log.info("taken up: packs after %s", name)
        else:
            log.info("step: %s", name)
            with atomic(target) as part:
                if self._last is None:
                    part.mkdir()
                else:
                    shutil.copytree(self._last, part)
                make(part)
        self._last = target

    def pack(self, name: str) -> Path:
        """A pack as the last step left it."""
        if self._last is None:
            raise ValueError("no step was made yet")
        return self._last / name
