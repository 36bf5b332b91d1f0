"""Installation of packs into the data folder: from a hub or from a folder, whole or not at all."""

from __future__ import annotations

import contextlib
import logging
import re
import shutil
import tomllib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from crispd.errors import Conflict, HubError, NotFound, PackError
from crispd.hub.download import DownloadProgress, RepositoryDownload
from crispd.hub.endpoint import Endpoint, Hub
from crispd.hub.repository import MOST_BYTES, RepositoryName
from crispd.pack_manager.catalogue import CataloguePack, known_pack
from crispd.packs.fine.cross_manifest import read_any_manifest
from crispd.packs.foreign import wanted_files, write_manifest
from crispd.packs.integrity import verify
from crispd.packs.locate import shipped_packs
from crispd.types import PackEntry

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from crispd.hub.repository import RemoteFile

log = logging.getLogger(__name__)

# Beside the packs: what comes, by repository and commit, and what is being made of it.
_INCOMING, _MAKING = ".incoming", ".making"
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


class PackInstaller:
    """``folder``: of the data folder, where packs are installed. One at a time."""

    def __init__(self, folder: Path, endpoint: Endpoint | None = None) -> None:
        self._folder = folder
        self._endpoint = endpoint

    def pull(
        self,
        wanted: str,
        *,
        precision: str | None = None,
        tell: Callable[[DownloadProgress], None] = lambda _: None,
        checking: Callable[[], None] = lambda: None,
        stop: threading.Event | None = None,
    ) -> str:
        """Fetch a pack of the catalogue, or ``owner/name[@revision]``; the name that it has here.

        ``precision``: of its graphs, see ``wanted_files``; None: as the catalogue says.
        ``checking``: called once all has come. Raises NotFound, QueryError, Conflict, HubError,
        DiskFull, PackError or Stopped.
        """
        self.check_wanted(wanted)
        known = known_pack(wanted) or _of_repository(wanted)
        if precision is not None:
            known = replace(known, precision=precision)
        with Hub(self._endpoint or Endpoint.of()) as hub:
            commit = hub.commit(known.repository)
            files, below = _needed(hub.files(known.repository, commit), known)
            place = f"{known.repository.name.replace('/', '--')}@{commit[:12]}"
            incoming = self._folder / _INCOMING / place
            self._forget_other_commits(incoming)
            RepositoryDownload(hub, known.repository, commit, incoming, tell=tell, stop=stop).run(
                files
            )
        checking()
        source = {"repository": known.repository.name, "commit": commit}
        self._install(_together(incoming, below), known.entry, known.precision, source)
        shutil.rmtree(incoming, ignore_errors=True)
        return known.entry.name

    def add_folder(self, folder: Path, name: str = "", precision: str | None = None) -> str:
        """Make a pack of a folder of models; the name that it has here. Its files are linked, or
        copied where they cannot be. ``precision``: as of ``pull``. Raises PackError or Conflict.
        """
        if not folder.is_dir():
            raise PackError(f"{folder} is no folder.")
        name = _as_name(name or folder.resolve().name)
        self._refuse_known(name)
        self._install(folder, PackEntry(name, "installed"), precision, {})
        return name

    def installed(self) -> dict[str, Path]:
        """Folders of installed packs by name."""
        found = self._folder.glob("[!.]*/pack.toml")
        return {manifest.parent.name: manifest.parent for manifest in sorted(found)}

    def here(self) -> dict[str, Path]:
        """The same with those that ship; an installed one goes before."""
        return {folder.name: folder for folder in shipped_packs()} | self.installed()

    def id_of(self, folder: Path) -> str:
        """Name and version, as vectors have it. Raises PackError."""
        return read_any_manifest(folder).id

    def check_wanted(self, wanted: str) -> None:
        """Raise NotFound, QueryError or Conflict where ``pull`` would, before anything is asked."""
        self._refuse_known((known_pack(wanted) or _of_repository(wanted)).entry.name)

    def verify(self, folder: Path) -> str:
        """Read a pack through; its id. Raises PackError."""
        manifest = read_any_manifest(folder)
        verify(folder, manifest)
        return manifest.id

    def remove(self, name: str) -> None:
        """Delete an installed pack. Raises NotFound."""
        folder = self.installed().get(name)
        if folder is None:
            raise NotFound(f"No pack {name!r} is installed here. crispd packs list names them.")
        (folder / "pack.toml").unlink()  # from here on it is none, however far the rest gets
        shutil.rmtree(folder, ignore_errors=True)

    def _refuse_known(self, name: str) -> None:
        if name in self.installed():
            raise Conflict(f"{name} is installed already. To fetch it anew, remove it before.")

    def _forget_other_commits(self, incoming: Path) -> None:
        """What was left of another commit of this repository is gone on from by nobody."""
        for other in incoming.parent.glob(f"{incoming.name.partition('@')[0]}@*"):
            if other != incoming:
                shutil.rmtree(other, ignore_errors=True)

    def _install(
        self, source: Path, entry: PackEntry, precision: str | None, origin: dict[str, str]
    ) -> None:
        """Its graphs are run once, in another process; a name is given to what has passed."""
        making = self._folder / _MAKING / entry.name
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir(parents=True)
        try:
            manifest = write_manifest(
                source, making, precision=precision, name=entry.name,
                languages=entry.languages, licence=entry.licence,
            )  # fmt: skip
            if origin:
                rows = "".join(f'{key} = "{value}"\n' for key, value in origin.items())
                with manifest.open("a", encoding="utf-8") as file:
                    file.write(f"\n[source]\n{rows}")
            self.verify(making)
            shutil.rmtree(self._folder / entry.name, ignore_errors=True)  # what a removal left
            making.rename(self._folder / entry.name)
        except PackError as error:  # of files that whoever asked knows by their own folder
            raise type(error)(str(error).replace(str(making), str(source))) from error
        finally:
            shutil.rmtree(making, ignore_errors=True)


