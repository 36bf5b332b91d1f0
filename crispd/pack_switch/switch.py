"""The switch: from a choice of another pack to the moment it answers, in a thread of its own."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

import numpy as np

from crispd.errors import Conflict, CrispdError, PackError, StorageError
from crispd.pack_switch.acceptance import check_answers, check_coverage, readable_copies
from crispd.pack_switch.backfill import Backfill, BackfillResult
from crispd.pack_switch.chooser import PackChooser
from crispd.types import PackSwitchProgress

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from crispd.pack_switch.backfill import BackfillSources
    from crispd.pack_switch.places import PackPlaces
    from crispd.packs.manifest import Manifest
    from crispd.packs.pack import Pack
    from crispd.store.pack_vectors import PackChoice, PackReference, PackVectors
    from crispd.types import ImageEncoder, ImageInput, Labels, PhotoRecord, Pixels
    from crispd.vectors.index import VectorIndex

log = logging.getLogger(__name__)

_AWAY_SECONDS = 30.0  # between two looks for drives that are away
_RETRY_SECONDS = 30.0
_COUNT_SECONDS = 1.0
_GRACE_SECONDS = 10.0  # for answers that are being made while it happens
_JOIN_SECONDS = 10.0
_KEEP_SECONDS = 60.0  # after a start, before a copy is made
_VECTORS_AT_ONCE = 256
_DRAIN_ROUNDS = 3


class Answering(Protocol):
    """What answers, as the switch sees it. ``crispd/service`` implements it."""

    def answering(self) -> tuple[Pack, VectorIndex]:
        """The pack that answers and its index."""

    def sources(self) -> BackfillSources:
        """What indexing works with."""

    def stop_indexing(self) -> None:
        """End it; what is in flight is written."""

    def start_indexing(self) -> None:
        """Begin again, with the pack that answers now."""

    def answer_with(self, pack: Pack, index: VectorIndex, chosen: Callable[[], None]) -> None:
        """Prepare all of it, call ``chosen``, and let it answer from now on, without a gap."""

    def release_former(self) -> None:
        """Let go of what answered before."""


@dataclass(frozen=True, slots=True)
class PackLoading:
    """How packs are loaded. ``verify``: raises PackError for one that is not to be run; ``copy``: a
    smaller copy of a photo as pixels; ``words``: what the library is asked in the check;
    ``empty_index``: of so many dimensions.
    """

    verify: Callable[[Path], Manifest]
    encoder: Callable[[Path, Manifest], ImageEncoder]
    whole: Callable[[Path], Pack]
    copy: Callable[[PhotoRecord, ImageInput], Pixels]
    words: Sequence[str]
    empty_index: Callable[[int], VectorIndex]


class PackSwitch:
    """Takes choices by ``use``, ``back`` and ``cancel``, from any thread."""

    def __init__(
        self,
        host: Answering,
        vectors: PackVectors,
        places: PackPlaces,
        loading: PackLoading,
        also: Callable[[], str | None] = lambda: None,
    ) -> None:
        """``also``: a further pack whose vectors are kept."""
        self._host = host
        self._vectors = vectors
        self.places = places
        self._chooser = PackChooser(vectors, places)
        self._loading = loading
        self._also = also
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._ends = threading.Event()  # of the work in hand: stopped, or another choice
        self._progress = PackSwitchProgress()
        self._backfill: Backfill | None = None
        self._count: tuple[str, float, tuple[int, int]] | None = None
        self._thread = threading.Thread(target=self._run, name="crispd-pack-switch", daemon=True)

    def start(self) -> None:
        """Begin; a switch that was on its way goes on."""
        self._thread.start()

    def stop(self) -> None:
        """End. What was encoded stays, and a later start goes on."""
        self._stop.set()
        self._ends.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(_JOIN_SECONDS)

    # --- choices -------------------------------------------------------------------------------

    def choice(self) -> PackChoice:
        """As it stands. Raises StorageError."""
        return self._chooser.choice()

    def coverage(self, pack: str) -> tuple[int, int]:
        """How many photos have vectors of a pack, and how many there are. Raises StorageError."""
        return self._chooser.coverage(pack)

    def use(self, place: str) -> PackChoice:
        """A pack by its name or folder shall answer. Raises PackError or Conflict."""
        return self._begin(self._chooser.use(place))

    def back(self) -> PackChoice:
        """The pack that answered before shall again; one that is on its way is given up. Raises
        NotFound.
        """
        return self._begin(self._chooser.back())

    def _begin(self, choice: PackChoice) -> PackChoice:
        self._ends.set()
        self._wake.set()
        return choice

    def progress(self) -> PackSwitchProgress:
        """How far it is."""
        found, backfill = self._progress, self._backfill
        if found.pack is None or backfill is None:
            return found
        done, total = self._counted(found.pack)
        rate = backfill.rate
        message = found.message if backfill.trouble is None else str(backfill.trouble)
        return replace(
            found,
            done=done,
            total=total,
            images_per_second=round(rate, 2),
            eta_seconds=round((total - done) / rate, 1) if rate else None,
            message=message,
        )

    def _counted(self, pack: str) -> tuple[int, int]:
        """Of all photos, at most every second: every page that is open asks."""
        now = time.monotonic()
        if self._count is None or self._count[0] != pack or now > self._count[1] + _COUNT_SECONDS:
            try:
                coverage = self._vectors.coverage(pack)
            except StorageError:  # a status is shown all the same: it says why
                coverage = (0, 0) if self._count is None else self._count[2]
            self._count = (pack, now, coverage)
        return self._count[2]

    # --- the thread ---------------------------------------------------------------------------

    def _run(self) -> None:
        seconds: float | None = _KEEP_SECONDS  # later only a choice wakes it
        while not self._stop.is_set():
            self._wake.clear()
            self._ends.clear()
            if self._stop.is_set():  # between the two lines above
                return
            target: PackReference | None = None
            try:
                choice = self._vectors.choice()
                if (target := choice.target) is not None:
                    self._switch(choice, target)
                    continue
            except PackError as error:
                self._refuse(target, str(error))
            except CrispdError as error:
                log.warning("the change of the pack goes on later: %s", error)
                self._tell("waiting", message=str(error))
                self._wake.wait(_RETRY_SECONDS)
                continue
            except Exception as error:  # a thread's top: the old pack goes on answering
                log.exception("the change of the pack broke off")
                self._refuse(target, f"It broke off: {type(error).__name__}. See the log.")
            self._progress = PackSwitchProgress()
            if not self._wake.wait(seconds):
                self._tidy()
                seconds = None

    def _switch(self, choice: PackChoice, target: PackReference) -> None:
        if (active := choice.active) is not None:
            self.places.keep(active)
        self._tell("checking", target.id)
        folder = self.places.files_of(target)
        manifest = self._loading.verify(folder)
        if not self._encode_all(folder, manifest):
            return
        self._tell("checking", target.id)
        pack = self._loading.whole(folder)
        index = self._loading.empty_index(pack.dim)
        self._fill(index, pack.id)
        self._check(pack, index, trusted=choice.trusted)
        if self._ends.is_set():
            return
        self._tell("switching", target.id)
        self._host.stop_indexing()
        try:
            if not self._drain(pack):
                return
            self._fill(index, pack.id)
            self._host.answer_with(pack, index, lambda: self._chosen(target))
        finally:
            self._host.start_indexing()
        log.info("%s answers from now on; crispd packs back goes back", pack.id)
        self._stop.wait(_GRACE_SECONDS)
        self._host.release_former()
        self._progress = PackSwitchProgress()
        self._tidy()

    def _chosen(self, target: PackReference) -> None:
        """The moment from which on it answers, also after a kill."""
        with self._chooser.lock:
            choice = self._vectors.choice()
            if choice.target != target:
                raise Conflict("Another pack was asked for meanwhile.")
            self._vectors.choose(
                replace(choice, active=target, previous=choice.active, target=None, trusted=False)
            )

    def _encode_all(self, folder: Path, manifest: Manifest) -> bool:
        """Whether all photos that can be had have vectors; False where something came between."""
        encoder = self._loading.encoder(folder, manifest)
        while True:
            self._tell("encoding", manifest.id)
            result = self._run_backfill(manifest, encoder)
            if self._ends.is_set():
                return False
            _, total = self._vectors.coverage(manifest.id)
            check_coverage(total - result.left, total, result.refused, manifest.id)
            if not result.away:
                return True
            self._tell(
                "waiting", manifest.id,
                message=f"{result.away} photos lie on drives that are not there now; without them "
                f"{manifest.id} would not find them. It goes on once they are back.",
            )  # fmt: skip
            if self._ends.wait(_AWAY_SECONDS):
                return False

    def _run_backfill(self, manifest: Manifest, encoder: ImageEncoder) -> BackfillResult:
        backfill = Backfill(self._host.sources(), manifest, encoder, self._ends)
        self._backfill = backfill
        try:
            return backfill.run()
        finally:
            self._backfill = None

    def _drain(self, pack: Pack) -> bool:
        """Photos that came while it was checked: nothing is indexed now, so there are no more."""
        for _ in range(_DRAIN_ROUNDS):
            if not self._vectors.missing(pack.id):
                break
            self._run_backfill(pack.manifest, pack.image_encoder)
        return not self._ends.is_set()

    def _fill(self, index: VectorIndex, pack_id: str) -> None:
        """Bring an index up to date in small steps: searches go first."""
        sources = self._host.sources()
        reader = sources.database.read()
        wanted, present = set(reader.live_labels(pack_id).tolist()), index.labels()
        index.remove(_labels(set(present.tolist()) - wanted))
        missing = _labels(wanted - set(present.tolist()))
        for labels, vectors in reader.vectors(pack_id, missing):
            for start in range(0, len(labels), _VECTORS_AT_ONCE):
                if self._stop.is_set():
                    return
                sources.throttle.yield_to_searches()
                part = slice(start, start + _VECTORS_AT_ONCE)
                index.add(labels[part], vectors[part])

    def _check(self, pack: Pack, index: VectorIndex, *, trusted: bool) -> None:
        old, old_index = self._host.answering()
        reader = self._host.sources().database.read()

        def copies(labels: Labels) -> list[tuple[int, Pixels]]:
            found = reader.photos_of(labels.tolist())
            first = {label: photos[0] for label, photos in found.items()}
            return readable_copies(first, lambda photo: self._loading.copy(photo, pack.image_input))

        found = check_answers(
            (old, old_index),
            (pack, index),
            same=self._vectors.translation(old.id, pack.id),
            copies=copies,
            words=self._loading.words,
            trusted=trusted,
        )
        log.info("%s has passed: %s", pack.id, found)

    def _refuse(self, target: PackReference | None, reason: str) -> None:
        """Unless another pack was asked for meanwhile."""
        try:
            with self._chooser.lock:
                choice = self._vectors.choice()
                if target is None or choice.target != target:
                    return
                active = choice.active.id if choice.active else "the other"
                log.error("%s does not answer, %s goes on: %s", target.id, active, reason)
                self._vectors.choose(
                    replace(choice, target=None, trusted=False, refused=(target.id, reason))
                )
        except CrispdError as error:
            log.warning("why %s does not answer is not kept: %s", target, error)

    def _tell(self, state: str, pack: str | None = None, message: str | None = None) -> None:
        pack = self._progress.pack if pack is None else pack
        self._progress = PackSwitchProgress(state, pack, message=message)  # type: ignore[arg-type]

    def _tidy(self) -> None:
        """Keep a copy of a pack that ships; forget vectors that no pack of now goes back to."""
        try:
            choice = self._vectors.choice()
            if choice.active is not None:
                self.places.keep(choice.active)
            needed = (choice.active, choice.previous, choice.target)
            self.places.forget_others(*needed)
            if choice.previous is None:  # what was before choices were written stays
                return
            kept = {one.id for one in needed if one} | {self._also()}
            for pack in set(self._vectors.counts()) - kept:
                while self._vectors.forget(pack) and not self._ends.wait(0.05):
                    pass
        except (CrispdError, OSError) as error:
            log.info("what other packs left is removed later: %s", error)


def _labels(labels: set[int]) -> Labels:
    return np.array(sorted(labels), np.int64)
