"""Errors of a photo folder's path, in sentences."""

from __future__ import annotations

import getpass
import os

from crispd.types import displayable


def why_no_folder(path: str) -> str | None:
    """None for a folder that this user can list."""
    shown = displayable(path)
    try:
        with os.scandir(path) as entries:
            next(entries, None)
    except FileNotFoundError:
        return f"There is no folder {shown}. Several folders are separated with ':'."
    except NotADirectoryError:
        return _no_directory(path, shown)
    except PermissionError:
        return (
            f"The folder {shown} cannot be read by {_user()}: permission denied. Let that user "
            "read and enter it and the folders above it (chmod o+rx), or start crispd as its owner."
        )
    except OSError as error:
        return f"The folder {shown} cannot be read: {error.strerror}."
    return None


def _no_directory(path: str, shown: str) -> str:
    if not os.path.exists(path):  # noqa: PTH110 - names in any bytes; a file on the way to it
        return f"There is no folder {shown}: a part of the path is a file."
    above = displayable(os.path.dirname(path))  # noqa: PTH120 - as above
    return f"{shown} is a file, not a folder. The folder that it lies in: {above}"


def _user() -> str:
    try:
        return getpass.getuser() if os.getuid() == os.geteuid() else str(os.geteuid())
    except (KeyError, OSError):  # a number without a name: in a container
        return f"user {os.geteuid()}"
