"""Both ways of a system have the same names, and nothing above knows more of Linux than that."""

from __future__ import annotations

import ast
import importlib
import inspect
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "crispd"
TOPICS = sorted(path.stem for path in (PACKAGE / "platform" / "linux").glob("[a-z]*.py"))
# Modules that say so in their first line.
ALONE = {
    path for path in PACKAGE.rglob("*.py") if "Linux only." in path.read_text().partition("\n")[0]
}
EVENTS = ("inotify", "inotify_limits", "inotify_source", "watch_tree")
ROOMS_ALONE = {"systemd"}
# What a Mac has not got, of os, socket, select and the C library.
NAMES = {
    "sched_getaffinity", "sched_setaffinity", "posix_fadvise", "posix_fallocate", "pipe2", "O_PATH",
    "memfd_create", "eventfd", "epoll", "RWF_NOWAIT", "SO_PEERCRED", "SOCK_CLOEXEC",
    "SOCK_NONBLOCK", "AF_NETLINK", "mallopt", "malloc_trim", "getauxval", "inotify_c", "prctl",
    "copy_file_range", "O_TMPFILE", "O_NOATIME", "pidfd_open", "SO_BINDTODEVICE",
}  # fmt: skip
FOLDERS = ("/proc", "/sys")
# A list of folders that are no photo folders anywhere.
PLAIN_WORDS = {PACKAGE / "watch" / "exclusion" / "program_folders.py"}


@pytest.mark.parametrize("topic", TOPICS)
def test_both_ways_have_the_same_names(topic: str) -> None:
    chosen = importlib.import_module(f"crispd.platform.{topic}")
    linux = importlib.import_module(f"crispd.platform.linux.{topic}")
    portable = importlib.import_module(f"crispd.platform.portable.{topic}")
    for name in chosen.__all__:
        assert getattr(chosen, name) is getattr(linux, name)
        other = getattr(portable, name)
        if callable(other) and not inspect.isclass(other):
            ours, theirs = inspect.signature(getattr(linux, name)), inspect.signature(other)
            required = [
                [each.name for each in one.parameters.values() if each.default is each.empty]
                for one in (ours, theirs)
            ]
            assert required[0] == required[1]
            assert ours.return_annotation == theirs.return_annotation


def test_what_is_linux_s_alone_says_so() -> None:
    below = set((PACKAGE / "platform" / "linux").glob("*.py"))
    events = {PACKAGE / "watch" / "events" / f"{name}.py" for name in EVENTS}
    assert below | events <= ALONE
    wrong = []
    for path in sorted(PACKAGE.rglob("*.py")):
        if path in ALONE or path.relative_to(PACKAGE).parts[0] in ROOMS_ALONE:
            continue
        source = path.read_text()
        if not any(word in source for word in (*NAMES, *FOLDERS)):
            continue  # most: parsing them all takes seconds
        for node in ast.walk(ast.parse(source)):
            name = getattr(node, "attr", None) or getattr(node, "id", None)
            if isinstance(node, ast.ImportFrom) and node.module:
                name = node.module.rpartition(".")[2]
            text = node.value if isinstance(node, ast.Constant) else None
            names_folder = isinstance(text, str) and text.startswith(FOLDERS)
            if name in NAMES or (names_folder and path not in PLAIN_WORDS):
                wrong.append(f"{path}:{node.lineno} {name or text}")
    assert not wrong, "\n".join(wrong)


def test_what_is_linux_s_alone_is_imported_where_that_is_asked() -> None:
    """Inside ``if sys.platform...``, or by another module of Linux."""
    names = {".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts) for path in ALONE}
    wrong = []
    for path in sorted(set(PACKAGE.rglob("*.py")) - ALONE):
        source = path.read_text()
        if not any(name in source for name in names):
            continue
        tree = ast.parse(source)
        asked = {
            id(inner)
            for node in ast.walk(tree)
            if isinstance(node, ast.If) and "sys.platform" in ast.unparse(node.test)
            for inner in ast.walk(node)
        }
        wrong += [
            f"{path}:{node.lineno} {node.module}"
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and node.module in names and id(node) not in asked
        ]
    assert not wrong, "\n".join(wrong)
