"""Kinds of file systems by the kernel's table, and by what mount(8) prints."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from crispd.platform.linux.mounts import file_system, kinds_of_devices
from crispd.platform.portable import mounts as portable
from crispd.watch.mounts import is_silent

TABLE = """22 1 8:2 / / rw,relatime shared:1 - ext4 /dev/sda2 rw
30 22 0:41 / /proc rw - proc proc rw
40 22 8:17 / /media/usb\\040stick rw - exfat /dev/sdb1 rw
50 22 0:52 / /mnt/nas rw - fuse.sshfs me@nas:/ rw
a line that is none
"""
MOUNTS = r"""22 1 8:1 / / rw - ext4 /dev/sda1 rw
30 22 0:40 / /mnt/our\040nas rw shared:1 - nfs4 nas:/photos rw
31 30 0:41 / /mnt/our\040nas/local rw - fuse.sshfs host: rw
nonsense
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/home", "ext4"),
        ("/mnt/our nas/2021", "nfs4"),
        ("/mnt/our nas/local/x", "fuse.sshfs"),
        ("/mnt/our nasty", "ext4"),
    ],
)
def test_mounts(tmp_path: Path, path: str, kind: str) -> None:
    table = tmp_path / "mountinfo"
    table.write_text(MOUNTS)
    assert file_system(path, table) == kind
    assert file_system(path, tmp_path / "none") == ""


def test_devices_of_the_table(tmp_path: Path) -> None:
    (tmp_path / "table").write_text(TABLE)
    found = kinds_of_devices(tmp_path / "table")
    assert found[os.makedev(8, 17)] == "exfat"
    assert found[os.makedev(0, 52)] == "fuse.sshfs"
    assert len(found) == 4
    assert kinds_of_devices(tmp_path / "gone") == {}
    assert Path("/proc").stat().st_dev in kinds_of_devices()


# As macOS, FreeBSD and Linux print them.
PRINTED = """/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)
devfs on /dev (devfs, local, nobrowse)
map auto_home on /System/Volumes/Data/home (autofs, automounted, nobrowse)
//me@nas._smb._tcp.local/photos on /Volumes/My photos (smbfs, nodev, nosuid, mounted by me)
/dev/disk4s1 on /Volumes/Stick (1) (exfat, local, nodev, nosuid, noowners)
/dev/ada0p2 on /usr (ufs)
nas:/photos on /mnt/nas type nfs4 (rw,relatime,addr=10.0.0.1)
nonsense
"""


@pytest.mark.parametrize(
    ("path", "kind", "silent"),
    [
        ("/Users/me", "apfs", False),
        ("/Volumes/My photos/2021", "smbfs", True),
        ("/Volumes/My photosy", "apfs", False),
        ("/Volumes/Stick (1)/a", "exfat", False),
        ("/usr/x", "ufs", False),
        ("/mnt/nas", "nfs4", True),
    ],
)
def test_printed_mounts(path: str, kind: str, silent: bool) -> None:
    assert portable.file_system(path, lambda: PRINTED) == kind
    assert is_silent(kind) is silent
    assert portable.file_system(path, lambda: "") == ""


def test_both_see_the_same_mounts() -> None:
    for path in ("/", "/proc", "/sys", "/dev", os.getcwd()):  # noqa: PTH109 - a string is wanted
        assert portable.file_system(path) == file_system(path)
    kinds = kinds_of_devices()
    found = portable.kinds_of_devices()
    assert found
    assert {device: kinds.get(device) for device in found} == found


def test_without_a_mount_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert portable.file_system("/") == ""
    assert portable.kinds_of_devices() == {}
