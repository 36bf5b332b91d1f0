"""Ignore rules of people: patterns in the style of Git."""

from __future__ import annotations

from pathlib import Path

from pathspec import GitIgnoreSpec

NAME = ".crispdignore"
_MOST_BYTES = 2**20


class IgnoreRules:
    """Patterns of the settings, then those of ``.crispdignore`` at the top of a root."""

    def __init__(self, root: str, patterns: tuple[str, ...] = ()) -> None:
        self._file = Path(root) / NAME
        self._patterns = patterns
        self._text: str | None = None
        self._spec = GitIgnoreSpec.from_lines(patterns)

    def refresh(self) -> bool:
        """Read the file again; the last readable state stays where it cannot be read.

        Whether it says something else than before.
        """
        try:
            with self._file.open("rb") as file:
                text = file.read(_MOST_BYTES).decode("utf-8", "surrogateescape")
        except FileNotFoundError:
            text = ""
        except OSError:
            return False
        if text == self._text:
            return False
        self._text = text
        self._spec = GitIgnoreSpec.from_lines([*self._patterns, *_valid(text.splitlines())])
        return True

    def folder(self, path: str) -> bool:
        """Whether a relative folder is not walked."""
        return self._spec.match_file(f"{path}/")

    def wants(self, path: str) -> bool:
        """Whether a pattern that begins with ``!`` asks for a relative folder."""
        return self._spec.check_file(f"{path}/").include is False

    def file(self, path: str) -> bool:
        """Whether a relative file, or a folder above it, is left alone."""
        return self._spec.match_file(path)


def _valid(lines: list[str]) -> list[str]:
    """Lines that are patterns: one slip must not switch the others off."""
    found = []
    for line in lines:
        try:
            GitIgnoreSpec.from_lines([line])
        except ValueError:
            continue
        found.append(line)
    return found
