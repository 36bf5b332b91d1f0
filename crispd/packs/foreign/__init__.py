"""Folders that others publish, as packs: what their graphs and settings say becomes a manifest.

``wanted_files`` chooses from a listing, ``describe`` reads a folder without running anything, and
``write_manifest`` makes a pack of it.
"""

from __future__ import annotations

from crispd.packs.foreign.describe import describe
from crispd.packs.foreign.description import FolderDescription
from crispd.packs.foreign.file_choice import wanted_files
from crispd.packs.foreign.write import try_out, write_manifest

__all__ = ["FolderDescription", "describe", "try_out", "wanted_files", "write_manifest"]
