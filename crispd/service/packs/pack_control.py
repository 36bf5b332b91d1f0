"""Packs for administrators: what is here and could be, downloads, and the change of the pack."""

from __future__ import annotations

import logging
import threading
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from crispd.errors import Conflict, CrispdError, NotReady
from crispd.hub.download import DownloadProgress, Stopped
from crispd.library.limits import PACKS
from crispd.pack_manager.advice import Advice, Machine, advise
from crispd.pack_manager.catalogue import catalogue
from crispd.pack_manager.changes import PackChanges
from crispd.pack_manager.installer import PackInstaller
from crispd.packs.sessions.speed import photos_a_second
from crispd.platform.memory import present_mb
from crispd.types import (
    PackActivity,
    PackOverview,
    PackPullProgress,
    PackSwitchProgress,
    RefusedPack,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crispd.config import Settings
    from crispd.pack_switch.switch import PackSwitch
    from crispd.service.live_parts import LiveParts
    from crispd.types import EncodedPhoto, Lease, PackEntry

log = logging.getLogger(__name__)

_JOIN_SECONDS = 5.0
_TIMED = 3  # photos
_COST = {"tiny": 0.5}  # of a photo, mini's being 1


class PackControl:
    """``PackAdministration``. Thread-safe. ``switch``: None in a process that changes nothing."""

    def __init__(self, settings: Settings, live: LiveParts, switch: PackSwitch | None) -> None:
        self._live = live
        self._switch = switch
        self._folder = settings.data_dir / PACKS
        self._installer = PackInstaller(self._folder)
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._pulling: threading.Thread | None = None
        self._pull = PackPullProgress()
        self._speed: tuple[str, float] | None = None

    def overview(self, languages: Sequence[str] = ()) -> PackOverview:
        """All packs, the one that answers first; advice for a reader of these languages."""
        switch = self._changing()
        choice, entries = switch.choice(), self._changes.entries()
        best, why = self._advice(entries, languages)
        refused = None if choice.refused is None else RefusedPack(*choice.refused)
        return PackOverview(
            tuple(entries),
            switch.progress(),
            self._pull,
            refused,
            None if best is None else best.entry.name,
            None if best is None else round(best.hours, 2),
            why,
            self._live.lending.workers(),
        )

    def pull(self, wanted: str, precision: str | None = None) -> None:
        """Begin to fetch a pack of the catalogue or a repository. Raises Conflict, PackError."""
        switch = self._changing()
        with self._lock:
            if self._pulling is not None and self._pulling.is_alive():
                raise Conflict(f"{self._pull.pack} is being fetched. One at a time.")
            self._installer.check_wanted(wanted)
            self._stop.clear()
            self._pull = PackPullProgress("pulling", wanted)
            self._pulling = threading.Thread(
                target=self._fetch,
                args=(wanted, precision, switch),
                name="crispd-pull",
                daemon=True,
            )
            self._pulling.start()

    def cancel_pull(self) -> None:
        """End a download; what has come stays, and the next goes on from there."""
        self._stop.set()

    def use(self, name: str) -> None:
        """This pack shall answer. Raises PackError, Conflict or NotReady."""
        self._changes.use(name)

    def back(self) -> None:
        """The pack that answered before shall again. Raises NotFound."""
        self._changes.back()

    def remove(self, name: str) -> None:
        """Delete an installed pack that does not answer. Raises NotFound or Conflict."""
        fine = self._live.search.fine
        if fine is not None and name == Path(fine.name).name:
            raise Conflict(f"{name} re-ranks shortlists. Take fine_pack out of the settings first.")
        self._changes.remove(name)

    def lend(self, worker: str, pack: str, seconds: float) -> tuple[str | None, Lease | None]:
        """Which pack photos are encoded by now, and some of them. Raises Forbidden."""
        self._changing()
        return self._live.lending.take(worker, pack, seconds)

    def keep_lease(self, worker: str, lease: str) -> None:
        """A sign of life of a worker. Raises NotFound where its lease has ended, or Forbidden."""
        self._live.lending.keep(worker, lease)

    def take_back(self, worker: str, lease: str, made: Sequence[EncodedPhoto]) -> None:
        """What a worker made of them. Raises NotFound, QueryError or Forbidden."""
        self._live.lending.give(worker, lease, made)

    def activity(self) -> PackActivity:
        """How far a change and a download are, for the status."""
        pull = self._pull
        change = PackSwitchProgress() if self._switch is None else self._switch.progress()
        return PackActivity(
            change.state,
            change.pack,
            change.done,
            change.total,
            change.images_per_second,
            change.eta_seconds,
            pull.state,
            pull.pack,
            pull.done,
            pull.total,
            pull.eta_seconds,
        )

    def hint(self) -> str | None:
        """A sentence on better packs, the first time that it is asked for in this data folder."""
        marker = self._folder / ".told"
        if marker.exists() or self._installer.installed():
            return None
        with suppress(OSError):
            self._folder.mkdir(exist_ok=True)
            marker.touch()
            return "Models that find more can be had for a better processor: crispd packs recommend"
        return None

    def stop(self) -> None:
        """End a download, and a change of the pack; both go on another time."""
        self._stop.set()
        if self._switch is not None:
            self._switch.stop()
        if self._pulling is not None:
            self._pulling.join(_JOIN_SECONDS)

    # --- parts --------------------------------------------------------------------------------

    @property
    def switch(self) -> PackSwitch:
        """What changes the pack. Raises NotReady."""
        return self._changing()

    @property
    def _changes(self) -> PackChanges:
        return PackChanges(self._installer, self._changing())

    def _changing(self) -> PackSwitch:
        if self._switch is None:
            raise NotReady("Packs are seen to while crispd serves a data folder it may write.")
        return self._switch

    def _fetch(self, wanted: str, precision: str | None, switch: PackSwitch) -> None:
        def tell(progress: DownloadProgress) -> None:
            self._pull = PackPullProgress(
                "pulling", wanted, progress.done, progress.total, round(progress.rate, 1),
                progress.eta_seconds, progress.waiting,
            )  # fmt: skip

        def checking() -> None:
            self._pull = replace(self._pull, state="checking", eta_seconds=None, message=None)

        try:
            name = self._installer.pull(
                wanted, precision=precision, tell=tell, checking=checking, stop=self._stop
            )
        except Stopped:
            self._pull = PackPullProgress("idle", wanted)
        except CrispdError as error:
            log.error("%s was not fetched: %s", wanted, error)
            self._pull = replace(self._pull, state="failed", eta_seconds=None, message=str(error))
        except Exception as error:  # a thread's top
            log.exception("%s was not fetched", wanted)
            reason = f"It broke off: {type(error).__name__}. See the log."
            self._pull = replace(self._pull, state="failed", eta_seconds=None, message=reason)
        else:
            self._pull = replace(self._pull, state="done", pack=name, eta_seconds=None)

    def _advice(
        self, entries: Sequence[PackEntry], languages: Sequence[str]
    ) -> tuple[Advice | None, str]:
        active = next((entry for entry in entries if entry.state == "active"), None)
        if active is None or active.quality.flickr30k is not None or active.quality.multilingual:
            return None, ""
        memory = present_mb()
        machine = Machine(self.speed(), None if memory is None else int(memory))
        photos = len(self._live.search.library.index)
        found = advise([one.entry for one in catalogue()], machine, photos, languages)
        if not found or not found[0].fits:
            return None, ""
        best = found[0]
        hours = "under an hour" if best.hours < 1 else f"about {best.hours:.0f} hours"
        return best, (
            f"{best.entry.title} finds more and suits this machine; encoding {photos} photos again "
            f"takes {hours}, while the present pack answers."
        )

    def speed(self) -> float:
        """Of the bundled pack's image encoder on this machine, by the one that answers."""
        pack = self._live.search.library.pack
        if self._speed is None or self._speed[0] != pack.id:
            self._speed = (
                pack.id,
                photos_a_second(pack.image_encoder, pack.image_input.size, _TIMED)
                * _COST.get(pack.name, 1),
            )
        return self._speed[1]
