"""A repository of the hub at a pinned commit: which files it holds, how large, with which hash."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from crispd.errors import HubError, QueryError

if TYPE_CHECKING:
    from collections.abc import Iterable

_NAME = re.compile(r"[\w][\w.-]{0,95}(/[\w][\w.-]{0,95})?", re.ASCII)
_REVISION = re.compile(r"[\w][\w./-]{0,199}", re.ASCII)
_COMMIT = re.compile(r"[0-9a-f]{40}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_MOST_FILES = 5000
_LONGEST_PATH, _DEEPEST = 200, 8
MOST_BYTES = 8 * 2**30


@dataclass(frozen=True, slots=True)
class RepositoryName:
    """``owner/name``, and which ``revision`` of it: a branch, a tag or a commit."""

    name: str
    revision: str = "main"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Of ``owner/name`` or ``owner/name@revision``. Raises QueryError."""
        name, _, revision = text.partition("@")
        revision = revision or "main"
        if not _NAME.fullmatch(name) or "/" not in name or ".." in text:
            raise QueryError(
                f"{text!r} is no repository. Such as: owner/name or owner/name@revision"
            )
        if not _REVISION.fullmatch(revision):
            raise QueryError(f"{revision!r} is no revision. Give a branch, a tag or a commit.")
        return cls(name, revision)

    @property
    def pinned(self) -> bool:
        """Whether the revision is a whole commit, which never changes."""
        return _COMMIT.fullmatch(self.revision) is not None


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file of a repository. ``sha256``: of what is stored apart (LFS); ``git_sha1``: of a small
    one, as git has it; one of the two is there.
    """

    path: str
    bytes: int
    sha256: str | None
    git_sha1: str | None


def commit_of(document: Any) -> str:
    """The commit that a revision stands for, of the hub's answer. Raises HubError."""
    commit = document.get("sha") if isinstance(document, dict) else None
    if not isinstance(commit, str) or not _COMMIT.fullmatch(commit):
        raise HubError("The hub does not say which commit the revision is.")
    return commit


def files_of(entries: Iterable[Any]) -> list[RemoteFile]:
    """The files of a listing. Raises HubError where a path or a size is one that no pack has."""
    found: list[RemoteFile] = []
    for entry in entries:
        if not isinstance(entry, dict) or entry.get("type") != "file":
            continue
        found.append(_file(entry))
        if len(found) > _MOST_FILES:
            raise HubError(f"The repository has more than {_MOST_FILES} files: that is no pack.")
    if len({file.path.casefold() for file in found}) < len(found):
        raise HubError("Two files of the repository have the same name.")
    return found


def _file(entry: dict[str, Any]) -> RemoteFile:
    path, size, large = entry.get("path"), entry.get("size"), entry.get("lfs")
    if not isinstance(path, str) or not is_safe(path):
        raise HubError(f"The repository lists a file {path!r}, which leads elsewhere.")
    sha256, git_sha1 = None, entry.get("oid")
    if isinstance(large, dict):
        sha256, size = large.get("oid", large.get("sha256")), large.get("size", size)
        if not isinstance(sha256, str) or not _SHA256.fullmatch(sha256):
            raise HubError(f"The hub gives no SHA-256 for {path}.")
    elif not isinstance(git_sha1, str) or not _COMMIT.fullmatch(git_sha1):
        raise HubError(f"The hub gives no checksum for {path}.")
    if isinstance(size, bool) or not isinstance(size, int) or size < 0:
        raise HubError(f"The hub gives no size for {path}.")
    return RemoteFile(path, size, sha256, None if sha256 else git_sha1)


def is_safe(path: str) -> bool:
    """Whether a path stays below its folder, on every system."""
    parts = path.split("/")
    return (
        0 < len(path) <= _LONGEST_PATH
        and len(parts) <= _DEEPEST
        and all(part not in {"", ".", ".."} for part in parts)
        and path.isprintable()
        and not set(path) & set('\\:*?"<>|')
    )
