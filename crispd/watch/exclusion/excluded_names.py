"""Names of folders that never hold people's photos."""

from __future__ import annotations

# Synology's thumbnails, the recycle bins of Synology, QNAP, Apple and Windows, snapshots of the
# first two, QNAP's and Apple's caches
_EXCLUDED = frozenset(
    {
        "@eadir", "#recycle", "@recycle", "$recycle.bin", "network trash folder", "#snapshot",
        "@sharesnap", "@recently-snapshot", "@__thumb", "lost+found", "__macosx",
        "system volume information",
    }
)  # fmt: skip


def is_excluded_folder(name: str) -> bool:
    """Whether a folder of this name is never walked nor listened to. Hidden ones are not."""
    return name.startswith(".") or name.lower() in _EXCLUDED


def in_excluded_folder(path: str) -> bool:
    """Whether a relative path lies below an excluded folder."""
    return any(is_excluded_folder(part) for part in path.split("/")[:-1])
