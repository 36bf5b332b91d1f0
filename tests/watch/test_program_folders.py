"""Folders that programs keep for themselves are told from albums of the same names."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from crispd.types import FileEvent, Root
from crispd.watch.events.inotify import Inotify
from crispd.watch.events.watch_tree import WatchTree
from crispd.watch.exclusion.app_folders import CACHE_SIGNATURE
from crispd.watch.exclusion.ignore_file import IgnoreRules
from crispd.watch.exclusion.program_folders import ExcludedFolders
from crispd.watch.placement import data_among_photos, own_files_as_photos
from crispd.watch.walk import Walk


def jpg(name: str) -> bool:
    return name.endswith(".jpg")


def put(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if name.endswith("/"):
            path.mkdir(exist_ok=True)
        else:
            path.write_bytes(b"x")


def walked(root: Path, folder: str = "") -> set[str]:
    return {file.path for file in Walk(str(root), jpg, folder)}


def watched(root: Path) -> set[str]:
    """Folders that events are had of."""
    kernel = Inotify()
    try:
        tree = WatchTree(Root(1, str(root)), kernel)
        tree.watch()
        return set(tree._watches)
    finally:
        kernel.close()


# What a program keeps, and beside it what is a photo all the same.
PROGRAMS = {
    "crispd": (
        ["a/data/.crispd-data", "a/data/thumbnails/320px/ab/x.jpg", "a/data/y.jpg"],
        ["a/data2/z.jpg", "a/thumbnails/mine.jpg"],
    ),
    "an older crispd": (
        ["old/crispd.sqlite3", "old/crispd.lock", "old/thumbnails/ab/x.jpg"],
        ["backups/crispd.sqlite3", "backups/mine.jpg"],
    ),
    "thumbnails of a crispd elsewhere": (["cache/thumbnails/480px/ab/x.jpg"], ["480px/mine.jpg"]),
    "a checkout of crispd": (
        ["src/pyproject.toml", "src/crispd/sample_album/x.jpg", "src/models/mini/m"],
        ["src2/crispd/mine.jpg"],
    ),
    "Immich": (
        [f"up/{n}/{f}" for n in ("thumbs", "encoded-video", "profile", "backups")
         for f in (".immich", "u/x.jpg")],
        ["up/upload/.immich", "up/upload/u/mine.jpg", "up/library/.immich", "up/library/m.jpg"],
    ),
    "Immich before its markers": (
        ["im/thumbs/u/x.jpg", "im/encoded-video/u/y.jpg", "im/profile/u/p.jpg"],
        ["im/upload/mine.jpg", "elsewhere/thumbs/mine.jpg", "elsewhere/profile/me.jpg"],
    ),
    "PhotoPrism": (
        ["st/.ppstorage", "st/cache/thumbnails/1/x.jpg", "st/sidecar/2020/y.cr2.jpg"],
        ["originals/2020/mine.jpg", "cache/mine.jpg", "sidecar/mine.jpg"],
    ),
    "Nextcloud": (
        ["nc/appdata_oc1a2b3c4d5e/preview/a/x.jpg", "nc/me/files_trashbin/files/al.d17/x.jpg",
         "nc/me/thumbnails/y.jpg", "nc/me/cache/z.jpg"],
        ["nc/me/files/Photos/mine.jpg", "appdata_of_mine/m.jpg", "cache/files/m.jpg"],
    ),
    "LibrePhotos": (
        ["lp/protected/square_thumbnails/x.jpg", "lp/protected/thumbnails_big/x.jpg",
         "lp/protected/faces/f.jpg"],
        ["lp/data/mine.jpg"],
    ),
    "Lightroom": (
        ["lr/Cat Previews.lrdata/x.jpg", "lr/Cat Smart Previews.lrdata/0/y.jpg"],
        ["lr/Previews/mine.jpg"],
    ),
    "Apple Photos": (
        [f"My.photoslibrary/{n}/x.jpg" for n in ("resources/derivatives", "private", "scopes")],
        ["My.photoslibrary/originals/0/mine.jpg", "resources/derivatives/mine.jpg"],
    ),
    "older Apple Photos": (
        [f"P.photolibrary/{n}/x.jpg" for n in ("Thumbnails", "Previews", "iPod Photo Cache")],
        ["P.photolibrary/Masters/2010/mine.jpg", "P.photolibrary/Modified/edited.jpg"],
    ),
    "iPhoto": (
        ["iPhoto Library/AlbumData.xml", "iPhoto Library/Thumbnails/x.jpg",
         "iPhoto Library/Previews/y.jpg"],
        ["iPhoto Library/Originals/mine.jpg", "Previews/mine.jpg", "Thumbnails/mine.jpg"],
    ),
    "Synology, QNAP, Windows and others by name": (
        [f"nas/{n}/x.jpg" for n in ("@eaDir", "#recycle", "#snapshot", ".@__thumb", "@Recycle",
                                    "@Recently-Snapshot", "$RECYCLE.BIN", "lost+found",
                                    ".picasaoriginals", ".thumbnails", ".dtrash")],
        ["nas/mine.jpg"],
    ),
    "freedesktop": (
        ["ch/thumbnails/normal/x.jpg", "ch/thumbnails/large/y.jpg"], ["ch/normal/mine.jpg"],
    ),
    "darktable": (["dt/mipmaps-0a1b.d/3/x.jpg"], ["dt/mipmaps/mine.jpg"]),
    "Piwigo": (
        ["pw/_data/i/upload/x-sm.jpg", "pw/local/c"], ["pw/upload/mine.jpg", "pw/galleries/m.jpg"],
    ),
    "Lychee": (
        [f"ly/{n}/x.jpg" for n in ("thumb", "thumb2x", "small", "medium")],
        ["ly/big/mine.jpg", "small/mine.jpg", "medium/mine.jpg"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("program", PROGRAMS)
def test_what_a_program_keeps_is_left_out(tmp_path: Path, program: str) -> None:
    theirs, ours = PROGRAMS[program]
    put(tmp_path, *theirs, *ours)
    mine = {name for name in ours if jpg(name)}
    assert walked(tmp_path) == mine
    left_out = ExcludedFolders(str(tmp_path))
    assert {name for name in mine if left_out.file(name)} == set()
    by_name = program == "Synology, QNAP, Windows and others by name"  # nobody asks for those
    for name in filter(jpg, () if by_name else theirs):
        assert left_out.file(name)
        assert walked(tmp_path, name.rpartition("/")[0]) == set()
    folders = watched(tmp_path)
    assert {name.rpartition("/")[0] for name in mine} <= folders


def test_a_marker_counts_from_the_moment_it_is_there(tmp_path: Path) -> None:
    for age in (0, 60):
        folder = tmp_path / f"new {age}"
        put(tmp_path, f"new {age}/thumbnails/x.jpg")
        then = folder.stat().st_mtime - age
        os.utime(folder, (then, then))
        excluded = ExcludedFolders(str(tmp_path))
        assert excluded.file(f"new {age}/thumbnails/x.jpg") is None
        (folder / ".crispd-data").touch()
        assert excluded.file(f"new {age}/thumbnails/x.jpg") == "data of crispd"


def test_nothing_of_a_data_folder_is_watched(tmp_path: Path) -> None:
    put(tmp_path, *PROGRAMS["crispd"][0], *PROGRAMS["crispd"][1])
    assert watched(tmp_path) == {"", "a", "a/data", "a/data2", "a/thumbnails"}


def test_a_cache_says_so_itself(tmp_path: Path) -> None:
    put(tmp_path, "some/x.jpg", "other/CACHEDIR.TAG", "other/mine.jpg", "pipe/mine.jpg")
    (tmp_path / "some" / "CACHEDIR.TAG").write_bytes(CACHE_SIGNATURE + b"\n# of a program\n")
    os.mkfifo(tmp_path / "pipe" / "CACHEDIR.TAG")
    assert walked(tmp_path) == {"other/mine.jpg", "pipe/mine.jpg"}


def test_whoever_wants_them_says_so(tmp_path: Path) -> None:
    put(tmp_path, "A.lrdata/x.jpg", "B.lrdata/y.jpg", "data/.crispd-data", "data/z.jpg")
    (tmp_path / ".crispdignore").write_text("!/A.lrdata/\n!/data/\n")
    ignore = IgnoreRules(str(tmp_path))
    ignore.refresh()
    left_out = ExcludedFolders(str(tmp_path), ignore.wants)
    walk = Walk(str(tmp_path), jpg, "", ignore, excluded_folders=left_out)
    # but a crispd's own data are never wanted
    assert {file.path for file in walk} == {"A.lrdata/x.jpg"}
    assert walk.excluded_by == {"B.lrdata": "previews of Lightroom", "data": "data of crispd"}
    assert left_out.file("A.lrdata/x.jpg") is None


def test_a_link_does_not_lead_into_them(tmp_path: Path) -> None:
    put(tmp_path, "data/.crispd-data", "data/thumbnails/320px/ab/x.jpg", "mine.jpg")
    (tmp_path / "best").symlink_to(tmp_path / "data" / "thumbnails")
    (tmp_path / "best.jpg").symlink_to(tmp_path / "data/thumbnails/320px/ab/x.jpg")
    assert walked(tmp_path) == {"mine.jpg"}


def test_a_root_is_taken_as_it_was_named(tmp_path: Path) -> None:
    """But for what crispd keeps in it, where the data folder is the photo folder."""
    root = tmp_path / "My.photoslibrary" / "resources"
    put(root, "x.jpg")
    assert walked(root) == {"x.jpg"}
    data = tmp_path / "both"
    put(data, ".crispd-data", "thumbnails/320px/ab/x.jpg", "index/y.jpg", "mine.jpg", "2020/m.jpg")
    assert walked(data) == {"mine.jpg", "2020/m.jpg"}
    assert ExcludedFolders(str(data)).file("thumbnails/320px/ab/x.jpg") == "thumbnails of crispd"
    assert own_files_as_photos(str(data)) is None
    assert "no photo folder" in str(own_files_as_photos(str(data / "thumbnails" / "320px")))


def test_the_kernels_files_are_left_out_of_a_whole_machine() -> None:
    left_out = ExcludedFolders("/")
    assert left_out.folder("proc/self")
    assert left_out.folder("sys")
    assert left_out.folder("home") is None
    assert ExcludedFolders("/srv").folder("proc") is None
    # what is left out of "/" is not walked: this would take minutes
    assert list(Walk("/", jpg, "proc")) == []


def test_where_the_data_folder_lies(tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    (tmp_path / "link").symlink_to(photos)
    said = data_among_photos(str(photos / "crispd"), str(tmp_path / "link"))
    assert said is not None
    assert "nothing in it is taken" in said
    assert "is a photo folder too" in str(data_among_photos(str(photos), str(photos)))
    assert data_among_photos(str(tmp_path / "data"), str(photos)) is None
    assert data_among_photos(str(tmp_path / "photos2"), str(photos)) is None
    assert data_among_photos(str(photos / ".local" / "crispd"), str(photos)) is None


def test_a_marker_that_appears_is_an_event(tmp_path: Path) -> None:
    """So that a walk comes by, and what was known of the folder leaves."""
    from crispd.ingest.stages.intake import Intake
    from crispd.ingest.stages.intake_queue import IntakeQueue
    from crispd.ingest.stages.work_queue import WorkQueue
    from crispd.types import EventKind

    asked: list[tuple[int, str]] = []
    events = IntakeQueue()
    intake = Intake(
        {1: Root(1, str(tmp_path))},
        events,
        settle_seconds=0.1,
        jobs=WorkQueue(),
        commit=lambda _: None,
        request_scan=lambda *where: asked.append(where),
        ignored=lambda *_: False,
    )
    events.offer(FileEvent(EventKind.CHANGED, 1, "im/thumbs/.immich"))
    intake._take_events()
    assert asked == [(1, "im/thumbs")]