def source_of(folder: Path) -> dict[str, Any]:
    """Where a pack came from: ``repository`` and ``commit``; empty where nothing says so."""
    with contextlib.suppress(OSError, tomllib.TOMLDecodeError):
        found = tomllib.loads((folder / "pack.toml").read_text("utf-8")).get("source")
        return found if isinstance(found, dict) else {}
    return {}


def _of_repository(wanted: str) -> CataloguePack:
    """A pack that only its makers know. Raises NotFound or QueryError."""
    if "/" not in wanted:
        raise NotFound(
            f"No pack is called {wanted!r}. crispd packs list names those that are known; any "
            "other is owner/name of a repository."
        )
    repository = RepositoryName.parse(wanted)
    name = _as_name(repository.name.partition("/")[2])
    return CataloguePack(PackEntry(name, "available"), repository)


def _as_name(text: str) -> str:
    name = re.sub(r"[^a-z0-9._-]+", "-", text.lower()).strip("-.")[:64]
    if not _NAME.fullmatch(name):
        raise PackError(f"{text!r} is no name for a pack. Give letters and digits.")
    return name


def _needed(files: Sequence[RemoteFile], known: CataloguePack) -> tuple[list[RemoteFile], str]:
    """What is to come, and the folder of the repository that is the pack. Raises HubError."""
    below = _folder(files, known)
    prefix = f"{below}/" if below else ""
    here = {file.path.removeprefix(prefix): file for file in files if file.path.startswith(prefix)}
    for file in files if below else ():  # settings that all models of the repository share
        if "/" not in file.path and not file.path.endswith(".onnx"):
            here.setdefault(file.path, file)
    chosen = [here[name] for name in wanted_files(here, precision=known.precision)]
    if not any(file.path.endswith(".onnx") for file in chosen):
        raise HubError(
            f"There is no ONNX model in {known.repository.name}. Choose one that was exported."
        )
    if (total := sum(file.bytes for file in chosen)) > MOST_BYTES:
        raise HubError(f"That would be {total / 2**30:.1f} GB, more than any pack has.")
    return chosen, below


def _folder(files: Sequence[RemoteFile], known: CataloguePack) -> str:
    if not known.below:
        return ""
    folders = {file.path.rpartition("/")[0] for file in files if file.path.endswith(".onnx")}
    named = [path for path in folders if path.rpartition("/")[2].lower() == known.below]
    if not named:
        raise HubError(f"{known.repository.name} has no folder {known.below} with models any more.")
    return min(named, key=len)


def _together(incoming: Path, below: str) -> Path:
    """Settings that lie above the folder of the pack come into it."""
    folder = incoming / below
    for path in incoming.iterdir() if below else ():
        if path.is_file() and not (folder / path.name).exists():
            shutil.copyfile(path, folder / path.name)
    return folder
