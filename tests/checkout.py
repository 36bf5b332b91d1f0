"""A checkout with a virtual environment as ``make run`` leaves it, without installing anything."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).parent.parent
_FILES = ("Makefile", "pyproject.toml", "requirements.lock", "requirements-build.lock", "scripts")


class Checkout:
    """What make needs of this one, in ``folder``; its crispd runs the code of this one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "crispd checkout"
        self.home = folder / "home"
        self.home.mkdir()
        (self.folder / "crispd").mkdir(parents=True)
        for name in _FILES:
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
            copy(ROOT / name, self.folder / name)
        shutil.copytree(ROOT / "crispd" / "sample_album", self.folder / "crispd" / "sample_album")
        self._make_environment(self.folder / ".venv")
        with socket.create_server(("127.0.0.1", 0)) as found:
            self.port = int(found.getsockname()[1])

    def _make_environment(self, path: Path) -> None:
        venv.create(path, symlinks=True, with_pip=False)
        borrowed = [each for each in sys.path if each.endswith("site-packages")]
        packages = next(path.glob("lib/python*/site-packages"))
        (packages / "borrowed.pth").write_text("\n".join([str(ROOT), *borrowed]))
        program = path / "bin" / "crispd"
        program.write_text('#!/bin/sh\nexec "$(dirname "$0")/python" -m crispd "$@"\n')
        program.chmod(0o755)
        (path / ".installed").touch()

    @property
    def environment(self) -> dict[str, str]:
        """A new user's: nothing set, a home with nothing in it."""
        return {"PATH": os.environ["PATH"], "HOME": str(self.home), "CRISPD_PORT": str(self.port)}

    def start(self, *words: str, **more: str) -> subprocess.Popen[str]:
        """``make run``, as a group of its own."""
        return subprocess.Popen(
            self._make(*words), cwd=self.folder, env=self.environment | more,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
        )  # fmt: skip

    def run(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        """``make run`` where it ends by itself, both outputs in one."""
        return subprocess.run(
            self._make(*words), cwd=self.folder, env=self.environment | more, timeout=60,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        )  # fmt: skip

    def crispd(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        """A command of README, in another terminal and another folder."""
        return subprocess.run(
            [str(self.folder / ".venv" / "bin" / "crispd"), *words],
            cwd=self.home, env=self.environment | more, timeout=60,
            capture_output=True, text=True, check=False,
        )  # fmt: skip

    @staticmethod
    def _make(*words: str) -> list[str]:
        return ["make", "--no-print-directory", "run", f"PYTHON={sys.executable}", *words]
