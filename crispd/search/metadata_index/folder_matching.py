"""Folder matching: the folders that a filter's value names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crispd.types import displayable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    Folder = tuple[int, str]  # a root's id and a path below it


def folder_matcher(
    wanted: str, folders: Iterable[Folder], roots: Mapping[int, str]
) -> Callable[[Folder], bool]:
    """Whether a folder lies in the subtree that ``wanted`` names.

    A path below a root, or an absolute one, goes first. Where no photo lies below such a path, the
    folders of that name at any depth are meant, whatever their case: ``party`` for ``2019/Party``.
    """
    known = {number: displayable(path).rstrip("/") for number, path in roots.items()}
    path = wanted.rstrip("/")

    def exactly(folder: Folder) -> bool:
        root = known.get(folder[0], "")
        return _within(folder[1], path.strip("/")) or _within(_joined(root, folder[1]), path)

    if any(exactly(folder) for folder in folders):
        return exactly
    part = f"/{path.strip('/').casefold()}/"

    def somewhere(folder: Folder) -> bool:
        return part in f"/{_joined(known.get(folder[0], ''), folder[1]).casefold()}/"

    return somewhere


def _within(folder: str, path: str) -> bool:
    return not path or folder == path or folder.startswith(f"{path}/")


def _joined(root: str, folder: str) -> str:
    return f"{root}/{folder}" if folder else root
