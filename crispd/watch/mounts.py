"""Kinds of file systems on which the kernel reports nothing of what other machines change."""

from __future__ import annotations

_SILENT = frozenset(
    {
        "nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "afpfs",
        "webdav", "macfuse", "osxfuse", "fusefs",
    }
)  # fmt: skip


def is_silent(kind: str) -> bool:
    """Whether nothing is told of what others change on a file system of this kind."""
    return kind in _SILENT or kind == "fuse" or kind.startswith("fuse.")
