"""The error of a name that another process has claimed."""

from __future__ import annotations


class NameInUse(Exception):
    """By ``process`` of ``user``, as far as that can be told."""

    def __init__(self, process: int | None, user: int | None) -> None:
        super().__init__(process, user)
        self.process = process
        self.user = user
